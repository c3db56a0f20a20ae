import { z } from 'zod'
import { text } from '../http/text.js'
import { isDay, isZone } from '../lib/local-time.js'
import { DIAS, readSemana, type Semana, toIntervalo, writeSemana } from './plano.js'

const MOST_INTERVALS = 6
const MOST_FOLGAS = 40
/** Days of one range of days off. */
const LONGEST_FOLGA = 366
const MOST_DIAS = 60
const DAY_MS = 86_400_000

const Intervalo = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
    message: 'Um intervalo é como 08:00-12:00; um que passa da meia-noite, como 22:00-02:00; o dia todo, 00:00-24:00',
  })
  .refine((one) => one.slice(0, 5) !== one.slice(6), {
    message: 'Começa e acaba na mesma hora; o dia todo: 00:00-24:00',
  })

const Dia = z
  .array(Intervalo)
  .max(MOST_INTERVALS)
  .refine((all) => !overlaps(all), { message: 'Os intervalos não podem se cruzar' })

function overlaps(all: readonly string[]): boolean {
  const sorted = all.map(toIntervalo).sort((one, other) => one.de - other.de)
  return sorted.some(({ de }, place) => place > 0 && de < (sorted[place - 1]?.ate ?? 0))
}

const semana = z
  .partialRecord(z.enum(DIAS), Dia)
  .refine((all) => Object.values(all).some((one) => one.length > 0), { message: 'Diga ao menos um intervalo' })
  .meta({
    description:
      'Os intervalos de cada dia da semana (`seg` a `dom`); um dia que não vem não tem nenhum. Um intervalo que passa da meia-noite é do dia em que começa',
    example: { seg: ['08:00-12:00', '13:00-18:00'], ter: ['08:00-12:00', '13:00-18:00'], sab: ['09:00-13:00'] },
  })

const inCentury = (day: string): boolean => isDay(day) && day >= '2000-01-01' && day <= '2099-12-31'

const Folga = z.string().refine(isFolga, {
  message: 'Um dia, como 2026-12-24, ou um período de até 366 dias, como 2026-12-24/2027-01-02',
})

function isFolga(written: string): boolean {
  const [from = '', to = from, ...more] = written.split('/')
  if (more.length > 0 || !inCentury(from) || !inCentury(to)) return false
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS
  return days >= 0 && days < LONGEST_FOLGA
}

const folgas = z
  .array(Folga)
  .max(MOST_FOLGAS)
  .meta({ description: 'Dias e períodos sem expediente', example: ['2026-12-24', '2026-12-28/2027-01-08'] })

export const Fuso = text(1, 64)
  .refine(isZone, { message: 'Use um fuso da lista IANA, como America/Sao_Paulo' })
  .meta({ description: 'Um fuso da lista IANA', example: 'America/Sao_Paulo' })

/** Hours as people write and read them. `null` is as if it did not come. */
export const HorarioDaApi = z
  .strictObject({
    semana: semana.nullable(),
    folgas,
    feriados: z.boolean().meta({ description: 'Não há expediente nos feriados de `PUT /politica`; padrão: `true`' }),
    fuso: Fuso.nullable().meta({ description: 'Padrão: o de `PUT /politica`, senão `FUSO`' }),
  })
  .partial()
  .meta({ id: 'Horario', description: 'O horário de expediente; é trocado inteiro' })

type Horario = z.output<typeof HorarioDaApi>

/** Hours as they are stored; absent fields are left out. */
export interface Guardado {
  readonly semana?: string
  readonly folgas?: readonly string[]
  readonly feriados?: boolean
  readonly fuso?: string
}

/** `null`: these say nothing. */
export function toGuardado({
  semana: week,
  folgas: off = [],
  feriados,
  fuso,
}: Horario): (Guardado & { folgas?: string[] }) | null {
  const stored = {
    ...(week && { semana: writeSemana(week) }),
    ...(off.length > 0 && { folgas: [...new Set(off)].sort() }),
    ...(feriados === false && { feriados }),
    ...(fuso && { fuso }),
  }
  return Object.keys(stored).length > 0 ? stored : null
}

/** Hours as people read them: all fields. */
export const fromGuardado = ({ semana: week, folgas: off = [], feriados = true, fuso }: Guardado) => ({
  semana: week === undefined ? null : toMutable(readSemana(week)),
  folgas: [...off],
  feriados,
  fuso: fuso ?? null,
})

const toMutable = (week: Semana) =>
  Object.fromEntries(Object.entries(week).map(([dia, all]) => [dia, [...(all ?? [])]]))

const EVERY_YEAR = /^\d\d-\d\d$/

const DiaExtra = z.string().refine((day) => (EVERY_YEAR.test(day) ? isDay(`2024-${day}`) : inCentury(day)), {
  message: 'Um dia, como 2026-01-25, ou o mesmo dia de cada ano, como 01-25',
})

/** Which days are holidays. */
export const FeriadosDaApi = z
  .strictObject({
    nacionais: z.boolean().meta({ description: 'Os nove de data fixa e a Sexta-feira Santa' }),
    carnaval: z.boolean().meta({ description: 'A segunda e a terça-feira' }),
    corpus_christi: z.boolean(),
    dias: z
      .array(DiaExtra)
      .max(MOST_DIAS)
      .meta({ description: 'Outros dias: da cidade, do estado, da empresa', example: ['01-25', '2026-12-24'] }),
  })
  .partial()
  .meta({ id: 'Feriados', description: 'Trocados inteiros; o que não vem é `false`' })
