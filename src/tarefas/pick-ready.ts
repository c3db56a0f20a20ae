import type { Tarefa } from './model.js'

export const MOST_AT_ONCE = 16
export const MOST_AT_ONCE_PER_ACCOUNT = 4
/** An account that takes nothing now is asked again after the time that it gave, but within these bounds. */
const CLOSED_MIN_MS = 1_000
const CLOSED_MAX_MS = 60_000

/** The first of its conversation, and its account takes work. */
export interface Ready {
  readonly tarefa: Tarefa
  readonly hasNext: boolean
}

export interface Partition {
  readonly ready: readonly Ready[]
  /** Those that wait for another of their conversation. */
  readonly behind: readonly Tarefa[]
  /** All that is due for accounts that take nothing now, and for how long, ms. */
  readonly closed: readonly { readonly tarefas: readonly Tarefa[]; readonly waitMs: number }[]
}

/** What is done one after the other; work without a conversation is alone in its own. */
export const keyOf = (tarefa: Tarefa): string => tarefa.conversationKey ?? tarefa._id

/**
 * As many of what is due as there is room for: of each conversation the first, of each account at most four at once.
 *
 * @param inFlight what is being done, by `keyOf`
 */
export function pickReady(
  due: readonly Tarefa[],
  inFlight: ReadonlyMap<string, { readonly account: string }>,
  accountOf: (tarefa: Tarefa) => string,
): Tarefa[] {
  const keys = new Set(inFlight.keys())
  const perAccount = new Map<string, number>()
  const count = (account: string): number => perAccount.get(account) ?? 0
  for (const { account } of inFlight.values()) perAccount.set(account, count(account) + 1)
  const firsts = new Map<string, Tarefa>()
  for (const one of due) {
    const known = firsts.get(keyOf(one))
    if (!known || (one.sequence ?? 0) < (known.sequence ?? 0)) firsts.set(keyOf(one), one)
  }
  return [...firsts.values()].filter((tarefa) => {
    const account = accountOf(tarefa)
    if (keys.size >= MOST_AT_ONCE || keys.has(keyOf(tarefa))) return false
    if (count(account) >= MOST_AT_ONCE_PER_ACCOUNT) return false
    keys.add(keyOf(tarefa))
    perAccount.set(account, count(account) + 1)
    return true
  })
}

/**
 * What can start of what was picked, and what becomes of the rest.
 *
 * @param conversations what is not finished in each conversation of the picked, in sequence
 * @param waitOf how long until this account takes something, ms; 0: now. Asked once for each that could start: it may count
 */
export function partition(
  picked: readonly Tarefa[],
  due: readonly Tarefa[],
  conversations: ReadonlyMap<string, readonly Tarefa[]>,
  accountOf: (tarefa: Tarefa) => string,
  waitOf: (account: string) => number,
): Partition {
  const shut = new Map<string, number>()
  const ready: Ready[] = []
  const behind: Tarefa[] = []
  for (const tarefa of picked) {
    const open = conversations.get(tarefa.conversationKey ?? '') ?? [tarefa]
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
