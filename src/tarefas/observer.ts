import { Counter, Gauge, type Registry } from 'prom-client'
import type { WorkerObserver } from './worker.js'

/** Counts what the workers of the outbox do; one observer for each of them, by name. */
export function workerObservers(registry: Registry): (fila: 'chat' | 'pipedrive') => WorkerObserver {
  const registers = [registry]
  const finished = new Counter({
    name: 'tarefas_total',
    help: 'Tentativas de trabalho nas plataformas, por tipo e resultado',
    labelNames: ['tipo', 'resultado'],
    registers,
  })
  const oldest = new Gauge({
    name: 'tarefas_idade_segundos',
    help: 'Há quanto tempo existe a tarefa vencida mais antiga',
    labelNames: ['fila'],
    registers,
  })
  return (fila) => ({
    finished: (tipo, resultado) => finished.inc({ tipo, resultado }),
    oldest: (ms) => oldest.set({ fila }, ms / 1_000),
  })
}
