/** Waits until something holds, and fails after so many ms: no test sleeps to let things settle. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  ms = 10_000,
  what = 'the condition',
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
