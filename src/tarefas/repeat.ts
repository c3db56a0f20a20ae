import { z } from 'zod'
import { text } from '../http/text.js'
import { type Range, slices } from '../lib/slices.js'
import { type Estado, FILAS, type Tarefa } from './model.js'
import type { Outbox } from './outbox.js'

/** What ended is forgotten after 30 days; what waits is due within a day. */
const KEPT_MS = 32 * 86_400_000
const AHEAD_MS = 86_400_000
const FIRST_MS = AHEAD_MS + 3_600_000
const MOST = 1_000

/** Why work died that is not repeated unless it is asked for by name: it may have had its effect, or a person ended it. */
const BY_NAME_ONLY = ['incerta', 'cancelada']

export const Repetir = z
  .strictObject({
    motivo: text(1, 200).optional().meta({
      description: 'Inteiro, ou só o começo até um dos dois-pontos',
      example: 'recusada:403',
    }),
    tipo: text(1, 64).optional().meta({ example: 'pipedrive' }),
    fila: z.enum(FILAS).optional(),
    desde: z.iso
      .datetime({ offset: true, error: 'Use ISO 8601 com fuso, como 2026-01-31T00:00:00Z' })
      .optional()
      .meta({ description: 'Mortas (ou, das pendentes, criadas) desde este instante (ISO 8601)' }),
    estado: z
      .enum(['morta', 'pendente'])
      .optional()
      .meta({ description: 'Sem ele: as mortas, e as que esperam pelo `motivo` dito' }),
    limite: z.int().min(1).max(MOST).default(500),
  })
  .refine(
    ({ motivo, tipo, fila, desde }) => [motivo, tipo, fila, desde].some((one) => one !== undefined),
    'Diga ao menos um filtro: motivo, tipo, fila ou desde',
  )
  .meta({ id: 'RepetirTarefas' })

/** Along the index, over all that is kept. */
export const allKept = (now: Date, first: 'newest' | 'oldest'): Range => ({
  from: now.getTime() - KEPT_MS,
  to: now.getTime() + AHEAD_MS,
  descending: first === 'newest',
  width: FIRST_MS,
})

export const inState =
  (outbox: Pick<Outbox, 'within'>, estado: Estado) =>
  (low: number, high: number, most: number): Promise<Tarefa[]> =>
    outbox.within(estado, new Date(low), new Date(high), most)

/** Makes what the filters say due now, the oldest first. */
export async function repeatAll(
  outbox: Pick<Outbox, 'within' | 'repeat'>,
  now: Date,
  { estado, limite, ...filters }: z.output<typeof Repetir>,
): Promise<{ readonly repetidas: number; readonly ha_mais: boolean }> {
  const isWanted = matching(filters)
  // Who names what was wrong has put it right: what waits for it need not wait longer.
  const states = estado
    ? [estado]
    : filters.motivo === undefined
      ? (['morta'] as const)
      : (['morta', 'pendente'] as const)
  /** What waits is due later once it was repeated, and so would be met again. */
  const met = new Set<string>()
  let repetidas = 0
  for (const state of states) {
    for await (const { found } of slices(allKept(now, 'oldest'), inState(outbox, state))) {
      const wanted = found.filter((one) => isWanted(one) && !met.has(one._id)).sort(bySequence)
      const room = limite - repetidas
      for (const { _id } of wanted) met.add(_id)
      repetidas += await outbox.repeat(wanted.slice(0, room), state, now)
      if (wanted.length > room) return { repetidas, ha_mais: true }
    }
  }
  return { repetidas, ha_mais: false }
}

const bySequence = (a: Tarefa, b: Tarefa): number => (a.sequence ?? 0) - (b.sequence ?? 0)

function matching({
  motivo: wanted,
  tipo,
  fila,
  desde,
}: Pick<z.output<typeof Repetir>, 'motivo' | 'tipo' | 'fila' | 'desde'>): (tarefa: Tarefa) => boolean {
  const since = desde === undefined ? undefined : new Date(desde)
  return (one) =>
    (tipo === undefined || one.tipo === tipo) &&
    (fila === undefined || one.fila === fila) &&
    (since === undefined || (one.encerrada_em ?? one.criada_em) >= since) &&
    (wanted === undefined ? !BY_NAME_ONLY.includes(one.motivo ?? '') : isOf(one.motivo, wanted))
}

/** Work that died of too many attempts is found by its last failure too. */
function isOf(motivo: string | undefined, wanted: string): boolean {
  if (motivo === undefined) return false
  const last = motivo.replace(/^tentativas_esgotadas: /, '')
  return [motivo, last].some((one) => one === wanted || one.startsWith(`${wanted}:`))
}
