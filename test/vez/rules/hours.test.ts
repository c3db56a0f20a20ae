import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Vez } from '../../../src/vez/document.js'
import type { Command } from '../../../src/vez/rules/commands.js'
import { type At, chat, decideAt, outcome, T0, turn, vezOf } from '../../support/vez.js'

/**
 * The policy of hours as a small machine of its own, written before the code: one person, and processes whose clocks
 * err. All that they can do is tried in every order: time that passes with nobody looking, decisions that are written later or
 * never, changes of hours, steps of the clocks. Time is in whole steps.
 */
interface Hours {
  readonly dentro: boolean
  /** The boundary at which this began. */
  readonly desde: number
  readonly ate: number
}

/** When somebody is in, from and to. */
const PLANS = {
  twice: [
    [2, 4],
    [5, 7],
  ],
  once: [[3, 6]],
} as const satisfies Record<string, readonly (readonly [number, number])[]>
type Plan = keyof typeof PLANS

interface Doc extends Hours {
  readonly plan: Plan
}

const NEVER = 99
const boundaries = (plan: Plan): readonly number[] => [-NEVER, ...PLANS[plan].flat(), NEVER]
const isIn = (plan: Plan, at: number): boolean => PLANS[plan].some(([from, to]) => from <= at && at < to)
/** What the calendar says at an instant. */
const calendar = (plan: Plan, at: number): Hours => ({
  dentro: isIn(plan, at),
  desde: Math.max(...boundaries(plan).filter((one) => one <= at)),
  ate: Math.min(...boundaries(plan).filter((one) => one > at)),
})

/** The rules of the policy. One that is taken away is replaced by what one would write who does not know it. */
const RULES = {
  /** Every batch begins with the boundary that is due; else: only a tick. */
  everyBatch: true,
  /** A boundary sets what the calendar says now; else: it turns over what is stored. */
  byCalendar: true,
  /** The next boundary is the first after now; else: the first after the one that was due. */
  afterNow: true,
  /** Hours are looked up no earlier than at the boundary that was applied last; else: now. */
  neverBack: true,
  /** But what is stored came from a wrong clock where it is far ahead of now; else: it stands. */
  heals: true,
}
type Rules = typeof RULES

/** Farther ahead than two clocks that err are from each other. */
const FAR = 2

function moment({ neverBack, heals }: Rules, { desde }: Hours, now: number): number {
  const isWild = heals && desde - now > FAR
  return neverBack && !isWild ? Math.max(now, desde) : now
}

/** `heal`: the calendar is looked up again, as at every start and every hour. A plan: the person has new hours. */
type Action = 'turn' | 'tick' | 'heal' | Plan

interface Write {
  readonly doc: Doc
  /** The boundary that an event of this write tells. */
  readonly event?: number
}

function decide(rules: Rules, before: Doc, now: number, command: Action): Write {
  const { plan } = before
  if (command === 'twice' || command === 'once')
    return { doc: { plan: command, ...calendar(command, moment(rules, before, now)) } }
  let hours: Hours = before
  if (before.ate <= now && (rules.everyBatch || command === 'tick')) {
    const next = rules.byCalendar ? calendar(plan, now) : { dentro: !before.dentro, desde: before.ate }
    hours = { ...next, ate: calendar(plan, rules.afterNow ? now : before.ate).ate }
  }
  if (command === 'heal') hours = calendar(plan, moment(rules, hours, now))
  return { doc: { plan, ...hours }, ...(hours.dentro !== before.dentro && { event: hours.desde }) }
}

interface State {
  readonly now: number
  readonly doc: Doc
  /** What some process has decided and not written yet. The guard of a write lets only one through: more would be lost. */
  readonly decided?: Write
  /** The boundaries that the ledger has events of. */
  readonly told: readonly number[]
}

interface World {
  /** By how much the clock of whoever decides is ahead: of each process another, and each may step. */
  readonly errors: readonly number[]
  readonly commands: readonly Action[]
}

const END = 9
const LARGEST_ERROR = 1

function faultsOf(state: State, { doc, event }: Write, now: number, command: Action, { errors }: World): string[] {
  const within = (most: number): boolean[] =>
    Array.from({ length: most + 1 }, (_, later) => isIn(doc.plan, now + later))
  if (errors.some((one) => Math.abs(one) > LARGEST_ERROR)) {
    const isLeft = command === 'heal' && now === state.now && !within(FAR).includes(doc.dentro)
    return isLeft ? ['a clock that was wrong once is believed for good'] : []
  }
  // Whoever is ahead of us may have applied a boundary that is still to come here: by twice the error of one clock.
  const allowed = within(2 * Math.max(...errors))
  return [
    ...(command === 'turn' && doc.ate <= now ? ['a turn ignores a boundary'] : []),
    ...(command === 'turn' && !allowed.includes(doc.dentro) ? ['a turn goes by hours that nobody has'] : []),
    ...(event !== undefined && state.told.includes(event) ? ['one boundary has two events'] : []),
  ]
}

/** Tries all that can happen in this world, until something goes wrong. Returns what. */
function explore(rules: Rules, world: World): string[] {
  const known = new Set<string>()
  const open: State[] = []
  const meet = (state: State): void => {
    const key = JSON.stringify(state)
    if (!known.has(key)) open.push(state)
    known.add(key)
  }
  const doc: Doc = { plan: 'twice', ...calendar('twice', 0) }
  meet({ now: 0, doc, told: [] })
  for (let state = open.pop(); state; state = open.pop()) {
    const { now, doc, decided, told } = state
    if (now < END) meet({ ...state, now: now + 1 })
    for (const error of world.errors) {
      for (const command of world.commands) {
        const write = decide(rules, doc, now + error, command)
        const faults = faultsOf(state, write, now + error, command, world)
        if (faults.length > 0) return faults
        meet({ ...state, decided: write })
      }
    }
    if (!decided) continue
    const { doc: written, event = NEVER } = decided
    const kept = written.plan === doc.plan ? told : []
    meet({ now, doc: written, told: [...new Set([...kept, event])].sort() })
  }
  return []
}

const WORLDS: readonly World[] = [
  { errors: [0], commands: ['turn', 'tick', 'once', 'twice', 'heal'] },
  { errors: [-LARGEST_ERROR, 0, LARGEST_ERROR], commands: ['turn', 'twice', 'heal'] },
  { errors: [0, 20], commands: ['turn', 'once', 'heal'] },
]
const allFaults = (rules: Rules): string[] => WORLDS.flatMap((world) => explore(rules, world))

describe('the policy of hours, in every order of events', () => {
  it('holds', () => {
    expect(allFaults(RULES)).toEqual([])
  })

  it.each([
    ['everyBatch', 'a turn ignores a boundary'],
    ['byCalendar', 'a turn goes by hours that nobody has'],
    ['afterNow', 'a turn ignores a boundary'],
    ['neverBack', 'one boundary has two events'],
    ['heals', 'a clock that was wrong once is believed for good'],
  ] as const)('does not without the rule %s', (rule, fault) => {
    expect(allFaults({ ...RULES, [rule]: false })).toContain(fault)
  })
})

const WEEK = 7 * 24 * 60
const DAYS = ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab']
/** Monday, 5 January 2026, at midnight in UTC. */
const MONDAY = Date.UTC(2026, 0, 5)
const minute = (at: number): Date => new Date(MONDAY + at * 60_000)

/** Hours of one day, and whether they hold at an instant: once more, by counting minutes. */
const hours = fc
  .record({
    day: fc.integer({ min: 0, max: 6 }),
    from: fc.integer({ min: 0, max: 22 }),
    hours: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ day, from, hours }) => {
    const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`
    const agenda = { semana: `${DAYS[day]} ${clock(from)}-${clock(from + hours)}`, fuso: 'UTC' }
    const begin = ((day + 6) % 7) * 24 * 60 + from * 60
    const holds = (at: number): boolean => (((at - begin) % WEEK) + WEEK) % WEEK < hours * 60
    return { agenda, holds }
  })

describe('turns under hours', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('turn' as const), canal: fc.constantFrom(undefined, 'loja') }),
    fc.record({ do: fc.constant('later' as const), minutes: fc.integer({ min: 1, max: 2_000 }) }),
    fc.record({ do: fc.constant('hours' as const), who: fc.integer({ min: 1, max: 3 }), hours: fc.option(hours) }),
    fc.record({ do: fc.constant('account' as const), hours: fc.option(hours) }),
  )

  it('go to whom the calendar lets, on every prefix; each flip is an event, and none has two', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (history) => {
        const always = (_at: number): boolean => true
        const people = [1, 2, 3].map((id) => ({ id, turno: 0, holds: always }))
        let [vez, at, rev, account] = [vezOf([{}, {}, {}]), 0, 0, always]
        for (const one of history) {
          if (one.do === 'later') at += one.minutes
          if (one.do === 'account') [account, rev] = [one.hours?.holds ?? always, rev + 1]
          const person = one.do === 'hours' ? people.find(({ id }) => id === one.who) : undefined
          if (person && one.do === 'hours') person.holds = one.hours?.holds ?? always
          const command: Command =
            one.do === 'turn'
              ? turn('pt', one.canal === undefined ? {} : { canal: one.canal })
              : one.do === 'hours'
                ? { tipo: 'alterar', id: one.who, mudanca: { agenda: one.hours?.agenda ?? null } }
                : one.do === 'account'
                  ? { tipo: 'conta', slug: 'loja', agenda: one.hours?.agenda ?? null, criado_em: T0, rev }
                  : { tipo: 'tique', fresco: true }
          const decision = decideAt(vez, [command], { now: minute(at) })
          const isClosed = one.do === 'turn' && one.canal !== undefined && !account(at)
          if (one.do === 'turn') {
            const there = isClosed ? [] : people.filter(({ holds }) => holds(at))
            const chosen = there.sort((a, b) => a.turno - b.turno || a.id - b.id)[0]
            expect(outcome(decision.results[0])).toBe(chosen?.id ?? 'indisponivel')
            if (chosen) chosen.turno = decision.vez.seq
          }
          for (const { id, holds } of people) {
            expect(decision.vez.consultores.get(id)?.horario?.dentro ?? true).toBe(holds(at))
          }
          vez = { ...decision.vez, pendentes: [] }
        }
        const told = new Map(people.map(({ id }) => [id, true]))
        for (const { tipo, consultores = [], para = {} } of vez.eventos) {
          const hours = para.horario as { dentro?: boolean } | null | undefined
          const next = tipo === 'horario' ? para.dentro : hours === undefined ? undefined : (hours?.dentro ?? true)
          for (const id of consultores) {
            if (typeof next !== 'boolean') continue
            if (tipo === 'horario') expect(told.get(id)).toBe(!next)
            told.set(id, next)
          }
        }
        for (const [id, dentro] of told) expect(vez.consultores.get(id)?.horario?.dentro ?? true).toBe(dentro)
      }),
    )
  })

  const agenda = { semana: 'seg 08:00-12:00 13:00-18:00', fuso: 'UTC' }
  const at = (hour: number): At => ({ now: minute(hour * 60) })
  const withHours = (count: number): Vez =>
    decideAt(
      vezOf(Array.from({ length: count }, () => ({}))),
      Array.from({ length: count }, (_, place) => ({
        ...{ tipo: 'alterar' as const, id: place + 1, mudanca: { agenda } },
      })),
      at(7),
    ).vez

  it('write 200 people of one instant as one event, and go on from where a process with a faster clock is', () => {
    const start = { ...withHours(240), eventos: [] }
    const { eventos, consultores } = decideAt(start, [{ tipo: 'tique', fresco: true }], at(8)).vez
    expect(eventos.map(({ tipo, consultores: who, para, por, ate }) => [tipo, who?.length, para, por, ate])).toEqual([
      ['horario', 200, { dentro: true }, 'agenda', minute(480)],
      ['horario', 40, { dentro: true }, 'agenda', minute(480)],
    ])
    const opened = { ...start, consultores, eventos: [] }
    const slower = { now: minute(8 * 60 - 1) }
    const again = decideAt(opened, [turn(), { tipo: 'alterar', id: 1, mudanca: { agenda } }], slower)
    expect(outcome(again.results[0])).toBe(1)
    expect(again.vez.eventos).toEqual([])
  })

  it('that are common hold from the command on that sets them', () => {
    const common: Command = { tipo: 'politica', mudanca: { agenda: { semana: agenda.semana }, fuso: 'UTC' } }
    expect(outcome(decideAt(vezOf([{}]), [common, turn()], at(7)).results[1])).toBe('indisponivel')
  })

  it('are put right after a clock that was far ahead', () => {
    const wild = decideAt(withHours(1), [{ tipo: 'tique', fresco: true }], at(24 * 70)).vez
    expect(outcome(decideAt(wild, [turn()], at(9)).results[0])).toBe('indisponivel')
    const healed = decideAt(wild, [{ tipo: 'conferir_horarios' }, turn()], at(9))
    expect(outcome(healed.results[1])).toBe(1)
  })

  it('let a customer wait until somebody is in, from then on as long as ever, and tell when that is', () => {
    const closed = decideAt(withHours(1), [chat('maria')], at(18.5))
    const opens = minute(7 * 24 * 60 + 8 * 60)
    expect(closed.results[0]).toMatchObject({ situacao: 'em_espera', abre: { em: opens, fuso: 'America/Sao_Paulo' } })
    expect(closed.vez.espera[0]?.ate).toEqual(new Date(opens.getTime() + 7_200_000))
    const away = decideAt(
      withHours(1),
      [{ tipo: 'alterar', id: 1, mudanca: { online: false } }, chat('rita')],
      at(17.5),
    )
    const late = decideAt(away.vez, [{ tipo: 'tique', fresco: true }], at(19.5)).vez.pendentes.at(-1)
    expect(late).toMatchObject({ motivo: 'expirada', abre: { em: opens } })
    const { vez } = decideAt(closed.vez, [{ tipo: 'tique', fresco: true }], { now: opens })
    expect(vez.espera).toEqual([])
    const rest = decideAt(withHours(1), [turn()], at(12.5)).results[0]
    expect(rest).toMatchObject({ motivo: 'fora_do_horario', fora: { horario: 1 }, abre: { em: minute(780) } })
  })

  it('count who is outside his hours for long enough as absent, and a pause not', () => {
    const { vez } = decideAt(withHours(2), [chat('maria', { chave: 'a' })], at(9))
    const back = (minutes: number, pausa?: object) => {
      const paused: Command = { tipo: 'alterar', id: 1, mudanca: { pausa: pausa ?? null } }
      const other: Command = { tipo: 'alterar', id: 2, mudanca: { agenda: { semana: 'seg 00:00-24:00', fuso: 'UTC' } } }
      const commands = [paused, other, chat('maria', { chave: 'b', chat: { ausente: { ms: 900_000, passar: {} } } })]
      return outcome(decideAt(vez, commands, { now: minute(minutes) }).results[2])
    }
    expect([back(12 * 60 + 14), back(12 * 60 + 15)]).toEqual(['em_atendimento', 2])
    expect(back(11 * 60, { minutos: 600 })).toBe('em_atendimento')
  })
})
