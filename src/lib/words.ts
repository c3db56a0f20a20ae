import type { LocalTime } from './local-time.js'

const list = new Intl.ListFormat('pt-BR', { type: 'conjunction' })
const languages = new Intl.DisplayNames('pt-BR', { type: 'language', fallback: 'code' })

/** `Ana, Bia e Caio`. */
export const inWords = (items: readonly string[]): string => list.format(items)

/** The Portuguese name of a language: `inglês`; what is no code stays as it is. */
export function languageName(code: string): string {
  try {
    return languages.of(code.replaceAll('_', '-')) ?? code
  } catch {
    return code
  }
}

/** When, as seen from another instant: `às 10:05`, of another day `em 26/11 às 10:05`, of another year `em 26/11/2025 às 10:05`. */
export function whenWords(time: LocalTime, at: Date, seenFrom: Date): string {
  const [day = '', clock = ''] = time.write(at).split(' ')
  const [year = '', month, date] = day.split('-')
  const [today = ''] = time.write(seenFrom).split(' ')
  const hour = `às ${clock.slice(0, 5)}`
  if (day === today) return hour
  return today.startsWith(year) ? `em ${date}/${month} ${hour}` : `em ${date}/${month}/${year} ${hour}`
}

/** Since when, as seen from another instant: `desde 09:58`, `desde 26/11 às 18:00`. */
export const sinceWords = (time: LocalTime, at: Date, seenFrom: Date): string =>
  `desde ${whenWords(time, at, seenFrom).replace(/^(?:às|em) /, '')}`
