import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Connection } from 'mongoose'
import type { Protocolo } from '../../src/protocolos/model.js'
import type { Tarefa } from '../../src/tarefas/model.js'
import { readVez } from '../../src/vez/commit/store.js'
import { isProtocolo } from '../../src/vez/document.js'
import { numeroOf, ONE_EACH, personsWith, recordsOf } from '../support/pipedrive.js'
import { until } from '../support/until.js'
import type { People } from './people.js'
import type { World } from './world.js'

const run = promisify(execFile)
/** All that is owed, on a busy machine: a breaker alone is open for half a minute. */
const DRAIN_MS = 150_000
const SECOND_MS = 1_000
/** What the chat notes of a webhook that it gave up waiting for; what stands before the services hands it on still. */
const NO_ANSWER = 0

const tarefasOf = (connection: Connection) => connection.collection<Tarefa>('tarefas')

/** Waits until nobody waits and nothing is owed. Where all that is open waits for its time, the clocks of both services go there. */
export async function drained({ places, setClock }: World, connection: Connection): Promise<void> {
  const tarefas = tarefasOf(connection)
  const isDone = async (): Promise<boolean> => {
    const { espera, pendentes, eventos } = await readVez(connection)
    if (espera.length + pendentes.filter(isProtocolo).length + eventos.length > 0) return false
    const open = await tarefas.find({ estado: { $in: ['pendente', 'em_curso'] } }).toArray()
    if (open.length === 0) return true
    // Never past the lease of whoever works.
    if (open.some(({ estado }) => estado === 'em_curso')) return false
    const next = Math.min(...open.map(({ vence_em }) => vence_em.getTime())) - Date.now() + SECOND_MS
    await Promise.all(places.filter(({ aheadMs }) => aheadMs < next).map((place) => setClock(place, next)))
    return false
  }
  await until(isDone, DRAIN_MS, 'the end of all work')
}

/** What `npm run verificar` says of the ledger, and whether it agrees. */
export async function verified(uri: string): Promise<{ readonly agrees: boolean; readonly said: string }> {
  const env = { ...process.env, MONGODB_URI: uri }
  const args = ['dist/src/eventos/main.js', '--tudo']
  const ended = run(process.execPath, args, { env }).then(
    ({ stdout }) => ({ agrees: true, said: stdout }),
    (error) => ({ agrees: false, said: `${error.stdout}${error.stderr}` }),
  )
  return ended
}

export interface Books {
  /** What was lost, is there twice, or is of somebody else. */
  readonly wrong: readonly string[]
  readonly protocols: number
  readonly deals: number
  readonly texts: number
  readonly assignments: number
  /** Texts of which nobody knows whether they were sent, told as such. */
  readonly unsure: number
}

/** Compares what clients were told, what is stored and what the doubles have. */
export async function audit(world: World, people: People, connection: Connection): Promise<Books> {
  const { fake, chatwoot } = world
  const vez = await readVez(connection)
  const protocols = await connection.collection<Protocolo>('protocolos').find().sort({ n: 1 }).toArray()
  const dead = await tarefasOf(connection).find({ estado: 'morta' }).toArray()
  const wrong = [...people.wrong]
  const expects = (holds: boolean, what: string): void => void (holds || wrong.push(what))

  expects(protocols.length === vez.seq, `${protocols.length} protocols, and the last number is ${vez.seq}`)
  const numbers = new Map(protocols.map((one) => [one.n, one]))
  const missing = Array.from({ length: vez.seq }, (_, place) => place + 1).filter((n) => !numbers.has(n))
  expects(missing.length === 0, `missing: ${missing.join(', ')}`)
  const keys = protocols.flatMap(({ chave }) => chave ?? [])
  expects(new Set(keys).size === keys.length, `${keys.length} keys, of which ${new Set(keys).size} are different`)
  for (const [key, { n, consultor_id }] of people.told) {
    const one = numbers.get(n)
    expects(one?.chave?.endsWith(`:${key}`) === true, `${key}: told ${n}, which is of ${one?.chave}`)
    expects(one?.consultor_id === consultor_id, `${key}: told consultor ${consultor_id}, stored ${one?.consultor_id}`)
  }
  for (const { tipo, motivo, fila } of dead)
    expects(fila === 'chat' && motivo === 'incerta', `${tipo} died of ${motivo}`)

  for (const status of new Set(chatwoot.statuses))
    expects(status === 200 || status === NO_ANSWER, `a webhook was answered with ${status}`)

  const told = new Map([...people.told.values()].map((one) => [one.n, one]))
  let [texts, assignments, deals] = [0, 0, 0]
  for (const one of protocols) {
    const isChat = one.canal !== undefined
    if (!isChat && told.get(one.n)?.isKnown !== true) continue
    const { deals: own, ...rest } = recordsOf(fake, one.n)
    deals += own
    const [records, expected] = [{ deals: own, ...rest }, ONE_EACH]
    expects(
      JSON.stringify(records) === JSON.stringify(expected),
      `${one.numero}: ${JSON.stringify(records)} at Pipedrive`,
    )
    const last8 = one.contato?.telefone?.slice(-8) ?? ''
    expects(personsWith(fake, last8) === 1, `${one.numero}: ${personsWith(fake, last8)} persons`)
  }
  for (const { id, messages, assignee } of chatwoot.conversations.values()) {
    const own = protocols.filter(({ canal, conversa }) => canal !== undefined && conversa === String(id))
    expects(own.length === 1, `conversation ${id}: ${own.length} protocols`)
    const [one] = own
    if (!one) continue
    const sent = messages.filter(
      (each) => each.message_type === 1 && !each.private && each.content?.includes(numeroOf(one.n)),
    )
    texts += sent.length
    const isUnsure = dead.some(({ payload }) => payload.protocolo === one.n)
    expects(sent.length === 1 || (sent.length === 0 && isUnsure), `${one.numero}: ${sent.length} texts`)
    const email = vez.consultores.get(one.responsavel_id ?? 0)?.email
    expects(assignee?.email === email || isUnsure, `${one.numero}: of ${email}, at the chat of ${assignee?.email}`)
    if (assignee) assignments += 1
  }
  return { wrong, protocols: protocols.length, deals, texts, assignments, unsure: dead.length }
}
