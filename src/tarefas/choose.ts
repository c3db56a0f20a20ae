import type { Tarefa } from './model.js'

export const MOST_AT_ONCE = 16
export const MOST_AT_ONCE_PER_ACCOUNT = 4
/** An account that takes nothing now is asked again when it should, within these. */
const CLOSED_MIN_MS = 1_000
const CLOSED_MAX_MS = 60_000

/** The first of its thread, and its account is open. */
export interface Ready {
  readonly tarefa: Tarefa
  readonly hasNext: boolean
}

export interface Sorted {
  readonly ready: readonly Ready[]
  /** Those that wait for another of their thread. */
  readonly behind: readonly Tarefa[]
  /** All that is due for accounts that take nothing now, and for how long, ms. */
  readonly closed: readonly { readonly tarefas: readonly Tarefa[]; readonly waitMs: number }[]
}

export const threadOf = (tarefa: Tarefa): string => tarefa.fio ?? tarefa._id

/**
 * As many of what is due as there is room for: of each thread the first, of each account a few.
 *
 * @param inFlight what is being done, by thread
 */
export function choose(
  due: readonly Tarefa[],
  inFlight: ReadonlyMap<string, { readonly account: string }>,
  accountOf: (tarefa: Tarefa) => string,
): Tarefa[] {
  const threads = new Set(inFlight.keys())
  const perAccount = new Map<string, number>()
  const count = (account: string): number => perAccount.get(account) ?? 0
  for (const { account } of inFlight.values()) perAccount.set(account, count(account) + 1)
  const firsts = new Map<string, Tarefa>()
  for (const one of due) {
    const known = firsts.get(threadOf(one))
    if (!known || (one.ordem ?? 0) < (known.ordem ?? 0)) firsts.set(threadOf(one), one)
  }
  return [...firsts.values()].filter((tarefa) => {
    const account = accountOf(tarefa)
    if (threads.size >= MOST_AT_ONCE || threads.has(threadOf(tarefa))) return false
    if (count(account) >= MOST_AT_ONCE_PER_ACCOUNT) return false
    threads.add(threadOf(tarefa))
    perAccount.set(account, count(account) + 1)
    return true
  })
}

/**
 * What can start of what was chosen, and what becomes of the rest.
 *
 * @param threads what is not finished in each thread of the chosen, in order
 * @param waitOf how long until this account takes something, ms; 0: now. Asked once for each that could start: it may count
 */
export function sortOut(
  chosen: readonly Tarefa[],
  due: readonly Tarefa[],
  threads: ReadonlyMap<string, readonly Tarefa[]>,
  accountOf: (tarefa: Tarefa) => string,
  waitOf: (account: string) => number,
): Sorted {
  const shut = new Map<string, number>()
  const ready: Ready[] = []
  const behind: Tarefa[] = []
  for (const tarefa of chosen) {
    const open = threads.get(tarefa.fio ?? '') ?? [tarefa]
    const account = accountOf(tarefa)
    if (open[0] && open[0]._id !== tarefa._id) behind.push(tarefa)
    else if (!shut.has(account)) {
      const waitMs = waitOf(account)
      if (waitMs > 0) shut.set(account, waitMs)
      else ready.push({ tarefa, hasNext: open.length > 1 })
    }
  }
  const dealtWith = new Set([...ready.map(({ tarefa }) => tarefa), ...behind])
  const closed = [...shut].map(([account, ms]) => ({
    tarefas: due.filter((one) => accountOf(one) === account && !dealtWith.has(one)),
    waitMs: Math.min(CLOSED_MAX_MS, Math.max(CLOSED_MIN_MS, ms)),
  }))
  return { ready, behind, closed }
}
