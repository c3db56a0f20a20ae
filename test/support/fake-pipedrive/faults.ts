/** How a call goes wrong, besides being refused: before anything was done, or after it was. */
export type How =
  | 'cortar_antes'
  | 'cortar_depois'
  | 'demorar'
  | 'metade'
  | 'html'
  | 'vazio'
  | 'redirecionar'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

export interface Fault {
  readonly method: string
  /** Without host and query. */
  readonly path: RegExp
  readonly times: number
  /** So many calls go well first. */
  readonly skip?: number
  readonly how: How
}

/** The faults that are still to come, in the order in which they were asked for. */
export class Faults {
  #list: { fault: Fault; skip: number; left: number }[] = []

  add(fault: Fault): void {
    this.#list.push({ fault, skip: fault.skip ?? 0, left: fault.times })
  }

  next(method: string, path: string): How | undefined {
    for (const one of this.#list) {
      if (one.left === 0 || one.fault.method !== method || !one.fault.path.test(path)) continue
      if (one.skip > 0) one.skip -= 1
      else {
        one.left -= 1
        return one.fault.how
      }
    }
    return undefined
  }

  /** Those that have not happened. */
  get left(): number {
    return this.#list.reduce((sum, { left }) => sum + left, 0)
  }

  reset(): void {
    this.#list = []
  }
}
