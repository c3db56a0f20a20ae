import { type Clock, systemClock } from '../../src/lib/clock.js'
import { until } from './until.js'

/** A clock that holds back some timers, known by their names: they call back when a test says so, and never else. */
export interface HeldTimers {
  readonly clock: Clock
  /** How often this one was set. */
  readonly timesSet: (name: string) => number
  /** Whether this one is set and held now. */
  readonly isSet: (name: string) => boolean
  /** For how many ms this one was set last. */
  readonly msOf: (name: string) => number | undefined
  /** Waits until this one is set, and calls back. */
  fire(name: string): Promise<void>
  /** From now on none is held; those that are held now are set again. */
  letGo(): void
}

interface Held {
  readonly name: string
  readonly ms: number
  readonly callback: () => void
  /** Once it is set again. */
  cancel?: () => void
}

/** @param isHeld by a timer's name; one without a name is never held */
export function holdTimers(isHeld: (name: string) => boolean, base: Clock = systemClock): HeldTimers {
  const set: Held[] = []
  let open: Held[] = []
  let holds = true
  const after: Clock['after'] = (ms, callback, name) => {
    if (!holds || name === undefined || !isHeld(name)) return base.after(ms, callback, name)
    const held: Held = { name, ms, callback }
    set.push(held)
    open.push(held)
    return () => {
      open = open.filter((one) => one !== held)
      held.cancel?.()
    }
  }
  return {
    clock: { ...base, after },
    timesSet: (name) => set.filter((one) => one.name === name).length,
    isSet: (name) => open.some((one) => one.name === name),
    msOf: (name) => set.findLast((one) => one.name === name)?.ms,
    fire: async (name) => {
      await until(() => open.some((one) => one.name === name), undefined, `the timer ${name}`)
      const due = open.filter((one) => one.name === name)
      open = open.filter((one) => one.name !== name)
      for (const { callback } of due) callback()
    },
    letGo: () => {
      holds = false
      for (const one of open) one.cancel = base.after(one.ms, one.callback, one.name)
      open = []
    },
  }
}

/** A clock by which the service looks after itself, and tells what it saw, twenty times as often; all else keeps its time. */
export const fastTicks: Clock = {
  ...systemClock,
  after: (ms, callback, name) => systemClock.after(name === 'vez.tick' ? ms / 20 : ms, callback, name),
}

/** What a service does by the clock alone, at intervals of half a minute to hours. */
export const LONG_ROUNDS = new Set([
  'canais.presence',
  'canais.lost-messages',
  'protocolos.retention',
  'pipedrive.reconcile',
])
