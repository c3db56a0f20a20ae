import { text } from '../http/text.js'
import type { NovaPausa } from '../vez/rules/commands.js'
import { MAX_MOTIVO, MAX_PAUSA_MIN } from '../vez/rules/pause.js'
import { plainText } from './trigger.js'

/** Words of a reason that comes without a time: more of them are a sentence of a chat. */
const MAX_WORDS = 3
const HOUR_MIN = 60

/** `pausa`, how long, and why: `pausa 30 almoço`, `pausa 30min`, `pausa por 1h30`, `pausa almoço`. */
const PAUSE =
  /^[^\p{L}\p{N}]*pausa(?:[^\p{L}\p{N}]+(?:(?:de|por)\s+)?(?:(?<hours>\d{1,4})\s*h(?:oras?)?(?<more>\d{2})?|(?<minutes>\d{1,6})(?:\s*(?:m|min|mins|minutos?))?))?(?![\p{L}\p{N}])(?<reason>.*)$/isu

/**
 * The pause that a consultor asks for in his own words. `ajuda`: he seems to ask for one, but not how long in a way that we
 * understand, or for too long. `undefined`: it is something else.
 */
export function pauseOf(said: string): NovaPausa | 'ajuda' | undefined {
  const { hours, more = 0, minutes, reason = '' } = PAUSE.exec(said)?.groups ?? {}
  if (plainText(said).split(' ')[0] !== 'pausa') return undefined
  const motivo = reason.replace(/\s+/gu, ' ').replace(/^[^\p{L}\p{N}]+|[\s.,;:!]+$/gu, '')
  if (motivo !== '' && !text(1, MAX_MOTIVO).safeParse(motivo).success) return undefined
  const because = motivo === '' ? {} : { motivo }
  if (hours === undefined && minutes === undefined) {
    if (motivo.split(' ').length > MAX_WORDS) return undefined
    return /\d/.test(motivo) ? 'ajuda' : because
  }
  const minutos = hours === undefined ? Number(minutes) : Number(hours) * HOUR_MIN + Number(more)
  return minutos < 1 || minutos > MAX_PAUSA_MIN ? 'ajuda' : { minutos, ...because }
}
