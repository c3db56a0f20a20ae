import type { Membro } from './contrato.js'

export type Horario = NonNullable<Membro['horario']>
/** The API's names of the days, a week beginning on Sunday. */
export const DIAS = ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'] as const
export type Dia = (typeof DIAS)[number]

/** Hours as they are written into a form: of each day its intervals, and the days off. */
export interface Escrito {
  readonly dias: Readonly<Record<Dia, string>>
  readonly folgas: string
}

export function written(horario: Horario | null | undefined): Escrito {
  const of = (dia: Dia): string => horario?.semana?.[dia]?.join(' ') ?? ''
  const [dom, seg, ter, qua] = [of('dom'), of('seg'), of('ter'), of('qua')]
  const dias = { dom, seg, ter, qua, qui: of('qui'), sex: of('sex'), sab: of('sab') }
  return { dias, folgas: horario?.folgas.join(' ') ?? '' }
}

const parts = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '' && part !== 'e')

/** What was written, as the API takes it; what the form does not show stays as it was. `null`: no hours. */
export function read({ dias, folgas }: Escrito, before: Horario | null | undefined): Partial<Horario> | null {
  const semana = Object.fromEntries(
    DIAS.flatMap((dia) => {
      const intervals = parts(dias[dia]).map((one) => one.replace('–', '-'))
      return intervals.length > 0 ? [[dia, intervals]] : []
    }),
  )
  const off = parts(folgas)
  const { feriados = true, fuso = null } = before ?? {}
  const hasDays = Object.keys(semana).length > 0
  if (!hasDays && off.length === 0 && feriados) return null
  return { semana: hasDays ? semana : null, folgas: off, feriados, fuso }
}

/** A week in few words: days of the same hours in a row are told together, `seg–sex 09:00–18:00`. */
export function weekWords(semana: Horario['semana'], names: readonly string[]): string {
  // From Monday on, as people tell their week.
  const order = [1, 2, 3, 4, 5, 6, 0]
  const runs: { readonly from: number; to: number; readonly text: string }[] = []
  for (const day of order) {
    const text = (semana?.[DIAS[day] ?? ''] ?? []).map((one) => one.replace('-', '–')).join(' e ')
    const last = runs.at(-1)
    if (last?.text === text) last.to = day
    else runs.push({ from: day, to: day, text })
  }
  return runs
    .filter(({ text }) => text !== '')
    .map(({ from, to, text }) => `${names[from]}${to === from ? '' : `–${names[to]}`} ${text}`)
    .join(', ')
}
