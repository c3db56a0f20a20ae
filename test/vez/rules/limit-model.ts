/**
 * A model of how the open protocols of a consultor are counted beside turns, copies, drops and changes that other processes make
 * at the same time. Every order of events is tried; the rules can be taken away one by one.
 */

type Person = 'ana' | 'bia'
/** `rev` guards a change: it happens upon the state that it was decided on, or not at all. */
type Stored = Readonly<Record<number, { readonly of: Person; readonly open: boolean; readonly rev: number }>>

export const RULES = [
  /** The look-up begins after the snapshot that guards the write. */
  'look_after_snapshot',
  /** A write upon a snapshot that is not the last one does not happen, and its look-up counts for nothing. */
  'guarded',
  /** The numbers of both sources are joined, not their sums added. */
  'by_number',
  /** A number that waits for its copy is as its copy is, where there is one. */
  'copied_state',
  /** Numbers whose copies this very write drops are looked at as those that stay. */
  'dropped_ones_too',
  /** A change of responsável recounts the old one and the new one. */
  'both_people',
  /** A change whose outcome is not known is recounted too, and once more when it can no longer land. */
  'unknown_outcomes',
  /** A change recounts; it does not add or subtract what it believes to have changed. */
  'absolute',
  /** Whether a limit holds is asked after the change was written. */
  'limit_asked_after',
  /** Whoever sets a limit recounts once more afterwards. */
  'recount_after_setting',
] as const
export type Rule = (typeof RULES)[number]

interface Doc {
  readonly versao: number
  readonly pendentes: readonly number[]
  readonly abertos: Readonly<Record<Person, number>>
  readonly limit: boolean
}

interface Seen {
  readonly index: Readonly<Record<Person, readonly number[]>>
  readonly states: Stored
}

interface State {
  readonly doc: Doc
  readonly stored: Stored
  readonly seq: number
  readonly turns: number
  readonly changes: number
  /** Copies that the recounting process saw acknowledged: its next write drops them. */
  readonly acked: readonly number[]
  /** A round of the recounting process, as far as it has come. */
  readonly round?: { readonly who: readonly Person[]; readonly doc?: Doc; readonly seen?: Seen }
  /** Who waits for a recount. */
  readonly owed: readonly Person[]
  /** Changes that are written, or may be: what is still to be done for them. */
  readonly after: readonly After[]
  /** Setting the limit: not begun, recounted before, set, or done. */
  readonly setting: 'none' | 'before' | 'set' | 'done'
}

interface After {
  readonly who: readonly Person[]
  readonly by: number
  /** Was there a limit when it began? */
  readonly limit: boolean
  /** The change of this number is on its way still. */
  readonly lands?: { readonly n: number; readonly to: Stored[number] }
}

const PEOPLE: readonly Person[] = ['ana', 'bia']
const add = <T>(list: readonly T[], more: readonly T[]): T[] => [...new Set([...list, ...more])]

const indexOf = (stored: Stored, who: Person): number[] =>
  Object.keys(stored)
    .map(Number)
    .filter((n) => stored[n]?.open && stored[n].of === who)

/** What is true: a number that has no copy is as its turn made it, open and Ana's. */
const truth = ({ doc, stored }: State, who: Person): number =>
  indexOf(stored, who).length + (who === 'ana' ? doc.pendentes.filter((n) => !stored[n]).length : 0)

const look = ({ doc, stored }: State): Seen => ({
  index: { ana: indexOf(stored, 'ana'), bia: indexOf(stored, 'bia') },
  states: Object.fromEntries(doc.pendentes.flatMap((n) => (stored[n] ? [[n, stored[n]]] : []))),
})

function count(who: Person, pending: readonly number[], { index, states }: Seen, rules: ReadonlySet<Rule>): number {
  const own = pending.filter((n) => {
    const state = rules.has('copied_state') ? states[n] : undefined
    return state ? state.open && state.of === who : who === 'ana'
  })
  const others = rules.has('by_number') ? index[who].filter((n) => !pending.includes(n)) : index[who]
  return own.length + others.length
}

function commit(state: State, rules: ReadonlySet<Rule>, withTurn: boolean): State {
  const { round, acked, ...rest } = state
  const { who, doc: base, seen } = round ?? { who: [] }
  if (!base || !seen) return state
  if (rules.has('guarded') && base.versao !== state.doc.versao) {
    return { ...rest, acked, owed: add(state.owed, who) }
  }
  const made = withTurn ? [state.seq + 1] : []
  const kept = base.pendentes.filter((n) => !acked.includes(n))
  const looked = [...(rules.has('dropped_ones_too') ? base.pendentes : kept), ...made]
  const counts = Object.fromEntries(who.map((one) => [one, count(one, looked, seen, rules)]))
  const moved = withTurn && !who.includes('ana') ? { ana: base.abertos.ana + 1 } : {}
  const doc: Doc = {
    ...state.doc,
    versao: state.doc.versao + 1,
    pendentes: [...state.doc.pendentes.filter((n) => !acked.includes(n)), ...made],
    abertos: { ...state.doc.abertos, ...moved, ...counts },
  }
  return { ...rest, doc, acked: [], seq: state.seq + made.length, turns: state.turns - made.length }
}

/** Everything that can happen next. */
function* next(state: State, rules: ReadonlySet<Rule>): Generator<State> {
  const { doc, stored, round } = state
  if (state.turns > 0) {
    const abertos = { ...doc.abertos, ana: doc.abertos.ana + 1 }
    const pendentes = [...doc.pendentes, state.seq + 1]
    yield {
      ...state,
      turns: state.turns - 1,
      seq: state.seq + 1,
      doc: { ...doc, versao: doc.versao + 1, pendentes, abertos },
    }
  }
  for (const n of doc.pendentes) {
    if (!stored[n]) yield { ...state, stored: { ...stored, [n]: { of: 'ana', open: true, rev: 0 } } }
    else if (!state.acked.includes(n)) {
      yield { ...state, acked: [...state.acked, n] }
      const pendentes = doc.pendentes.filter((one) => one !== n)
      yield { ...state, doc: { ...doc, versao: doc.versao + 1, pendentes } }
    }
  }
  yield* changes(state, rules)
  if (state.owed.length > 0 && !round) yield { ...state, owed: [], round: { who: state.owed } }
  if (round && (rules.has('look_after_snapshot') ? !round.doc : round.seen && !round.doc)) {
    yield { ...state, round: { ...round, doc } }
  }
  if (round && !round.seen && (round.doc || !rules.has('look_after_snapshot'))) {
    yield { ...state, round: { ...round, seen: look(state) } }
  }
  if (round?.doc && round.seen) {
    yield commit(state, rules, false)
    if (state.turns > 0) yield commit(state, rules, true)
  }
  yield* setting(state, rules)
}

function* changes(state: State, rules: ReadonlySet<Rule>): Generator<State> {
  const { stored, doc } = state
  const limit = doc.limit
  for (const n of state.changes > 0 ? Object.keys(stored).map(Number) : []) {
    const before = stored[n]
    if (!before) continue
    for (const to of [
      { ...before, open: !before.open, rev: before.rev + 1 },
      { ...before, of: before.of === 'ana' ? ('bia' as const) : ('ana' as const), rev: before.rev + 1 },
    ]) {
      const who = rules.has('both_people') ? add([to.of], [before.of]) : [to.of]
      const by = to.of === before.of ? (to.open ? 1 : -1) : 0
      const left = { ...state, changes: state.changes - 1 }
      yield { ...left, stored: { ...stored, [n]: to }, after: [...state.after, { who, by, limit }] }
      // Nobody hears what became of it: it lands later, or never.
      yield { ...left, after: [...state.after, { who, by, limit, lands: { n, to } }] }
    }
  }
  for (const [place, one] of state.after.entries()) {
    const after = state.after.filter((_, index) => index !== place)
    const heard = recounted({ ...state, after }, one, rules)
    if (!one.lands) {
      yield heard
      continue
    }
    const { n, to } = one.lands
    const landed = state.stored[n]?.rev === to.rev - 1 ? { ...state.stored, [n]: to } : state.stored
    // It never lands; or it does, and the recounts that were begun before it did are not enough.
    yield rules.has('unknown_outcomes') ? heard : { ...state, after }
    const late =
      rules.has('unknown_outcomes') && rules.has('absolute') ? [{ who: one.who, by: 0, limit: one.limit }] : []
    yield {
      ...(late.length > 0 || rules.has('unknown_outcomes') ? heard : state),
      stored: landed,
      after: [...after, ...late],
    }
  }
}

/** What the process that made a change does next. */
function recounted(state: State, { who, by, limit }: After, rules: ReadonlySet<Rule>): State {
  if (!(rules.has('limit_asked_after') ? state.doc.limit : limit)) return state
  if (rules.has('absolute')) return { ...state, owed: add(state.owed, who) }
  const one = who[0] ?? 'ana'
  const abertos = { ...state.doc.abertos, [one]: state.doc.abertos[one] + by }
  return { ...state, doc: { ...state.doc, versao: state.doc.versao + 1, abertos } }
}

function* setting(state: State, rules: ReadonlySet<Rule>): Generator<State> {
  const isCounted = state.owed.length === 0 && !state.round
  if (state.setting === 'none') yield { ...state, setting: 'before', owed: [...PEOPLE] }
  if (state.setting === 'before' && isCounted) {
    const doc = { ...state.doc, versao: state.doc.versao + 1, limit: true }
    yield { ...state, doc, setting: 'set', owed: rules.has('recount_after_setting') ? [...PEOPLE] : [] }
  }
  if (state.setting === 'set' && isCounted) yield { ...state, setting: 'done' }
}

/** Is everything done that was begun, so that the count has to be right? */
const isQuiet = ({ round, owed, after, doc, setting }: State): boolean =>
  !round && owed.length === 0 && after.length === 0 && doc.limit && setting === 'done'

/** Tries every order of events; returns the first quiet state whose count is wrong, and how many states there were. */
export function explore(
  rules: ReadonlySet<Rule>,
  given: { readonly turns: number; readonly changes: number; readonly limit: boolean },
): { readonly wrong?: State; readonly states: number } {
  const start: State = {
    doc: { versao: 0, pendentes: [], abertos: { ana: 0, bia: 0 }, limit: given.limit },
    stored: {},
    seq: 0,
    turns: given.turns,
    changes: given.changes,
    acked: [],
    owed: [],
    after: [],
    setting: given.limit ? 'done' : 'none',
  }
  const seen = new Set<string>()
  const open = [start]
  for (let state = open.pop(); state; state = open.pop()) {
    const key = JSON.stringify(state)
    if (seen.has(key)) continue
    seen.add(key)
    const now = state
    if (isQuiet(now) && PEOPLE.some((who) => truth(now, who) !== now.doc.abertos[who])) {
      return { wrong: now, states: seen.size }
    }
    open.push(...next(now, rules))
  }
  return { states: seen.size }
}
