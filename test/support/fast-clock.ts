import { type Clock, systemClock } from '../../src/lib/clock.js'

/**
 * What a service looks for again and again, also when nothing is there to do: at most so many times as fast. Each look costs the
 * engine, and at ten times the pace all looks of a service together more than what a test is about.
 */
const LOOKS = new Set([
  ...['tarefas.chat.poll', 'tarefas.pipedrive.poll'],
  ...['vez.tick', 'canais.refresh', 'canais.hours', 'protocolos.digests'],
])
const LOOKS_FACTOR = 2

/** A clock that runs so many times as fast: whoever shares it lives through an hour in a minute. It begins now. */
export function fastClock(factor: number): Clock {
  const [start, origin] = [Date.now(), performance.now()]
  const elapsed = (): number => (performance.now() - origin) * factor
  return {
    now: () => new Date(start + elapsed()),
    elapsed,
    wait: (ms) => systemClock.wait(ms / factor),
    after: (ms, callback, name = '') =>
      systemClock.after(ms / (LOOKS.has(name) ? Math.min(factor, LOOKS_FACTOR) : factor), callback),
  }
}
