import type { EventoGuardado } from '../eventos/model.js'
import { askedBy, type LedgerRow } from '../eventos/replay.js'
import type { Request } from '../eventos/rule.js'

/** A request, as it is tried again. */
export interface Customer extends Request {
  /** Of an entry of the line its id, of any other its number. */
  readonly key: string
  readonly at: number
  readonly canWait: boolean
  readonly preferido?: number
  /** Until when he waits; absent: as long as he did in truth. */
  readonly until?: number
}

/** Of an entry of the line that begins with this event. */
export const waitingOf = (espera: string, evento: EventoGuardado): Customer => ({
  key: espera,
  at: evento.em.getTime(),
  canWait: true,
  ...askedBy(evento),
})

/** Of a number whose customer did not wait in truth: it can wait where a chat account asked. */
export function requestOf(row: LedgerRow, at: number): Customer {
  const { n, canal, por, consultor_id, preferencia } = row
  const preferido = por === 'preferido' ? consultor_id : preferencia?.consultor_id
  return {
    key: row.espera_id ?? String(n),
    at,
    canWait: canal !== undefined,
    ...askedBy(row),
    ...(preferido != null && { preferido }),
  }
}
