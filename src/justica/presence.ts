import type { Person } from '../eventos/rule.js'

/** How somebody was, as far as it decides whether turns may come to him: the first that holds. */
export const SITUATIONS = ['fora', 'fora_do_horario', 'pausa', 'offline', 'online'] as const
export type Situation = (typeof SITUATIONS)[number]

export function situationOf({ ativo, sequencial, dentro, pausa, online }: Person): Situation {
  if (!ativo || !sequencial) return 'fora'
  if (dentro === false) return 'fora_do_horario'
  if (pausa != null) return 'pausa'
  return online ? 'online' : 'offline'
}

/** Adds up how long each person was how, within a period. */
export class PresenceTimes {
  readonly #from: number
  readonly #to: number
  readonly #since = new Map<number, { readonly situation: Situation; readonly at: number }>()
  readonly #totals = new Map<number, Map<Situation, number>>()

  /** @param to where the period ends, or now where that is earlier */
  constructor(from: Date, to: Date) {
    this.#from = from.getTime()
    this.#to = to.getTime()
  }

  /** From this instant on he is so; `undefined`: he does not exist, or nothing is known of him. */
  put(id: number, situation: Situation | undefined, at: Date): void {
    const known = this.#since.get(id)
    if (known?.situation === situation) return
    this.#close(id, at.getTime())
    if (situation === undefined) this.#since.delete(id)
    else this.#since.set(id, { situation, at: at.getTime() })
  }

  /** Nothing is known of anybody from this instant on. */
  forgetAll(at: Date): void {
    for (const id of [...this.#since.keys()]) this.put(id, undefined, at)
  }

  /** In whole seconds. The period is over. */
  end(): ReadonlyMap<number, Readonly<Record<Situation, number>>> {
    for (const id of this.#since.keys()) this.#close(id, this.#to)
    return new Map(
      [...this.#totals].map(([id, times]) => {
        const seconds = (of: Situation): number => Math.round((times.get(of) ?? 0) / 1_000)
        const [fora, fora_do_horario, pausa] = [seconds('fora'), seconds('fora_do_horario'), seconds('pausa')]
        return [id, { fora, fora_do_horario, pausa, offline: seconds('offline'), online: seconds('online') }]
      }),
    )
  }

  #close(id: number, at: number): void {
    const known = this.#since.get(id)
    if (!known) return
    const ms = Math.min(at, this.#to) - Math.max(known.at, this.#from)
    if (ms <= 0) return
    const times = this.#totals.get(id) ?? new Map<Situation, number>()
    this.#totals.set(id, times.set(known.situation, (times.get(known.situation) ?? 0) + ms))
  }
}
