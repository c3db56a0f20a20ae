/** Far beyond what a busy machine needs: a limit for what never comes. */
const LIMIT_MS = 60_000
/** Between two looks: short at first, and longer the longer it lasts, since most looks ask the engine. */
const FIRST_PAUSE_MS = 15
const MOST_PAUSE_MS = 200

/** Waits until a count is reached; fails only when it has not grown for a minute, however long it takes in all. */
export async function untilCount(
  count: () => Promise<number> | number,
  wanted: number,
  what = 'the count',
): Promise<void> {
  let [most, deadline] = [-1, 0]
  await until(
    async () => {
      const now = await count()
      if (now > most) [most, deadline] = [now, performance.now() + LIMIT_MS]
      if (now < wanted && performance.now() > deadline) throw new Error(`${what} stays at ${now} of ${wanted}`)
      return now >= wanted
    },
    Number.POSITIVE_INFINITY,
    what,
  )
}

/**
 * Waits until something holds, and fails after so many ms: no test sleeps to let things settle.
 *
 * @param sooner resolves when it may hold by now: then it is looked at, and else seldom
 */
export async function until(
  holds: () => Promise<boolean> | boolean,
  ms = LIMIT_MS,
  what = 'the condition',
  sooner?: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + ms
  let pauseMs = sooner ? MOST_PAUSE_MS : FIRST_PAUSE_MS
  for (;;) {
    // Before the look: what comes while it lasts is not missed.
    const next = sooner?.()
    if (await holds()) return
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold within ${ms} ms`)
    const pause = new Promise<void>((resolve) => setTimeout(resolve, pauseMs))
    await (next ? Promise.race([pause, next]) : pause)
    pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 1.5)
  }
}
