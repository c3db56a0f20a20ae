import { z } from 'zod'
import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import type { Since } from '../protocolos/porque.js'
import type { Vez } from '../vez/document.js'
import type { HistorySource } from './history.js'
import { type EventoGuardado, eventoCollection, toEventoGuardado } from './model.js'
import { byPlace } from './replay.js'

/** Versions of the first slice that is looked at. */
const FIRST_VERSIONS = 10_000

/** A condition that comes and goes: which field of a person it is, and whether he is kept out by what an event says of it. */
const KEPT_OUT: Readonly<Record<string, readonly [field: string, isOut: (para: unknown) => boolean]>> = {
  offline: ['online', (para) => para === false],
  pausa: ['pausa', (para) => para != null],
  horario: ['horario', (para) => z.looseObject({ dentro: z.literal(false) }).safeParse(para).success],
}

/** What `para` holds of somebody where his hours began or ended by themselves. */
const Boundary = z.looseObject({ dentro: z.boolean() })

/**
 * Since when somebody was kept out when a protocol was decided, by whom and why, as the ledger tells it; `undefined` where it does
 * not, and of conditions that do not come and go.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 */
export async function sinceThen(
  { connection, letPass }: HistorySource,
  vez: Vez,
  protocolo: { readonly versao: number; readonly lugar: number },
  consultor_id: number,
  motivo: string,
): Promise<Since | undefined> {
  const [field, isOut] = KEPT_OUT[motivo] ?? []
  if (field === undefined || isOut === undefined) return undefined
  const pending = vez.eventos.map(toEventoGuardado).filter((one) => one.consultores?.includes(consultor_id))
  const find = (low: number, high: number, limit: number) =>
    eventoCollection(connection)
      .find<EventoGuardado>({ consultores: consultor_id, versao: { $gte: low, $lte: high } }, { ...LIMIT, limit })
      .toArray()
  const range = { from: 0, to: protocolo.versao, descending: true, width: FIRST_VERSIONS }
  for await (const { found, low, high } of slices(range, find)) {
    const others = pending.filter((one) => one.versao >= low && one.versao <= high)
    const last = [...found, ...others]
      .filter((one) => byPlace(one, protocolo) < 0 && saysOf(one, field) !== undefined)
      .sort((one, other) => byPlace(other, one))[0]
    if (last) return isOut(saysOf(last, field)) ? toSince(last) : undefined
    await letPass()
  }
  return undefined
}

/** What an event says that this field has become; `undefined`: nothing. */
function saysOf({ tipo, para = {} }: EventoGuardado, field: string): unknown {
  if (tipo === 'horario' && field === 'horario') return Boundary.safeParse(para).data
  return para[field]
}

/** Hours begin and end at their instant, which is written down only with what comes next. */
const toSince = ({ tipo, em, ate, por, motivo }: EventoGuardado): Since => ({
  desde: tipo === 'horario' ? (ate ?? em) : em,
  ...(por !== undefined && { por }),
  ...(motivo !== undefined && { motivo }),
})
