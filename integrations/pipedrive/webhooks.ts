import { createHmac } from 'node:crypto'
import type { AddWebhookRequest } from 'pipedrive/v1'
import type { Pipedrive } from './client.js'
import { unlessGone } from './failure.js'
import type { GanchoDoPipedrive } from './schema.js'

const PATH = '/webhooks/pipedrive/'

/** The events that we subscribe to. */
const SUBSCRIPTIONS = [
  ['deal', 'change'],
  ['deal', 'delete'],
  ['activity', 'change'],
  ['activity', 'delete'],
  ['person', 'change'],
  ['person', 'delete'],
  ['user', 'change'],
] as const
const OF_LEADS = [
  ['lead', 'change'],
  ['lead', 'delete'],
] as const

/** A customer's newest deal says whose he is, whoever made it. */
const OF_KNOWN_OWNERS = [['deal', 'create']] as const

/** What a service follows at Pipedrive beyond what all do. */
export interface Followed {
  /** Leads too. */
  readonly leads: boolean
  /** Whose customer somebody is. */
  readonly donoConhecido: boolean
}

const subscriptions = ({ leads, donoConhecido }: Followed) => [
  ...SUBSCRIPTIONS,
  ...(leads ? OF_LEADS : []),
  ...(donoConhecido ? OF_KNOWN_OWNERS : []),
]

/** Where Pipedrive shall call us, and what it shall show. */
export interface WebhookTarget extends Followed {
  /** The public address of this service. */
  readonly url: string
  readonly segredo: string
  readonly usuario: string
  readonly senha: string
}

export interface WebhookPlan {
  readonly missing: readonly AddWebhookRequest[]
  /** Older ones of ours: with another secret, address or password, inactive, or duplicates. */
  readonly surplus: readonly GanchoDoPipedrive[]
  readonly kept: readonly GanchoDoPipedrive[]
  /** How many look like ours and seem to be another installation's. */
  readonly foreign: number
}

export const countWebhooks = (followed: Followed): number => subscriptions(followed).length

const prefixOf = (url: string): string => `${url.replace(/\/+$/, '')}${PATH}`

/** A webhook is ours when it calls this address, or any address that holds our secret. */
const isOurs = (hook: GanchoDoPipedrive, { url, segredo }: WebhookTarget): boolean =>
  hook.subscription_url.startsWith(prefixOf(url)) || hook.subscription_url.endsWith(`${PATH}${segredo}`)

/** Tells one password from another by the webhook's name: it is the only part that Pipedrive is sure to return. */
const fingerprint = ({ segredo, usuario, senha }: WebhookTarget): string =>
  createHmac('sha256', segredo).update(`${usuario}:${senha}`).digest('hex').slice(0, 8)

const newWebhook = (
  target: WebhookTarget,
  [event_object, event_action]: ReturnType<typeof subscriptions>[number],
): AddWebhookRequest => ({
  name: `Consultor da vez: ${event_object}.${event_action} [${fingerprint(target)}]`,
  subscription_url: `${prefixOf(target.url)}${target.segredo}`,
  event_action,
  event_object,
  http_auth_user: target.usuario,
  http_auth_password: target.senha,
})

/** Is this webhook as it should be? A webhook cannot be changed, so one that is not is replaced. */
function fits(hook: GanchoDoPipedrive, wanted: AddWebhookRequest): boolean {
  const print = /\[[0-9a-f]{8}\]$/
  const known = print.exec(hook.name ?? '')?.[0]
  return (
    hook.subscription_url === wanted.subscription_url &&
    hook.event_object === wanted.event_object &&
    hook.event_action === wanted.event_action &&
    hook.is_active !== false &&
    (hook.version == null || hook.version === '2.0') &&
    (hook.http_auth_user == null || hook.http_auth_user === wanted.http_auth_user) &&
    (known === undefined || known === print.exec(wanted.name)?.[0])
  )
}

/** Ours among an account's webhooks, whether they fit or not. */
export const ourWebhooks = (all: readonly GanchoDoPipedrive[], target: WebhookTarget): readonly GanchoDoPipedrive[] =>
  all.filter((one) => isOurs(one, target))

/** What is missing of ours among an account's webhooks, and what is too many; everybody else's stay. */
export function planWebhooks(all: readonly GanchoDoPipedrive[], target: WebhookTarget): WebhookPlan {
  const ours = ourWebhooks(all, target)
  const wanted = subscriptions(target).map((one) => newWebhook(target, one))
  const kept = wanted.flatMap((one) => ours.find((hook) => fits(hook, one)) ?? [])
  return {
    missing: wanted.filter((one) => !kept.some((hook) => fits(hook, one))),
    surplus: ours.filter((hook) => !kept.includes(hook)),
    kept,
    foreign: all.filter((one) => !ours.includes(one) && one.subscription_url.includes(PATH)).length,
  }
}

/** Makes the new ones first: meanwhile an event may come twice, but none is lost. Throws a PipedriveFailure. */
export async function applyPlan(pipedrive: Pipedrive, { missing, surplus }: WebhookPlan): Promise<void> {
  for (const one of missing) await pipedrive.addWebhook(one)
  for (const { id } of surplus) await pipedrive.deleteWebhook(id).catch(unlessGone)
}
