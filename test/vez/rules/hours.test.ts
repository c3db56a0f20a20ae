import { describe, expect, it } from '@jest/globals'

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
type Command = 'turn' | 'tick' | 'heal' | Plan

interface Write {
  readonly doc: Doc
  /** The boundary that an event of this write tells. */
  readonly event?: number
}

function decide(rules: Rules, before: Doc, now: number, command: Command): Write {
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
  readonly commands: readonly Command[]
}

const END = 9
const LARGEST_ERROR = 1

function faultsOf(state: State, { doc, event }: Write, now: number, command: Command, { errors }: World): string[] {
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
