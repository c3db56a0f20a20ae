import { mongo } from 'mongoose'
import type { Looked } from '../lib/metrics.js'
import { isPendente, toDocument, type Vez } from './document.js'
import type { VezService } from './service.js'

export const documentBytes = (vez: Vez): number => mongo.BSON.calculateObjectSize(toDocument(vez))

/** What metrics and health tell of the turn, from the newest image that was seen. */
export function look(service: VezService): Looked {
  const vez = service.seen()
  return {
    pendentes: vez?.pendentes.length ?? 0,
    recusados: vez?.pendentes.filter((entry) => isPendente(entry) && entry.recusada !== undefined).length ?? 0,
    espera: vez?.espera.length ?? 0,
    fila: service.waiting(),
    documentoBytes: vez ? documentBytes(vez) : 0,
  }
}
