import { mongo } from 'mongoose'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Logger } from '../lib/logger.js'
import { type Looked, SECONDS } from '../lib/metrics.js'
import { isPendente, toDocument, type Vez } from './document.js'
import type { VezObserver, VezService } from './service.js'

/** Past this the document is worth a warning (docs/guarantees.md#bounds). */
const MUCH_BYTES = 1_000_000
const TURNS: ReadonlySet<string> = new Set(['atribuido', 'em_atendimento', 'em_espera', 'indisponivel'])

/** Counts what sequencer and drain tell, and raises the alarm where a person must look. */
export function vezObserver(registry: Registry, logger: Logger): VezObserver {
  const registers = [registry]
  const turns = new Counter({
    name: 'vez_turnos_total',
    help: 'Pedidos de turno',
    labelNames: ['resultado'],
    registers,
  })
  const expired = new Counter({ name: 'vez_esperas_expiradas_total', help: 'Clientes que esperaram demais', registers })
  const misses = new Counter({
    name: 'vez_gravacoes_perdidas_total',
    help: 'Gravações perdidas para outro processo, ou de resultado desconhecido',
    labelNames: ['causa'],
    registers,
  })
  const inARow = new Gauge({ name: 'vez_perdas_seguidas_max', help: 'Mais perdas seguidas desde o início', registers })
  const batches = new Histogram({
    name: 'vez_lote_tamanho',
    help: 'Pedidos por gravação',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  })
  const writes = new Histogram({
    name: 'vez_gravacao_segundos',
    help: 'Uma gravação, com leitura e decisão',
    buckets: SECONDS,
    registers,
  })
  const lag = new Histogram({
    name: 'vez_dreno_atraso_segundos',
    help: 'Do turno à cópia',
    buckets: SECONDS,
    registers,
  })
  const copies = new Counter({
    name: 'vez_dreno_copias_total',
    help: 'Entradas copiadas',
    labelNames: ['resultado'],
    registers,
  })
  let most = 0
  return {
    batch(size, decision, ms) {
      batches.observe(size)
      writes.observe(ms / 1_000)
      expired.inc(decision.expired)
      for (const { situacao } of decision.results) if (TURNS.has(situacao)) turns.inc({ resultado: situacao })
    },
    miss(count, cause) {
      misses.inc({ causa: cause === 'lost' ? 'perdida' : 'desconhecida' })
      most = Math.max(most, count)
      inARow.set(most)
    },
    copied(count, lagMs) {
      copies.inc({ resultado: 'copiada' }, count)
      lag.observe(Math.max(0, lagMs) / 1_000)
    },
    refused(motivo) {
      copies.inc({ resultado: 'recusada' })
      logger.error({ motivo }, 'the database refused a copy: its entry stays in vez.pendentes')
    },
    failed() {
      copies.inc({ resultado: 'falha' })
      logger.warn('a copy failed and will be repeated')
    },
    seen(vez) {
      const bytes = documentBytes(vez)
      if (bytes > MUCH_BYTES) logger.warn({ bytes }, 'the document vez is large: each turn has to carry it')
    },
  }
}

/** Size of the stored document, bytes. */
export const documentBytes = (vez: Vez): number => mongo.BSON.calculateObjectSize(toDocument(vez))

/** What metrics and health tell of the turn, from the newest snapshot that was seen. */
export function look(service: VezService): Looked {
  const vez = service.latest()
  return {
    pendentes: vez?.pendentes.length ?? 0,
    recusados: vez?.pendentes.filter((entry) => isPendente(entry) && entry.recusada !== undefined).length ?? 0,
    espera: vez?.espera.length ?? 0,
    fila: service.queueLength(),
    documentoBytes: vez ? documentBytes(vez) : 0,
    grava: !service.writesFail(),
  }
}
