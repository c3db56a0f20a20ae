import { replayPeriod } from '../eventos/replay-period.js'
import { type LedgerReader, wholeLedger } from '../eventos/step-back.js'
import { type AnyRoute, route } from '../http/route.js'
import type { LocalTime } from '../lib/local-time.js'
import { toApi } from './result.js'
import { PedidoDeSimulacao, Simulacao, toChanges, toPeriod } from './schema.js'
import { Simulation } from './simulation.js'

export interface SimulacaoRoutes extends LedgerReader {
  readonly time: LocalTime
  readonly esperaIntervaloMs: number
}

/** What would have been, if the line had been another. */
export function simulacaoRoutes(deps: SimulacaoRoutes): AnyRoute[] {
  const { vez, clock, time, esperaIntervaloMs } = deps
  return [
    route({
      method: 'post',
      path: '/vez/simulacao',
      tag: 'livro',
      lists: 'long',
      summary: 'Como teria sido, se a equipe ou os limites fossem outros',
      description: [
        'Refaz os pedidos e os clientes que esperaram num período do livro, de até 31 dias, com até 20 mudanças: quantos turnos cada um',
        'teria tido, e quanto os clientes teriam esperado. Não muda nada. Pedidos da API que acabaram em 404 não deixaram rastro, e',
        '`avisos` o diz. Sem `desde`, os últimos 30 dias. Uma por vez em cada processo; as outras esperam ou recebem 429.',
      ].join(' '),
      scopes: [],
      body: PedidoDeSimulacao(time),
      examples: {
        novo: {
          summary: 'Mais um que fala espanhol',
          value: { mudancas: [{ tipo: 'novo', nome: 'Zé', idiomas: ['pt', 'es'] }] },
        },
        ausencia: {
          summary: 'Sem uma pessoa',
          value: { mudancas: [{ tipo: 'ausencia', consultor_id: 1 }] },
        },
        limite: {
          summary: 'No máximo 5 protocolos abertos para cada um',
          value: { mudancas: [{ tipo: 'limite', limite: 5 }] },
        },
      },
      returns: Simulacao,
      handler: async ({ body, isAlive }) => {
        const period = toPeriod(body, clock.now(), time)
        const snapshot = await vez.readFresh()
        const changes = toChanges(body, period, snapshot.ultimo_consultor_id)
        const options = { from: period.desde.getTime(), to: period.ate.getTime(), changes, esperaIntervaloMs }
        const simulation = new Simulation(options)
        const replay = await replayPeriod(wholeLedger(deps), snapshot, period, simulation, isAlive)
        const result = simulation.end(replay)
        return { body: { ...toApi(result, changes, snapshot), ...period, fuso: time.zone } }
      },
    }),
  ]
}
