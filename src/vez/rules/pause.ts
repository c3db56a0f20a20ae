import type { Consultor, Pausa } from '../document.js'
import type { Boundaries, Boundary } from './boundary.js'
import type { Autor, NovaPausa } from './commands.js'
import { recordChange } from './ledger.js'

/** The longest pause with an end, minutes. */
export const MAX_PAUSA_MIN = 1_440
/** Characters of its reason. */
export const MAX_MOTIVO = 80

const MINUTE_MS = 60_000

/** May a pause end then? Within the longest pause from now. */
export const isEndOfPause = (ate: Date, now: Date): boolean =>
  ate > now && ate.getTime() - now.getTime() <= MAX_PAUSA_MIN * MINUTE_MS

/**
 * A person's pause after a change: `null` ends it, a new one takes the place of one that lasts still, but for its beginning.
 *
 * @param asked `undefined`: it stays
 */
export function pausaAfter(
  before: Pausa | undefined,
  asked: NovaPausa | null | undefined,
  { por }: Autor,
  now: Date,
): Pausa | undefined {
  if (asked === undefined) return before
  if (asked === null) return undefined
  const { motivo, minutos } = asked
  const ate = minutos === undefined ? asked.ate : new Date(now.getTime() + minutos * MINUTE_MS)
  // The time that the request had to wait may have been all of it.
  if (ate && ate <= now) return undefined
  return {
    desde: before?.desde ?? now,
    por,
    ...(ate !== undefined && { ate }),
    ...(motivo !== undefined && { motivo }),
  }
}

/** This person, back from his pause. */
const withoutPause = ({ pausa: _, ...rest }: Consultor): Consultor => rest

/** Pauses that end by themselves. */
export const ENDS_OF_PAUSES: Boundaries = {
  *instants({ consultores }) {
    for (const { pausa } of consultores.values()) if (pausa?.ate) yield pausa.ate
  },

  due({ consultores }, now) {
    const due: [number, Boundary][] = []
    for (const [id, consultor] of consultores) {
      const ate = consultor.pausa?.ate
      if (ate && ate <= now) due.push([id, endOfPause(id, consultor, ate)])
    }
    return due.sort(([one], [other]) => one - other).map(([, boundary]) => boundary)
  },
}

const endOfPause = (id: number, paused: Consultor, ate: Date): Boundary => ({
  ate,
  cross: (draft) => {
    const before = draft.consultores.get(id) ?? paused
    const after = withoutPause(before)
    draft.put(id, after)
    recordChange(draft, id, before, after, { por: 'agenda' }, draft.place(), ate)
  },
})
