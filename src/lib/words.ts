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

/** An instant as seen from another one: `10:05`, of another day `26/11 às 10:05`, of another year `26/11/2025 às 10:05`. */
export function clockWords(
  time: LocalTime,
  at: Date,
  seenFrom: Date,
  finest: 'minutes' | 'seconds' = 'minutes',
): string {
  const [day = '', clock = ''] = time.write(at).split(' ')
  const [year = '', month, date] = day.split('-')
  const [today = ''] = time.write(seenFrom).split(' ')
  const hour = finest === 'seconds' ? clock : clock.slice(0, 5)
  if (day === today) return hour
  return today.startsWith(year) ? `${date}/${month} às ${hour}` : `${date}/${month}/${year} às ${hour}`
}

/** When: `às 10:05`, of another day `em 26/11 às 10:05`. */
export function whenWords(time: LocalTime, at: Date, seenFrom: Date): string {
  const words = clockWords(time, at, seenFrom)
  return words.includes('/') ? `em ${words}` : `às ${words}`
}

/** Since when: `desde 09:58`, `desde 26/11 às 18:00`. */
export const sinceWords = (time: LocalTime, at: Date, seenFrom: Date): string =>
  `desde ${clockWords(time, at, seenFrom)}`
