import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import pino from 'pino'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import type { Campo } from '../../fakes/pipedrive/state.js'
import type { Clock } from '../../src/lib/clock.js'
import { accountDocuments } from '../../src/pipedrive/model.js'
import type { TestDatabase } from './database.js'
import { fastClock } from './fast-clock.js'
import { hurried, pressed } from './hurried-clock.js'
import { type TestService, testService } from './service.js'
import { until, untilCount } from './until.js'

/** Of a call to the stand-in, in real time: only there to end a hang. */
export const PATIENT_MS = 60_000
/** Of a call where the stand-in does not answer on purpose. An answer that a busy machine brings later than that is one more fault. */
export const SHORT_MS = 400
export const PROTOCOLO = 'a'.repeat(40)

export const campo = (field_code: string, field_name: string): Campo => ({
  ...{ field_code, field_name, field_type: 'varchar', is_custom_field: true },
  ...{ description: null, options: null },
})

/** A service and an account that share one clock, which can be moved ahead too. */
export interface World {
  readonly fake: FakePipedrive
  readonly service: TestService
  /** All that was logged. */
  readonly log: () => string
  /** Gives a customer to somebody; answers the protocol's number. Repeats what found no time. */
  serve(contato: object | undefined, more?: object): Promise<number>
  /** The work that is owed to Pipedrive, when it is done or dead. While it waits, the clock is moved ahead. */
  ended(n: number): Promise<{ readonly estado: string; readonly motivo?: string }>
  /** Waits until so many wait, each with the reason why. For who asks again and again: `/pipedrive/estado` makes some twenty queries. */
  allWait(count: number): Promise<void>
  /** Waits until nothing is owed; while something waits, the clock is moved ahead. */
  quiet(): Promise<void>
  /** Waits until this holds; while work waits for its time, the clock is moved ahead. */
  comes(holds: () => Promise<boolean> | boolean, what: string): Promise<void>
  /** Waits until all that is owed has ended, at the clock's own pace. Answers how many died. */
  allEnded(count: number): Promise<number>
  /** What Pipedrive has of this protocol: living records only. */
  of(n: number): Records
  readonly read: (n: number) => Promise<Body>
  end(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
type Body = any

export interface Records {
  readonly deals: number
  readonly activities: number
  readonly notes: number
}

export const ONE_EACH: Records = { deals: 1, activities: 1, notes: 1 }

export interface WorldOptions {
  /** How many times as fast the clock runs. */
  readonly factor?: number
  /** Whether the service waits for the rate limit, instead of moving the clock ahead. */
  readonly isPatient?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly consultores?: readonly object[]
  readonly timeoutMs?: number
  /** The service's clock, made of the one that it shares with the account. */
  readonly clockOf?: (shared: Clock) => Clock
  /** Another service's account and database: this one works beside or after it. */
  readonly beside?: { readonly fake: FakePipedrive; readonly database: TestDatabase }
}

/** When a worker looks for what has become due. */
const POLL = 'tarefas.pipedrive.poll'
const PAUSED_JUMP_MS = 15_000
const MOST_JUMP_MS = 1_800_000
const isEnd = (estado: unknown): boolean => estado === 'feita' || estado === 'morta'

export const numeroOf = (n: number): string => `#${String(n).padStart(5, '0')}`

export async function world(options: WorldOptions = {}): Promise<World> {
  const { factor = 60, consultores = [{ id_pipedrive: 11 }], timeoutMs = PATIENT_MS } = options
  const { beside, isPatient = false, clockOf = (shared) => shared } = options
  const fake = beside?.fake ?? (await startFakePipedrive({ clock: fastClock(factor) }))
  if (!beside) fake.state.fields.push(campo(PROTOCOLO, 'Protocolo'))
  let log = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const { clock, press, nextSet } = pressed(isPatient ? fake.clock : hurried(fake.clock), POLL)
  const service = await testService({
    // What it would look for is not what is asked for here, and it would meet the faults first.
    env: {
      PIPEDRIVE_API_TOKEN: TOKEN,
      PIPEDRIVE_BASE_URL: fake.url,
      PIPEDRIVE_RECONCILIAR_MIN: '0',
      ...options.env,
    },
    clock: clockOf(clock),
    logger: pino({ level: 'debug' }, stream),
    pipedriveTimeoutMs: timeoutMs,
    ...(beside && { database: beside.database }),
  })
  const patient = async (method: string, path: string, body: object): Promise<Body> => {
    const headers = { 'idempotency-key': randomUUID() }
    let answer = await service.call(method, path, { body, headers })
    for (let tries = 1; answer.status === 503 && tries < 50; tries += 1) {
      answer = await service.call(method, path, { body, headers })
    }
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  for (const [place, more] of (beside ? [] : consultores).entries()) {
    const body = { nome: `Consultor ${place + 1}`, idiomas: ['pt'], status_online: true, ...more }
    await patient('POST', '/consultor', body)
  }
  const tarefas = service.database.connection.collection('tarefas')
  /** Whose call was refused a moment ago is looked at once more, soon: that one has a reason with a status. */
  const waiting = () => tarefas.countDocuments({ tipo: 'pipedrive', estado: 'pendente', motivo: /^[^:]*$/ })
  const isOpen = { fila: 'pipedrive', estado: { $in: ['pendente', 'em_curso'] } }
  let asked: Promise<Body[]> | undefined
  /** Those who ask meanwhile share one answer: each look of many who wait costs the engine. */
  const allOpen = (): Promise<Body[]> => {
    asked ??= tarefas
      .find<Body>(isOpen)
      .toArray()
      .finally(() => {
        asked = undefined
      })
    return asked
  }
  let paused = PAUSED_JUMP_MS
  /** To when the first of what waits is due; if that has not helped, a pause holds it. Never while somebody works. */
  const jump = (open: readonly Body[]): void => {
    if (open.length === 0 || open.some(({ estado }) => estado === 'em_curso')) return
    const due = Math.min(...open.map(({ vence_em }) => vence_em.getTime())) - fake.clock.now().getTime()
    // What is due and not done is held by a pause: twice as far each time.
    paused = due > 0 ? PAUSED_JUMP_MS : Math.min(paused * 2, MOST_JUMP_MS)
    fake.clock.advance(due > 0 ? due : paused)
    press()
  }
  const comes: World['comes'] = (holds, what) =>
    until(
      async () => {
        if (await holds()) return true
        jump(await allOpen())
        return false
      },
      undefined,
      what,
      nextSet,
    )
  return {
    fake,
    service,
    log: () => log,
    serve: async (contato, more = {}) =>
      Number((await patient('POST', '/vez', { idioma: 'pt', contato, ...more })).protocolo.slice(1)),
    ended: async (n) => {
      let tarefa: Body
      await until(
        async () => {
          const open = await allOpen()
          const its = open.find(({ protocolo, tipo }) => protocolo === n && tipo === 'pipedrive')
          if (its?.estado === 'pendente' && its.tentativas > 0) jump(open)
          if (its) return false
          // Asked for once it is no more among those: no index knows a protocol's work.
          tarefa = await tarefas.findOne<Body>({ protocolo: n, tipo: 'pipedrive' })
          return isEnd(tarefa?.estado)
        },
        undefined,
        `the end of the work for ${n}`,
        nextSet,
      )
      return tarefa
    },
    quiet: () => comes(async () => (await allOpen()).length === 0, 'the end of all work'),
    comes,
    allWait: (count) => until(async () => (await waiting()) === count, undefined, 'all to wait'),
    allEnded: async (count) => {
      // The note is the last step; only then is the database asked, which has enough to do.
      await untilCount(() => fake.state.notes.length, count, 'the number of notes')
      const open = { tipo: 'pipedrive', estado: { $in: ['pendente', 'em_curso'] } }
      await until(async () => (await tarefas.findOne(open)) === null, undefined, 'the end of all work')
      return tarefas.countDocuments({ tipo: 'pipedrive', estado: 'morta' })
    },
    of: (n) => recordsOf(fake, n),
    read: async (n) => (await service.call('GET', `/protocolo/${n}`)).body,
    end: async () => {
      await service.end()
      if (!beside) await fake.end()
    },
  }
}

/** The protocol as it is stored. For who asks again and again: the route reads the turn as well. */
export const stored = ({ database }: Pick<TestService, 'database'>, n: number): Promise<Body> =>
  database.connection.collection<{ _id: number }>('protocolos').findOne({ _id: n })

/** Waits until all of a protocol is at Pipedrive: the note is the last step. */
export const isNoted = (service: Pick<TestService, 'database'>, n: number): Promise<void> =>
  until(async () => (await stored(service, n))?.pipedrive?.nota_id !== undefined, undefined, 'the sync')

/** Waits until these fields of a protocol are so; `null` is also what is not stored. */
export const becomes = (
  service: Pick<TestService, 'database'>,
  n: number,
  expected: Readonly<Record<string, unknown>>,
): Promise<void> =>
  until(
    async () => {
      const found = await stored(service, n)
      return found && Object.entries(expected).every(([field, value]) => (found[field] ?? null) === value)
    },
    undefined,
    JSON.stringify(expected),
  )

/** The tokens of this work; what is read of the account is kept for hours, and not counted. */
export async function tokensOf(fake: FakePipedrive, work: () => Promise<void>): Promise<number> {
  const before = fake.calls.length
  await work()
  return fake.calls
    .slice(before)
    .filter(({ path }) => !/users|pipelines|stages|dealFields|leadLabels/.test(path))
    .reduce((sum, { tokens }) => sum + tokens, 0)
}

/** What the reconciliation looks at once an hour is due again. */
export const longAgo = ({ database }: TestService, { clock }: FakePipedrive) =>
  accountDocuments(database.connection, 'reconciliacao').updateOne(
    { _id: 'reconciliacao' },
    { $set: { raras_em: new Date(clock.now().getTime() - 7_200_000) } },
  )

export function recordsOf({ state }: FakePipedrive, n: number): Records {
  const numero = numeroOf(n)
  const living = <T extends { is_deleted: boolean }>(all: readonly T[]): T[] => all.filter((one) => !one.is_deleted)
  return {
    deals: living(state.deals).filter(({ title }) => title.startsWith(`Atendimento ${numero} –`)).length,
    activities: living(state.activities).filter(({ subject }) => subject === `Atender ${numero}`).length,
    notes: living(state.notes).filter(({ content }) => content.includes(`Protocolo ${numero}<`)).length,
  }
}

/** Persons who have this telephone in any form. */
export const personsWith = ({ state }: FakePipedrive, last8: string): number =>
  state.persons.filter(
    (one) => !one.is_deleted && one.phones.some(({ value }) => value.replace(/\D/g, '').endsWith(last8)),
  ).length
