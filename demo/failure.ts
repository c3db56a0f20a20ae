/** The demonstration cannot go on. The message is one line, for the person at the terminal (Portuguese). */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure' as const
}

/** Throws when the product did not do what is about to be told. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new DemoFailure(`O produto não fez o que a história conta: ${what}.`)
}

const LIMIT_MS = 60_000
const LOOK_MS = 50

/**
 * Looks until there is something, and returns it.
 *
 * @param what for the failure, Portuguese
 * @throws DemoFailure when a minute was not enough
 */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new DemoFailure(`Um minuto depois ainda não há ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
