import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'

/** What is looked at when somebody asks for the metrics. */
export interface Looked {
  readonly pendentes: number
  readonly recusados: number
  readonly espera: number
  readonly fila: number
  readonly documentoBytes: number
  /** False: the last write of the turn failed, and none has succeeded since. */
  readonly grava: boolean
}

export interface Metrics {
  readonly registry: Registry
  /** One answered request, by its route's pattern. */
  request(method: string, route: string, status: number, seconds: number): void
}

/** Bounds of the latency histograms, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Process, requests, and what `look` sees when the metrics are asked for. */
export function createMetrics(registry: Registry, engine: string, look: () => Looked): Metrics {
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({ name: 'vez_banco_info', help: 'Motor do banco', labelNames: ['motor'], registers }).set(
    { motor: engine },
    1,
  )
  const seen = (name: string, help: string, pick: (looked: Looked) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(pick(look()))
      },
    })
  }
  seen('vez_pendentes', 'Entradas à espera da cópia para protocolos e tarefas', ({ pendentes }) => pendentes)
  seen('vez_recusados', 'Entradas que o banco recusou', ({ recusados }) => recusados)
  seen('vez_clientes_em_espera', 'Clientes que esperam por um consultor', ({ espera }) => espera)
  seen('vez_fila', 'Requisições à espera da próxima gravação', ({ fila }) => fila)
  seen('vez_documento_bytes', 'Tamanho do documento vez', ({ documentoBytes }) => documentoBytes)
  seen('vez_grava', '0: a última gravação da vez falhou, e nenhuma deu certo desde então', ({ grava }) => Number(grava))
  const requests = new Histogram({
    name: 'http_requisicao_segundos',
    help: 'Requisições por rota',
    labelNames: ['metodo', 'rota', 'status'],
    buckets: SECONDS,
    registers,
  })
  return {
    registry,
    request: (metodo, rota, status, seconds) => requests.observe({ metodo, rota, status }, seconds),
  }
}
