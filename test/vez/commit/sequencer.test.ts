import { describe, expect, it } from '@jest/globals'
import { type Clock, systemClock } from '../../../src/lib/clock.js'
import { Sequencer } from '../../../src/vez/commit/sequencer.js'
import type { VezStore } from '../../../src/vez/commit/store.js'
import { signWrite, type Update } from '../../../src/vez/commit/update.js'
import { type Claim, type Claims, isProtocolo, type Vez } from '../../../src/vez/document.js'
import type { Command, CommandResult } from '../../../src/vez/rules/commands.js'
import { noPriorProtocols, type PriorProtocols } from '../../../src/vez/rules/prior-protocols.js'
import { until } from '../../support/until.js'
import { applyUpdate, chat, decideAt, outcome, turn, vezOf } from '../../support/vez.js'
import { VirtualClock } from '../../support/virtual-clock.js'

/** The document in memory, with a say in what each step does. */
class Memory implements VezStore {
  vez: Vez
  known_: PriorProtocols = noPriorProtocols
  reads = 0
  commits = 0
  claims: Claims = {}
  /** The versions whose roster was written down. */
  begun: number[] = []
  /** What the next commits do: `write` first applies it, then answers with the rest. */
  fates: ('miss' | 'lost' | 'written, answer lost')[] = []
  before: (() => void)[] = []

  constructor(vez: Vez) {
    this.vez = vez
  }

  async read(): Promise<Vez> {
    this.reads += 1
    return this.vez
  }

  async readAfter(writeId: string): Promise<{ vez: Vez; claims: Claims } | undefined> {
    return this.vez.previousWriteId === writeId ? undefined : { vez: this.vez, claims: this.claims }
  }

  async findPrior(): Promise<PriorProtocols> {
    return this.known_
  }

  async beginLedger({ versao }: Vez): Promise<void> {
    this.begun.push(versao)
  }

  async claim(processId: string, claim: Claim): Promise<void> {
    this.claims = { ...this.claims, [processId]: claim }
  }

  async commit(guard: Vez, update: Update): Promise<Claims | undefined> {
    this.commits += 1
    this.before.shift()?.()
    const fate = this.fates.shift()
    if (fate === 'lost') throw new Error('the network broke')
    if (fate === 'miss' || guard.versao !== this.vez.versao || guard.previousWriteId !== this.vez.previousWriteId)
      return undefined
    this.vez = applyUpdate(guard, update)
    if (fate === 'written, answer lost') throw new Error('the network broke')
    return this.claims
  }
}

let lotes = 0
function sequencerOn(store: Memory, clock: Clock = systemClock): Sequencer {
  return new Sequencer({
    store,
    clock,
    random: () => 0.5,
    processId: 'p',
    newWriteId: () => {
      lotes += 1
      return `p${lotes}`
    },
    esperaIntervaloMs: 0,
    onSnapshot: () => undefined,
    observer: { batch: () => undefined, miss: () => undefined },
  })
}

/** Somebody else's write. */
const elsewhere = (vez: Vez, ...commands: Command[]): Vez =>
  signWrite(decideAt(vez, commands, { now: new Date() }).vez, 'other', new Date())
const online = (id: number, on: boolean): Command => ({ tipo: 'alterar', id, mudanca: { online: on } })
const drainedWith = (vez: Vez): { vez: Vez; known: PriorProtocols } => ({
  vez: { ...vez, pendentes: [] },
  known: {
    byContact: new Map(),
    byKey: new Map(
      vez.pendentes.flatMap((entry) =>
        isProtocolo(entry) && entry.chave
          ? [
              [
                entry.chave,
                { ...entry, contato_ids: [], status: 'aberto', responsavel_id: 1, ultimo_contato_em: entry.created_at },
              ],
            ]
          : [],
      ),
    ),
  },
})

describe('a miss', () => {
  it('is decided again, on a fresh image and with a fresh look-up of the keys', async () => {
    const store = new Memory(vezOf([{}, {}]))
    const sequencer = sequencerOn(store)
    await sequencer.submit(turn())
    store.before.push(() => {
      const { vez, known } = drainedWith(elsewhere(store.vez, turn('pt', { chave: 'k' })))
      store.vez = vez
      store.known_ = known
    })
    const answer = await sequencer.submit(turn('pt', { chave: 'k' }))
    expect(answer).toMatchObject({ situacao: 'atribuido', repetida: true, atribuicao: { n: 2, consultor_id: 2 } })
    expect(store.vez.seq).toBe(2)
  })

  it('of many in a row has no limit of its own: the request is served as long as it may wait', async () => {
    const store = new Memory(vezOf([{}]))
    store.fates = Array(40).fill('miss')
    expect(outcome(await sequencerOn(store).submit(turn()))).toBe(1)
  })

  it('that follows another leaves a claim on the document, which goes on with the write', async () => {
    const store = new Memory(vezOf([{}]))
    store.fates = ['miss']
    const sequencer = sequencerOn(store)
    await sequencer.submit(turn())
    expect(store.claims).toEqual({})
    store.fates = ['miss', 'miss']
    await sequencer.submit(turn())
    expect(store.claims).toEqual({ p: { ms: expect.any(Number), n: 1 } })
  })
})

describe('a claim of another process', () => {
  it('is waited for, and a connection that is lost meanwhile costs no answer', async () => {
    const store = new Memory(vezOf([{}]))
    store.claims = { other: { ms: 100, n: 1 } }
    const clock = new VirtualClock()
    const sequencer = sequencerOn(store, clock)
    const first = sequencer.submit(turn())
    await clock.pass(1)
    expect(outcome(await first)).toBe(1)
    let isAnswered = false
    const second = sequencer.submit(turn()).finally(() => {
      isAnswered = true
    })
    await clock.pass(10)
    expect(isAnswered).toBe(false)
    sequencer.forgetSnapshot()
    await clock.pass(300)
    expect(outcome(await second)).toBe(1)
    expect(store.vez.seq).toBe(2)
  })
})

describe('an unknown outcome', () => {
  it('that was written is answered as it was decided, once it is found in autores', async () => {
    const store = new Memory(vezOf([{}, {}]))
    store.fates = ['written, answer lost']
    const answer = await sequencerOn(store).submit(turn())
    expect(answer).toMatchObject({ situacao: 'atribuido', versao: 1, lugar: 1, atribuicao: { n: 1, consultor_id: 1 } })
    expect([store.vez.seq, store.commits]).toEqual([1, 1])
  })

  it('that was lost is decided again', async () => {
    const store = new Memory(vezOf([{}, {}]))
    store.fates = ['lost']
    expect(outcome(await sequencerOn(store).submit(turn()))).toBe(1)
    expect([store.vez.seq, store.commits]).toEqual([1, 2])
  })

  it('that cannot be found out is no answer', async () => {
    const store = new Memory(vezOf([{}]))
    store.fates = Array(1_000).fill('lost')
    const clock = new VirtualClock()
    const refused = expect(sequencerOn(store, clock).submit(turn())).rejects.toMatchObject({ status: 503 })
    await clock.pass(5_000)
    await refused
  })

  it('that lands while it is decided again is found then: one turn, not two', async () => {
    const store = new Memory(vezOf([{}, {}]))
    let late: (() => void) | undefined
    const commit = store.commit.bind(store)
    let first = true
    store.commit = async (guard, update) => {
      if (first) {
        first = false
        late = () => {
          store.vez = applyUpdate(guard, update)
        }
        throw new Error('the network broke')
      }
      late?.()
      late = undefined
      return commit(guard, update)
    }
    const answers = await Promise.all([sequencerOn(store).submit(turn('pt', { chave: 'k' }))])
    expect(answers.map(outcome)).toEqual([1])
    expect(store.vez.seq).toBe(1)
  })
})

describe('a look-up of keys', () => {
  it('is made after the image that guards the write: what was copied in between is not missed', async () => {
    const store = new Memory(vezOf([{}, {}]))
    const read = store.read.bind(store)
    // Before the image is read, another process gives the key a turn, and its copy is dropped from the document.
    store.read = async () => {
      if (store.reads === 0) {
        const { vez, known } = drainedWith(elsewhere(store.vez, turn('pt', { chave: 'k' })))
        store.vez = vez
        store.known_ = known
      }
      return read()
    }
    expect(await sequencerOn(store).submit(turn('pt', { chave: 'k' }))).toMatchObject({ repetida: true })
    expect(store.vez.seq).toBe(1)
  })
})

describe('a late write', () => {
  it('that lands after an image without it was read is still found', async () => {
    const store = new Memory(vezOf([{}, {}]))
    const commit = store.commit.bind(store)
    const held: (() => void)[] = []
    let commits = 0
    store.commit = async (guard, update) => {
      commits += 1
      if (commits === 1) {
        held.push(() => {
          store.vez = applyUpdate(guard, update)
        })
        throw new Error('the network broke')
      }
      if (commits === 2) throw new Error('the network broke again')
      held.pop()?.()
      return commit(guard, update)
    }
    const answer = await sequencerOn(store).submit(turn())
    expect(answer).toMatchObject({ situacao: 'atribuido', atribuicao: { n: 1 } })
    expect(store.vez.seq).toBe(1)
  })
})

describe('an answer that writes nothing', () => {
  const cases: [string, Vez, Command, (vez: Vez) => Vez, string | number][] = [
    ['nobody is there', vezOf([{ online: false }]), turn(), (vez) => elsewhere(vez, online(1, true)), 1],
    [
      'you already wait',
      elsewhere(vezOf([{ online: false }]), chat('ana')),
      chat('ana', { chave: 'again' }),
      (vez) => elsewhere(vez, online(1, true)),
      'em_atendimento',
    ],
  ]
  it.each(cases)('(%s) is never from what was known before', async (_, vez, command, change, expected) => {
    const store = new Memory(vez)
    const sequencer = sequencerOn(store)
    await sequencer.submit({ tipo: 'tique', fresco: true })
    store.vez = change(store.vez)
    expect(outcome(await sequencer.submit(command))).toBe(expected)
  })

  it('is never from a read that had begun before it came', async () => {
    const store = new Memory(vezOf([{ online: false }]))
    const read = store.read.bind(store)
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    store.read = async () => {
      const seen = await read()
      await gate
      return seen
    }
    const sequencer = sequencerOn(store)
    const first = sequencer.submit(turn())
    await until(() => store.reads === 1)
    store.vez = elsewhere(store.vez, online(1, true))
    const second = sequencer.submit(turn())
    release()
    expect([outcome(await first), outcome(await second)]).toEqual(['indisponivel', 1])
  })

  it('may leave from what is known when it repeats an earlier one', async () => {
    const store = new Memory(vezOf([{}]))
    const sequencer = sequencerOn(store)
    await sequencer.submit(turn('pt', { chave: 'k' }))
    const { reads } = store
    expect(await sequencer.submit(turn('pt', { chave: 'k' }))).toMatchObject({ repetida: true })
    expect(store.reads).toBe(reads)
  })
})

describe('a tick', () => {
  it('serves those who wait from a fresh image', async () => {
    const store = new Memory(elsewhere(vezOf([{ online: false }]), chat('ana')))
    const sequencer = sequencerOn(store)
    await sequencer.submit({ tipo: 'tique', fresco: true })
    store.vez = {
      ...store.vez,
      versao: store.vez.versao + 1,
      previousWriteId: 'x',
      consultores: vezOf([{}]).consultores,
    }
    await sequencer.submit({ tipo: 'tique', fresco: true })
    expect(store.vez.seq).toBe(1)
  })
})

describe('the ledger', () => {
  it('has the roster written down before the first write after one that kept no ledger, and only then', async () => {
    const { livro: _, ...older } = vezOf([{}])
    const store = new Memory(older)
    const sequencer = sequencerOn(store)
    store.before = [() => expect(store.begun).toEqual([0])]
    await sequencer.submit(turn())
    await sequencer.submit(turn())
    expect([store.commits, store.begun]).toEqual([2, [0]])
  })
})

describe('a tick that is written whatever it changes', () => {
  const PROOF: Command = { tipo: 'tique', fresco: true, grava: true }

  it('shows that writes succeed again, and changes nothing but the version', async () => {
    const store = new Memory(vezOf([{}]))
    const sequencer = sequencerOn(store)
    expect(sequencer.writesFail).toBe(false)
    store.fates = ['miss', 'lost']
    await sequencer.submit(turn())
    expect(sequencer.writesFail).toBe(false)
    const clock = new VirtualClock()
    const failing = sequencerOn(store, clock)
    store.fates = Array(1_000).fill('lost')
    const refused = expect(failing.submit(turn())).rejects.toMatchObject({ status: 503 })
    await clock.pass(5_000)
    await refused
    expect(failing.writesFail).toBe(true)
    const { versao, previousWriteId, lastWrites, livro, ...before } = store.vez
    store.fates = []
    const proof = failing.submit(PROOF)
    await clock.pass(1_000)
    expect(await proof).toMatchObject({ situacao: 'feito', versao: versao + 1 })
    expect([failing.writesFail, store.vez.versao]).toEqual([false, versao + 1])
    expect(store.vez).toMatchObject(before)
  })

  it('takes no turn from a write that may still land: that is found, and is one turn', async () => {
    const store = new Memory(vezOf([{}]))
    const commit = store.commit.bind(store)
    let late: (() => void) | undefined
    let commits = 0
    store.commit = async (guard, update) => {
      commits += 1
      if (commits === 1) {
        late = () => {
          store.vez = applyUpdate(guard, update)
        }
        throw new Error('the network broke')
      }
      late?.()
      late = undefined
      return commit(guard, update)
    }
    const clock = new VirtualClock()
    const sequencer = sequencerOn(store, clock)
    const keyed = sequencer.submit(turn('pt', { chave: 'k' }), () => commits === 0)
    const gone = expect(keyed).rejects.toMatchObject({ status: 503 })
    await clock.pass(1_000)
    await gone
    expect([store.vez.seq, sequencer.writesFail]).toEqual([0, true])
    const proof = sequencer.submit(PROOF)
    await clock.pass(1_000)
    await proof
    expect([store.vez.seq, sequencer.writesFail]).toEqual([1, false])
    const again = sequencer.submit(turn('pt', { chave: 'k' }))
    await clock.pass(1)
    expect(await again).toMatchObject({ repetida: true, atribuicao: { n: 1 } })
  })
})

describe('the line', () => {
  it('decides many in one write, in the order in which they came', async () => {
    const store = new Memory(vezOf([{}, {}, {}]))
    const sequencer = sequencerOn(store)
    const answers: CommandResult[] = await Promise.all(Array.from({ length: 100 }, () => sequencer.submit(turn())))
    expect(answers.map((one) => (one.situacao === 'atribuido' ? one.atribuicao.n : 0))).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    expect(store.commits).toBe(1)
  })

  it('takes at most 128 a write, and lets no more than 1,000 wait', async () => {
    const store = new Memory(vezOf([{}]))
    const sequencer = sequencerOn(store)
    const answers = Promise.allSettled(
      Array.from({ length: 1_001 }, () => sequencer.submit({ tipo: 'tique', fresco: false })),
    )
    const refused = (await answers).filter(({ status }) => status === 'rejected')
    expect(refused).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ status: 503, headers: { 'Retry-After': '1' } }) },
    ])
  })

  it('leaves out who has gone before his batch began', async () => {
    const store = new Memory(vezOf([{}]))
    await expect(sequencerOn(store).submit(turn(), () => false)).rejects.toMatchObject({ status: 503 })
    expect(store.vez.seq).toBe(0)
  })
})
