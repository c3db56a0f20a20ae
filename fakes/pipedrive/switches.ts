/** How the account behaves besides being used: all off at the start. */
export interface Switches {
  /** The search index knows the account as it was so many ms ago. */
  lagMs: number
  /** Lists show the account as it was so many ms ago. */
  staleMs: number
  /** A rule of "Automatic assignment" gives each deal that is made to this user. */
  assignTo: number | null
  /** `x-daily-*` go missing on the real service. */
  omitDailyHeaders: boolean
  /** No rate header at all. */
  omitRateHeaders: boolean
  /** The last page has no `next_cursor` instead of `null`. */
  omitNextCursor: boolean
  /** `/itemSearch/field` answers a bare list, as the official client's types have it. */
  fieldSearchAsList: boolean
  /** What a telephone is found by: its beginning or its end, or its beginning only. */
  phoneSearch: 'inicio_ou_fim' | 'inicio'
  /** A plan's refusal has no `code`. */
  omitCapCode: boolean
}

/** What goes wrong with the webhooks that leave: all off at the start. */
export interface WebhookSwitches {
  /** Each event arrives twice. */
  duplicate: boolean
  /** Two events at a time, the later one first. */
  outOfOrder: boolean
  delayMs: number
  /** Events are lost. */
  drop: boolean
  /** A body of version 1 whatever the subscription says. */
  v1Body: boolean
  /** So many ids in `permitted_user_ids`; `null`: the active users. */
  permitted: number | null
  /** An entity that no documentation names. */
  unknownEntity: boolean
  /** The event comes from another company. */
  otherCompany: boolean
  /** Numbers in `data` are strings. */
  idsAsStrings: boolean
}

export const newSwitches = (): Switches => ({
  lagMs: 0,
  staleMs: 0,
  assignTo: null,
  omitDailyHeaders: false,
  omitRateHeaders: false,
  omitNextCursor: false,
  fieldSearchAsList: false,
  omitCapCode: false,
  phoneSearch: 'inicio_ou_fim',
})

export const newWebhookSwitches = (): WebhookSwitches => ({
  duplicate: false,
  outOfOrder: false,
  delayMs: 0,
  drop: false,
  v1Body: false,
  permitted: null,
  unknownEntity: false,
  otherCompany: false,
  idsAsStrings: false,
})
