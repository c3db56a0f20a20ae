/** Far beyond what a busy machine needs: a limit for what never comes. */
const LIMIT_MS = 60_000

/** Waits until something holds, and fails after so many ms: no test sleeps to let things settle. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  ms = LIMIT_MS,
  what = 'the condition',
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
