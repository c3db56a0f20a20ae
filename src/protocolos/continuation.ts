import { LIMIT } from '../lib/mongo.js'
import { isProtocolo, type Pendente, type ProtocoloPendente } from '../vez/document.js'
import { type Change, countedAnew, isOver, toChange, writeChange } from './change.js'
import type { Protocolo, ProtocoloModel } from './model.js'

const MAX_TRIES = 5
const MOTIVO = 'continuado'

/**
 * Ends a protocol that another one continues. `undefined` when it has ended already, or when it was ended by this before and a
 * person has opened it again.
 */
export function toContinued(before: Protocolo, by: Pick<ProtocoloPendente, 'n' | 'created_at'>): Change | undefined {
  if (isOver(before.status) || before.historico.some(({ motivo }) => motivo === MOTIVO)) return undefined
  const change = toChange(before, { status: 'concluido' }, by.created_at)
  return change && { ...change, eventos: change.eventos.map((one) => ({ ...one, motivo: MOTIVO, protocolo: by.n })) }
}

/**
 * Ends the protocols that those of these entries continue, each once, whichever drains do it; one that is not there is not waited
 * for.
 *
 * @param onEnded told of whoever had one that may be ended now
 * @throws when the outcome is unknown, or when others change one of them again and again
 */
export async function endContinued(
  protocolos: ProtocoloModel,
  entries: readonly Pendente[],
  onEnded: (people: readonly number[]) => void,
): Promise<void> {
  for (const entry of entries.filter(isProtocolo)) {
    if (entry.continua !== undefined) await end(protocolos, entry.continua, entry, onEnded)
  }
}

async function end(
  protocolos: ProtocoloModel,
  n: number,
  by: ProtocoloPendente,
  onEnded: (people: readonly number[]) => void,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await protocolos.findById(n).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
    const change = before ? toContinued(before, by) : undefined
    if (!before || !change) return
    // Whatever becomes of the write: they are counted some seconds later.
    onEnded(countedAnew(before, change))
    if (await writeChange(protocolos, before, change)) return
  }
  throw new Error('the protocol is changed again and again')
}
