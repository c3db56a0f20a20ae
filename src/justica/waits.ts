/** How long customers waited, in whole seconds. */
export interface Waits {
  readonly clientes: number
  /** Absent where nobody waited. */
  readonly mediana_s?: number
  readonly p95_s?: number
  readonly pior_s?: number
}

/** Collects waits, ms. */
export class WaitTimes {
  readonly #waits: number[] = []

  add(ms: number): void {
    this.#waits.push(Math.max(0, ms))
  }

  end(): Waits {
    const sorted = this.#waits.sort((one, other) => one - other)
    const clientes = sorted.length
    if (clientes === 0) return { clientes }
    /** The smallest wait that so many of them do not exceed. */
    const at = (part: number): number => Math.round((sorted[Math.ceil(part * clientes) - 1] ?? 0) / 1_000)
    return { clientes, mediana_s: at(0.5), p95_s: at(0.95), pior_s: at(1) }
  }
}
