import { z } from 'zod'
import { instant } from '../http/text.js'
import { unprocessable } from '../lib/errors.js'
import { addDays, type LocalTime } from '../lib/local-time.js'
import type { Period } from './report.js'
import { periodo } from './schema.js'

/** Days that one report covers at most, and those of one that says not how many. */
const MOST_DAYS = 366
const USUAL_DAYS = 30

export const PeriodoDoRelatorio = (local: LocalTime) => z.object(periodo(local))

type Asked = z.output<ReturnType<typeof PeriodoDoRelatorio>>

const total = z.int()

export const Relatorio = z
  .object({
    desde: instant,
    ate: instant.meta({ description: 'Este instante já não conta' }),
    fuso: z.string().meta({ example: 'America/Sao_Paulo' }),
    total,
    por_consultor: z
      .array(z.object({ consultor_id: z.int().nullable(), nome: z.string().nullable(), total }))
      .meta({ description: 'A quem o turno foi dado; `null`: números sem consultor' }),
    por_canal: z
      .array(z.object({ canal: z.string().nullable(), plataforma: z.string().nullable(), total }))
      .meta({ description: '`null`: pedidos pela API' }),
    por_idioma: z.array(z.object({ idioma: z.string().nullable(), total })),
    por_dia: z
      .array(z.object({ dia: z.string().meta({ example: '2026-01-31' }), total }))
      .meta({ description: 'Todos os dias do período, no fuso do serviço' }),
  })
  .meta({ id: 'Relatorio' })

/** Where a period is asked for, and how many days it covers at most. */
interface Limits {
  readonly loc: 'query' | 'body'
  readonly mostDays: number
}

/** The period asked for, at this time. Throws a 422 where it is empty or too long. */
export function toPeriod(
  { desde, ate }: Asked,
  now: Date,
  time: LocalTime,
  { loc, mostDays }: Limits = { loc: 'query', mostDays: MOST_DAYS },
): Period {
  const until = ate ?? time.startOf(addDays(time.dayOf(now)))
  const lastDay = time.dayOf(new Date(until.getTime() - 1))
  const from = desde ?? time.startOf(addDays(lastDay, 1 - USUAL_DAYS))
  const refused = (msg: string) => unprocessable([{ loc: [loc, 'desde'], msg, type: 'value_error' }])
  if (from >= until) throw refused('Fica depois do fim do período')
  if (from < time.startOf(addDays(lastDay, 1 - mostDays))) throw refused(`Peça até ${mostDays} dias de cada vez`)
  return { desde: from, ate: until }
}
