import { isQuadro, type Step } from './replay.js'

/**
 * Clocks of processes differ by less, and step by less, ms: entries are in the order in which they were decided, so that those of a
 * period may stand among others that are so much older or newer.
 */
export const CLOCKS_APART_MS = 3_600_000

/** When it happened; a roster is of no instant. */
export function instantOf(step: Step): Date | undefined {
  if ('protocolo' in step) return step.protocolo.created_at
  return isQuadro(step.registro) ? undefined : step.registro.em
}
