import { Counter, type Registry } from 'prom-client'
import type { RelayObserver } from './relay.js'

/** Counts what was passed on to the process that writes for all. */
export function relayObserver(registry: Registry): RelayObserver {
  const passed = new Counter({
    name: 'vez_repassados_total',
    help: 'Pedidos repassados ao processo que grava por todos; os de falha foram atendidos aqui',
    labelNames: ['resultado'],
    registers: [registry],
  })
  return { passed: (resultado) => passed.inc({ resultado }) }
}
