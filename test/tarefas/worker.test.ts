import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { createLogger } from '../../src/lib/logger.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import type { Handler } from '../../src/tarefas/attempt.js'
import { Breaker, backoff } from '../../src/tarefas/backoff.js'
import {
  fromDocument,
  type Tarefa,
  type TarefaDocument,
  tarefaCollection,
  toDocument,
  toSequence,
} from '../../src/tarefas/model.js'
import { tarefaStore } from '../../src/tarefas/store.js'
import { startWorker, type Worker } from '../../src/tarefas/worker.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { until } from '../support/until.js'

let database: TestDatabase
const running: Worker[] = []
beforeEach(async () => {
  database = await migratedDatabase()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()))
  await database.end()
})

const collection = () => tarefaCollection(database.connection)
const stateOf = async (id: string) => collection().findOne({ _id: id })

const tarefa = (_id: string, more: Partial<TarefaDocument> = {}): TarefaDocument => {
  const at = more.criada_em ?? new Date()
  return {
    _id,
    tipo: 'texto',
    fila: 'chat',
    estado: 'pendente',
    criada_em: at,
    vence_em: at,
    ordem: toSequence(at),
    tentativas: 0,
    canal: 'c',
    ...more,
  }
}

const handler = (run: Handler['run'], more: Partial<Handler> = {}): Handler => ({
  run,
  repeatable: false,
  maxAgeMs: 86_400_000,
  ...more,
})

function work(handlers: Record<string, Handler>, limit: (canal: string) => number = () => 0): Worker {
  const worker = startWorker({
    store: tarefaStore(database.connection, 'chat'),
    clock: systemClock,
    random: () => 0,
    logger: createLogger('silent', false),
    observer: { finished: () => undefined, oldest: () => undefined },
    handlers,
    limit,
  })
  running.push(worker)
  return worker
}

describe('the outbox', () => {
  it('is worked off once by several workers, and what nobody here can do is left', async () => {
    const done: string[] = []
    const run = async ({ _id }: Tarefa): Promise<void> => void done.push(_id)
    await collection().insertMany(Array.from({ length: 40 }, (_, index) => tarefa(`t${index}`)))
    await collection().insertOne(tarefa('alien', { tipo: 'de_outra_versao' }))
    for (let index = 0; index < 3; index += 1) work({ texto: handler(run) })
    await until(async () => (await collection().countDocuments({ estado: 'feita' })) === 40)
    expect([...done].sort()).toEqual([...new Set(done)].sort())
    expect(done).toHaveLength(40)
    expect((await stateOf('alien'))?.estado).toBe('pendente')
  })

  it('keeps the order of a conversation, while others go on', async () => {
    const done: string[] = []
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const at = new Date()
    await collection().insertMany([
      tarefa('a2', { fio: 'a', ordem: toSequence(at, 2) }),
      tarefa('a1', { fio: 'a', ordem: toSequence(at, 1) }),
      tarefa('a0', { fio: 'a', ordem: toSequence(at, 0) }),
      tarefa('b0', { fio: 'b', ordem: toSequence(at, 0) }),
    ])
    const run = async ({ _id }: Tarefa): Promise<void> => {
      if (_id === 'a0') await gate
      done.push(_id)
    }
    work({ texto: handler(run) })
    work({ texto: handler(run) })
    await until(() => done.includes('b0'))
    expect(done).toEqual(['b0'])
    open()
    await until(() => done.length === 4)
    expect(done).toEqual(['b0', 'a0', 'a1', 'a2'])
  })

  it('lets nobody pass who waits to be tried again', async () => {
    const done: string[] = []
    let tries = 0
    const at = new Date()
    await collection().insertMany([
      tarefa('first', { fio: 'a', ordem: toSequence(at, 0) }),
      tarefa('second', { fio: 'a', ordem: toSequence(at, 1) }),
    ])
    work({
      texto: handler(async ({ _id }) => {
        tries += 1
        if (tries === 1) throw new OutboundFailure('http_503', { waitMs: 400 })
        done.push(_id)
      }),
    })
    await until(() => done.length === 2)
    expect(done).toEqual(['first', 'second'])
  })

  it('is tried again after a failure, not before the platform allows it, and dies when that cannot help', async () => {
    const tries: number[] = []
    const run = async ({ _id }: Tarefa): Promise<void> => {
      if (_id === 'no') throw new OutboundFailure('http_400', { definitive: true })
      tries.push(Date.now())
      if (tries.length === 1) throw new OutboundFailure('http_429', { waitMs: 300 })
    }
    await collection().insertMany([tarefa('later'), tarefa('no'), tarefa('old', { criada_em: new Date(0) })])
    work({ texto: handler(run) })
    await until(async () => (await stateOf('later'))?.estado === 'feita')
    expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(300)
    expect(await stateOf('no')).toMatchObject({ estado: 'morta', motivo: 'http_400', tentativas: 1 })
    expect(await stateOf('old')).toMatchObject({ estado: 'morta', motivo: 'vencida' })
  })

  it('ends after ten attempts', async () => {
    let tries = 0
    const run = async (): Promise<void> => {
      tries += 1
      throw new OutboundFailure('sem_conexao')
    }
    await collection().insertOne(tarefa('t', { tentativas: 8 }))
    work({ texto: handler(run) })
    await until(async () => (await stateOf('t'))?.estado === 'morta')
    expect(tries).toBe(2)
    expect(await stateOf('t')).toMatchObject({ motivo: 'tentativas_esgotadas: sem_conexao', tentativas: 10 })
  })
})

describe('an outcome that nobody knows', () => {
  const lost = new OutboundFailure('sem_resposta', { unknown: true })

  it('kills a text as incerta, and repeats an assignment', async () => {
    let assigned = 0
    await collection().insertMany([tarefa('text'), tarefa('assign', { tipo: 'atribuir' })])
    work({
      texto: handler(() => Promise.reject(lost)),
      atribuir: handler(
        async () => {
          assigned += 1
          if (assigned === 1) throw lost
        },
        { repeatable: true },
      ),
    })
    await until(async () => (await stateOf('assign'))?.estado === 'feita')
    await until(async () => (await stateOf('text'))?.estado === 'morta')
    expect(await stateOf('text')).toMatchObject({ motivo: 'incerta', tentativas: 1 })
    expect(assigned).toBe(2)
  })

  it('is looked up where the platform can tell: sent is done, not sent is sent', async () => {
    const sent = new Set<string>()
    let runs = 0
    const run = async ({ _id }: Tarefa): Promise<void> => {
      runs += 1
      if (_id === 'arrived' || runs > 2) sent.add(_id)
      if (runs <= 2) throw lost
    }
    await collection().insertMany([tarefa('arrived', { fio: 'a' }), tarefa('lost', { fio: 'b' })])
    work({ texto: handler(run, { wasDone: async ({ _id }) => sent.has(_id) }) })
    await until(async () => (await collection().countDocuments({ estado: 'feita' })) === 2)
    expect(runs).toBe(3)
    expect([...sent].sort()).toEqual(['arrived', 'lost'])
  })

  it('is that of a worker that died: its lease ends, and another takes the work up as one that may have happened', async () => {
    const past = new Date(Date.now() - 1)
    const mine = { estado: 'em_curso' as const, lease: 'of the dead', vence_em: past, tentativas: 1 }
    await collection().insertMany([tarefa('text', mine), tarefa('assign', { ...mine, tipo: 'atribuir' })])
    let assigned = 0
    let sent = 0
    work({
      texto: handler(async () => {
        sent += 1
      }),
      atribuir: handler(
        async () => {
          assigned += 1
        },
        { repeatable: true },
      ),
    })
    await until(async () => (await stateOf('assign'))?.estado === 'feita')
    await until(async () => (await stateOf('text'))?.estado === 'morta')
    expect(await stateOf('text')).toMatchObject({ motivo: 'incerta' })
    expect([assigned, sent]).toEqual([1, 0])
  })

  it('is not decided by whoever lost the lease: a release matches it', async () => {
    const store = tarefaStore(database.connection, 'chat')
    const one = fromDocument(tarefa('t'))
    await collection().insertOne(toDocument(one))
    const at = (ms: number): Date => new Date(one.vence_em.getTime() + ms)
    expect(await store.claim([one], 'first', at(0), at(50))).toEqual(new Set(['t']))
    expect(await store.claim([one], 'second', at(49), at(99))).toEqual(new Set())
    expect(await store.abandoned(at(49), 10)).toEqual([])
    const [again] = await store.abandoned(at(50), 10)
    if (!again) throw new Error('its lease has ended')
    expect(await store.claim([again], 'second', at(50), at(60_000))).toEqual(new Set(['t']))
    await store.release(again, 'first', { estado: 'morta' })
    expect(await stateOf('t')).toMatchObject({ estado: 'em_curso', lease: 'second' })
    await store.release(again, 'second', { estado: 'feita' })
    expect(await stateOf('t')).toMatchObject({ estado: 'feita' })
  })
})

describe('an account', () => {
  it('is asked no more than it may be, while others go on', async () => {
    const done: string[] = []
    let asked = 0
    const limit = (canal: string): number => {
      if (canal !== 'c') return 0
      asked += 1
      return asked <= 2 ? 0 : 60_000
    }
    await collection().insertMany(Array.from({ length: 6 }, (_, index) => tarefa(`c${index}`)))
    work({ texto: handler(async ({ payload }) => void done.push(payload.canal ?? '')) }, limit)
    await until(async () => (await collection().countDocuments({ estado: 'feita' })) === 2)
    await until(async () => {
      const waiting = await collection().find({ estado: 'pendente' }).toArray()
      return waiting.length === 4 && waiting.every(({ vence_em }) => vence_em.getTime() > Date.now())
    })
    await collection().insertOne(tarefa('other', { canal: 'another' }))
    await until(() => done.includes('another'))
    expect(done.filter((canal) => canal === 'c')).toHaveLength(2)
  })
})

describe('a platform in trouble', () => {
  it('is tried again though the one attempt was never made', () => {
    let elapsed = 0
    const breaker = new Breaker({ ...systemClock, elapsed: () => elapsed })
    for (let index = 0; index < 5; index += 1) breaker.failed()
    elapsed = 30_000
    expect(breaker.waitMs()).toBe(0)
    elapsed = 59_000
    expect(breaker.waitMs()).toBeGreaterThan(0)
    elapsed = 60_000
    expect(breaker.waitMs()).toBe(0)
  })

  it('is left alone after five failures in a row, then tried once', () => {
    let elapsed = 0
    const breaker = new Breaker({ ...systemClock, elapsed: () => elapsed })
    for (let index = 0; index < 5; index += 1) {
      expect(breaker.waitMs()).toBe(0)
      breaker.failed()
    }
    expect(breaker.waitMs()).toBe(30_000)
    elapsed = 30_000
    expect(breaker.waitMs()).toBe(0)
    expect(breaker.waitMs()).toBeGreaterThan(0)
    breaker.failed()
    expect(breaker.waitMs()).toBe(30_000)
    elapsed = 60_000
    expect(breaker.waitMs()).toBe(0)
    breaker.succeeded()
    expect(breaker.waitMs()).toBe(0)
  })

  it('costs its waiting work no attempt', async () => {
    let calls = 0
    await collection().insertMany(Array.from({ length: 20 }, (_, index) => tarefa(`t${index}`, { fio: `${index}` })))
    work({
      texto: handler(async () => {
        calls += 1
        throw new OutboundFailure('http_503', { waitMs: 60_000 })
      }),
      assign: handler(async () => undefined),
    })
    // All are dealt with: called, or put off without a call.
    await until(async () => {
      const open = [{ estado: 'em_curso' as const }, { estado: 'pendente' as const, vence_em: { $lte: new Date() } }]
      return calls >= 5 && (await collection().countDocuments({ $or: open })) === 0
    })
    expect(calls).toBeLessThanOrEqual(9)
    expect(await collection().countDocuments({ tentativas: 0 })).toBe(20 - calls)
    // Another account is none of its business, well before this one is tried again.
    await collection().insertOne(tarefa('other', { canal: 'another', tipo: 'assign' }))
    await until(async () => (await stateOf('other'))?.estado === 'feita')
  })

  it('is not one that refuses what cannot be right: it is there', async () => {
    await collection().insertMany(Array.from({ length: 12 }, (_, index) => tarefa(`t${index}`)))
    work({ texto: handler(() => Promise.reject(new OutboundFailure('http_400', { definitive: true }))) })
    await until(async () => (await collection().countDocuments({ estado: 'morta' })) === 12)
  })

  it('waits with full jitter, and never more than five minutes', () => {
    expect(backoff(0, () => 0.5)).toBe(500)
    expect(backoff(3, () => 0.5)).toBe(4_000)
    expect(backoff(30, () => 1)).toBe(300_000)
    expect(backoff(30, () => 0)).toBe(0)
  })
})

describe('a worker whose work is all of one account', () => {
  it('asks for nothing while nothing could be started, and tells how old the oldest is all the same', async () => {
    let looks = 0
    let free = (): void => undefined
    const held = new Promise<void>((resolve) => {
      free = resolve
    })
    const store = tarefaStore(database.connection, 'chat')
    for (let place = 0; place < 8; place += 1) await collection().insertOne(tarefa(`one-${place}`))
    const ages: number[] = []
    const worker = startWorker({
      store: {
        ...store,
        due: (...range) => {
          looks += 1
          return store.due(...range)
        },
      },
      account: 'conta',
      clock: systemClock,
      random: () => 0,
      logger: createLogger('silent', false),
      observer: { finished: () => undefined, oldest: (ms) => ages.push(ms) },
      handlers: { texto: handler(() => held) },
      limit: () => 0,
    })
    try {
      await until(async () => (await collection().countDocuments({ estado: 'em_curso' })) === 4)
      const before = looks
      const told = ages.length
      await until(() => {
        worker.wake()
        return ages.length >= told + 3
      })
      expect(looks).toBe(before)
      expect(ages.at(-1)).toBeGreaterThan(0)
      free()
      await until(async () => (await collection().countDocuments({ estado: 'feita' })) === 8)
    } finally {
      free()
      await worker.stop()
    }
  })
})
