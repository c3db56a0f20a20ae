import type { Clock } from '../../lib/clock.js'
import type { StartError } from '../../lib/start-error.js'
import type { Engine, SupervisorLimits } from './supervisor.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LocalOptions {
  /** Absolute; made when missing. Data, port and the engine's own files are in it. */
  readonly folder: string
  /** Forces one way. */
  readonly engine?: 'mongod' | 'secantus' | 'download' | undefined
  readonly env: Environment
  /** Progress, for the person at the terminal. */
  readonly notify: (line: string) => void
  /** The engine died more often than it may. */
  readonly onGiveUp: (error: StartError) => void
  readonly clock?: Clock
  readonly random?: () => number
  readonly limits?: Partial<SupervisorLimits>
}

/** A way to an engine: `undefined` where this machine does not have it, and `why` then says what is missing. */
export type Way = (options: LocalOptions, why: (missing: string) => void) => Promise<Engine | undefined>
