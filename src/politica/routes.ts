import { type AnyRoute, route } from '../http/route.js'
import { authorOf } from '../vez/author.js'
import { toHeader } from '../vez/schema.js'
import type { VezService } from '../vez/service.js'
import { fromApi, MudancaDePolitica, PoliticaDaApi, toApi } from './schema.js'

const tag = 'politica'

/** What holds for everybody. A change goes through the line of the turns: it has one place in their order. */
export function politicaRoutes(vez: VezService): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/politica',
      tag,
      summary: 'Mostra o que vale para todos os consultores',
      scopes: ['leitura'],
      returns: PoliticaDaApi,
      handler: async () => ({ body: toApi((await vez.readFresh()).politica) }),
    }),
    route({
      method: 'put',
      path: '/politica',
      tag,
      summary: 'Altera o que vale para todos os consultores',
      description: 'O que não vem fica como está; `null` apaga. Sem nada aqui, vale só a regra da vez.',
      scopes: [],
      body: MudancaDePolitica,
      examples: {
        limite: { summary: 'No máximo 20 protocolos abertos por consultor', value: { limite: 20 } },
        horario: {
          summary: 'De segunda a sexta, e não nos feriados',
          value: {
            horario: {
              semana: {
                seg: ['08:00-18:00'],
                ter: ['08:00-18:00'],
                qua: ['08:00-18:00'],
                qui: ['08:00-18:00'],
                sex: ['08:00-17:00'],
              },
            },
            feriados: { nacionais: true, carnaval: true, dias: ['01-25'] },
          },
        },
        sem_limite: { summary: 'Sem limite', value: { limite: null } },
      },
      returns: PoliticaDaApi,
      returnsHeaders: { 'X-Vez-Versao': 'Lugar desta mudança na ordem de todos os eventos' },
      handler: async ({ body, caller, isAlive }) => {
        const mudanca = fromApi(body)
        const result = await vez.submit({ tipo: 'politica', mudanca, autor: authorOf(caller) }, isAlive)
        if (result.situacao !== 'politica') throw new Error(`a policy was answered with ${result.situacao}`)
        return { body: toApi(result.politica), headers: toHeader(result) }
      },
    }),
  ]
}
