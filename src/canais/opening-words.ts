import { localTime } from '../lib/local-time.js'
import type { Abre } from '../vez/document.js'
import { toIdiomaDeTexto } from './texts.js'

const DAY_MS = 86_400_000
const WEEK = 7

/** How each of our languages tells the day and the time. */
const WORDS = {
  pt: {
    ...{ today: 'hoje', tomorrow: 'amanhã', at: (time: string) => `${time.startsWith('01') ? 'à' : 'às'} ${time}` },
    ...{ weekday: (day: string) => `na ${day}`, date: (day: string) => `em ${day}`, locale: 'pt-BR' },
  },
  es: {
    ...{
      today: 'hoy',
      tomorrow: 'mañana',
      at: (time: string) => `${time.startsWith('01') ? 'a la' : 'a las'} ${time}`,
    },
    ...{ weekday: (day: string) => `el ${day}`, date: (day: string) => `el ${day}`, locale: 'es' },
  },
  en: {
    ...{ today: 'today', tomorrow: 'tomorrow', at: (time: string) => `at ${time}` },
    ...{ weekday: (day: string) => `on ${day}`, date: (day: string) => `on ${day}`, locale: 'en' },
  },
} as const

/** Saturday and Sunday have another gender than the other days. */
const MASCULINE = /^(?:sábado|domingo)/

/** When it opens, by the clock of the account: `hoje às 14:00`, `amanhã às 08:00`, `na segunda-feira às 08:00`, `em 5 de janeiro às 08:00`. */
export function openingWords(idioma: string | undefined, { em, fuso }: Abre, now: Date): string {
  const { today, tomorrow, at, weekday, date, locale } = WORDS[toIdiomaDeTexto(idioma)]
  const { write, dayOf } = localTime(fuso)
  const days = Math.round((Date.parse(dayOf(em)) - Date.parse(dayOf(now))) / DAY_MS)
  const name = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: fuso }).format(em)
  const ofWeek = (): string => {
    const day = name({ weekday: 'long' })
    return locale === 'pt-BR' && MASCULINE.test(day) ? `no ${day}` : weekday(day)
  }
  const day =
    days <= 0 ? today : days === 1 ? tomorrow : days < WEEK ? ofWeek() : date(name({ day: 'numeric', month: 'long' }))
  return `${day} ${at(write(em).slice(11, 16))}`
}
