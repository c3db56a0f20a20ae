import { z } from 'zod'
import type { AsPerson } from './as-person.js'
import type { FakePipedrive } from './fake.js'
import { ANSWERS, type How } from './faults.js'
import { checked, given, Refusal } from './request.js'
import { PAGE } from './ui.js'
import { showWebhook } from './webhooks.js'

const id = z.int().min(1)
const ACT = z.strictObject({ acao: z.string(), id, valor: z.union([z.string(), z.number()]).optional() })

/** What a person does, by the names that the page uses. */
const ACTS: Readonly<Record<string, (person: AsPerson, id: number, value: string | number | undefined) => void>> = {
  concluir: (person, one) => person.finishActivity(one),
  reabrir: (person, one) => person.reopenActivity(one),
  mover_atividade: (person, one, user) => person.moveActivity(one, Number(user)),
  trocar_dono: (person, one, user) => person.changeOwner(one, Number(user)),
  mover_etapa: (person, one, stage) => person.moveStage(one, Number(stage)),
  ganhar: (person, one) => person.close(one, 'won'),
  perder: (person, one, reason) => person.close(one, 'lost', reason === undefined ? undefined : String(reason)),
  reabrir_negocio: (person, one) => person.reopen(one),
  arquivar: (person, one) => person.archive(one),
  desarquivar: (person, one) => person.unarchive(one),
  excluir: (person, one) => person.delete(one),
  excluir_pessoa: (person, one) => person.deletePerson(one),
  juntar_pessoas: (person, one, into) => person.mergePersons(one, Number(into)),
  juntar_negocios: (person, one, into) => person.mergeDeals(one, Number(into)),
  desativar: (person, one) => person.deactivate(one),
}

function act(fake: FakePipedrive, sent: z.output<typeof ACT>): void {
  const work = ACTS[sent.acao]
  if (!work) throw new Refusal(400, `Unknown acao: ${Object.keys(ACTS).join(', ')}`)
  work(fake.asPerson, sent.id, sent.valor)
}

const NAMES = ['cortar_antes', 'cortar_depois', 'demorar', 'metade', 'html', 'vazio', 'redirecionar'] as const
const ANSWER_NAMES = [
  'burst',
  'burstRetryAfter',
  'budgetGone',
  'cloudflare',
  'planLimit',
  'forbidden',
  'unauthorized',
  'unpaid',
  'maintenance',
  'emptyError',
  'error',
] as const
const FAULT = z.strictObject({
  method: z.string(),
  /** A regular expression over the path without `/api`. */
  path: z.string(),
  times: z.int().min(1).default(1),
  skip: z.int().min(0).optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  how: z.union([
    z.enum(NAMES),
    z.strictObject({ lentoMs: z.int().min(0) }),
    z.strictObject({ resposta: z.enum(ANSWER_NAMES) }),
    z.strictObject({ antes: ACT }),
  ]),
})

function how(fake: FakePipedrive, sent: z.output<typeof FAULT>['how']): How {
  if (typeof sent === 'string' || 'lentoMs' in sent) return sent
  if ('resposta' in sent) return ANSWERS[sent.resposta]
  const { antes } = sent
  return { antes: () => act(fake, antes) }
}

const SEED = z.strictObject({ mesmo_telefone: z.int().min(2).max(3).optional(), negocios: z.int().min(1).optional() })
const flag = z.boolean().optional()
const ms = z.int().min(0).optional()
const SWITCHES = z.strictObject({
  lagMs: ms,
  staleMs: ms,
  assignTo: id.nullable().optional(),
  omitDailyHeaders: flag,
  omitRateHeaders: flag,
  omitNextCursor: flag,
  fieldSearchAsList: flag,
  omitCapCode: flag,
  phoneSearch: z.enum(['inicio_ou_fim', 'inicio']).optional(),
})
const WEBHOOK_SWITCHES = z.strictObject({
  duplicate: flag,
  outOfOrder: flag,
  delayMs: ms,
  drop: flag,
  v1Body: flag,
  permitted: ms.nullable(),
  unknownEntity: flag,
  otherCompany: flag,
  idsAsStrings: flag,
})
const CLOCK = z.strictObject({ avancar_ms: z.int().min(0) })

type Route = (fake: FakePipedrive, sent: unknown) => unknown

const summary = (fake: FakePipedrive): object => {
  const { webhooks, ...rest } = fake.state
  const hidden = webhooks.map((one) => ({ ...showWebhook(one), http_auth_password: undefined }))
  const { clock, limits, unplanned, switches, webhookSwitches } = fake
  return { ...rest, webhooks: hidden, agora: clock.now().toISOString(), limits, unplanned, switches, webhookSwitches }
}

const ROUTES: Readonly<Record<string, Route>> = {
  'GET state': (fake) => summary(fake),
  'POST reset': (fake) => fake.reset(),
  'POST seed': (fake, sent) => {
    const { mesmo_telefone, negocios } = checked(SEED, sent)
    if (mesmo_telefone !== undefined) fake.seed.samePhone(mesmo_telefone)
    if (negocios !== undefined) fake.seed.deals(negocios)
  },
  'GET faults': (fake) => ({ left: fake.faultsLeft() }),
  'POST faults': (fake, sent) => {
    const { path, skip, probability, seed, ...rest } = checked(FAULT, sent)
    const more = { ...(skip && { skip }), ...(probability !== undefined && { probability }), ...(seed && { seed }) }
    fake.fault({ ...rest, ...more, path: new RegExp(path), how: how(fake, rest.how) })
  },
  'POST switches': (fake, sent) => void Object.assign(fake.switches, given(checked(SWITCHES, sent))),
  'POST webhooks': (fake, sent) => void Object.assign(fake.webhookSwitches, given(checked(WEBHOOK_SWITCHES, sent))),
  'GET clock': (fake) => ({ agora: fake.clock.now().toISOString() }),
  'POST clock': (fake, sent) => {
    fake.clock.advance(checked(CLOCK, sent).avancar_ms)
    return { agora: fake.clock.now().toISOString() }
  },
  'GET calls': (fake) => fake.calls,
  'GET events': (fake) => fake.events,
  'POST act': (fake, sent) => act(fake, checked(ACT, sent)),
}

export interface ControlAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/**
 * What is under `/__fake/`: for tests in other processes, and for people.
 * @param name what comes after `/__fake/`
 */
export function control(fake: FakePipedrive, method: string, name: string, body: string): ControlAnswer {
  const json = (status: number, value: unknown): ControlAnswer => ({
    status,
    type: 'application/json',
    text: JSON.stringify(value ?? { ok: true }),
  })
  if (method === 'GET' && name === 'ui') return { status: 200, type: 'text/html; charset=utf-8', text: PAGE }
  const route = ROUTES[`${method} ${name}`]
  if (!route) return json(404, { routes: [...Object.keys(ROUTES), 'GET ui'] })
  try {
    return json(200, route(fake, body === '' ? undefined : JSON.parse(body)))
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, { error: error.message })
    if (error instanceof SyntaxError) return json(400, { error: error.message })
    throw error
  }
}
