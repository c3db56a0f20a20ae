import type { Clock } from '../../lib/clock.js'
import type { Engine, SupervisorOptions } from './supervisor.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LocalOptions extends Omit<SupervisorOptions, 'clock' | 'random'> {
  /** Forces one way. */
  readonly engine?: 'mongod' | 'secantus' | 'download' | undefined
  readonly env: Environment
  readonly clock?: Clock
  readonly random?: () => number
}

/** A way to an engine: `undefined` where this machine does not have it, and `why` then says what is missing. */
export type Way = (options: LocalOptions, why: (missing: string) => void) => Promise<Engine | undefined>
