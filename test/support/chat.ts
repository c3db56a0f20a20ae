import { createHmac } from 'node:crypto'
import { type Estado, tarefaCollection } from '../../src/tarefas/model.js'
import type { Answer, Call, TestService } from './service.js'
import { call } from './service.js'
import { until } from './until.js'

/** A chat account as its owner sees it after making it. */
export interface TestCanal {
  readonly slug: string
  readonly segredo: string
  /** The path that the platform calls, secret included where it travels there. */
  readonly path: string
  /** A webhook call of the platform. */
  post(body: unknown, more?: Call): Promise<Answer>
}

type Callable = Pick<TestService, 'url' | 'call'>

let accounts = 0

/** Makes an account over the API, and answers with what its owner would paste. */
export async function testCanal(service: Callable, plataforma: string, more: object = {}): Promise<TestCanal> {
  accounts += 1
  const slug = `conta-${accounts}`
  const made = await service.call('POST', '/canais', { body: { slug, plataforma, nome: 'Conta', ...more } })
  if (made.status !== 200) throw new Error(`the account was refused: ${JSON.stringify(made.body)}`)
  const segredo: string = made.body.segredo ?? ''
  const path = new URL(made.body.webhook_url, 'http://here').pathname
  return {
    slug,
    segredo,
    path,
    post: (body, extra = {}) => call(service.url, 'POST', path, { body, ...extra }),
  }
}

/** A customer's message to a number of an app of Meta, signed by its secret; each customer writes one. */
export function metaMessage(phone_number_id: string, appSecret: string, customer = 0): Call & { readonly raw: string } {
  const one = {
    from: `551198765${phone_number_id}${customer}`,
    id: `wamid.${phone_number_id}.${customer}`,
    timestamp: String(Math.floor(Date.now() / 1_000)),
    type: 'text',
    text: { body: 'oi' },
  }
  const value = { metadata: { phone_number_id }, messages: [one] }
  const raw = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
  return {
    raw,
    headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}` },
  }
}

/** A consultor who is there. */
export async function testConsultor(service: Pick<Callable, 'call'>, nome: string, more: object = {}): Promise<number> {
  const body = { nome, idiomas: ['pt'], status_online: true, ...more }
  return (await service.call('POST', '/consultor', { body })).body.id
}

const outboxOf = ({ connection }: TestService['database']) => tarefaCollection(connection)

/** Whether no work is open. For who asks again and again: the route makes some twenty queries, to list and count all states. */
export const isWorkedOff = async ({ database }: Pick<TestService, 'database'>): Promise<boolean> =>
  (await outboxOf(database).findOne({ estado: { $in: ['pendente', 'em_curso'] } })) === null

/** Whether so many of the outbox, or more, are in a state; as `isWorkedOff` for who asks again and again. */
export async function hasTarefas({ database }: Pick<TestService, 'database'>, estado: Estado, count: number) {
  return (await outboxOf(database).find({ estado }).limit(count).toArray()).length >= count
}

/** The outbox of a state in which work stays, once it has so many; the last that ended first. */
export async function tarefas(
  service: TestService,
  estado: 'feita' | 'morta',
  count: number,
): Promise<readonly { id: string; tipo: string; motivo: string | null }[]> {
  await until(() => hasTarefas(service, estado, count), undefined, `${count} of the outbox: ${estado}`)
  const found = await outboxOf(service.database).find({ estado }).toArray()
  return found
    .sort((a, b) => Number(b.encerrada_em) - Number(a.encerrada_em))
    .map(({ _id: id, tipo, motivo = null }) => ({ id, tipo, motivo }))
}
