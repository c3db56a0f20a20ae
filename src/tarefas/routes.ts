import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { instant, integerOr, orNull, text } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { AppError, notFound } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import { type Range, slices } from '../lib/slices.js'
import { ESTADOS, type Estado, type Tarefa } from './model.js'
import type { Outbox } from './outbox.js'
import { allKept, inState, Repetir, repeatAll } from './repeat.js'

const tag = 'tarefas'
/** Of each state so many are counted; beyond, the header says that there are more. */
const MOST_COUNTED = 1_000

const TarefaDaApi = z
  .object({
    id: z.string(),
    tipo: z.string().meta({ example: 'texto_atribuido' }),
    estado: z.enum(ESTADOS),
    motivo: orNull(z.string(), { description: '`incerta`: ninguém sabe se saiu; uma pessoa decide se repete' }),
    protocolo: z.string().nullable(),
    canal: orNull(z.string()),
    tentativas: z.int(),
    criada_em: instant,
    vence_em: instant,
    encerrada_em: orNull(instant),
  })
  .meta({ id: 'Tarefa' })

const toApi = ({ _id: id, payload: { protocolo, canal }, ...rest }: Tarefa) => ({
  ...rest,
  id,
  protocolo: protocolo === undefined ? null : toNumero(protocolo),
  canal,
})

const Id = z.object({ id: text(1, 64) })
const UNKNOWN = 'Tarefa não encontrada'

/** What is still owed to the platforms, what was done, and what died. */
export function tarefaRoutes({ outbox, clock }: { readonly outbox: Outbox; readonly clock: Clock }): AnyRoute[] {
  const find = async (id: string): Promise<Tarefa> => {
    const found = await outbox.find(id)
    if (!found) throw notFound(UNKNOWN)
    return found
  }
  /** `pendente=3, em_curso=0, feita=1000+, morta=1` */
  const counts = async (range: Range): Promise<string> => {
    const each = ESTADOS.map(async (estado) => {
      let count = 0
      const within = (low: number, high: number, most: number): Promise<Date[]> =>
        outbox.dueWithin(estado, new Date(low), new Date(high), most)
      for await (const { found } of slices(range, within)) {
        count += found.length
        if (count > MOST_COUNTED) return `${estado}=${MOST_COUNTED}+`
      }
      return `${estado}=${count}`
    })
    return (await Promise.all(each)).join(', ')
  }
  const change = async (
    id: string,
    from: Estado,
    changed: Partial<Tarefa>,
    clears: readonly ('motivo' | 'encerrada_em')[] = [],
  ): Promise<Tarefa> => {
    const before = await find(id)
    if (before.estado !== from)
      throw new AppError(409, `A tarefa está ${before.estado}: isto se faz com uma que esteja ${from}`)
    if (!(await outbox.change(before, changed, clears))) {
      throw new AppError(409, 'A tarefa acaba de mudar; veja como está')
    }
    return find(id)
  }
  return [
    route({
      method: 'get',
      path: '/tarefas',
      tag,
      summary: 'Lista o trabalho para as plataformas',
      description:
        'De todos os estados, ou de um só; as mais novas primeiro. `X-Por-Estado` diz quantas há em cada um.',
      scopes: ['leitura'],
      lists: true,
      query: z.object({
        estado: z.enum(ESTADOS).optional().meta({ description: 'Só as deste estado; sem ele, todas' }),
        limit: integerOr(100, 1, 500).meta({ description: 'Quantas, no máximo' }),
      }),
      returns: z.array(TarefaDaApi),
      returnsHeaders: {
        'X-Por-Estado': `Quantas há em cada estado, como \`pendente=3, em_curso=0, feita=120, morta=1\`; conta até ${MOST_COUNTED} de cada (\`1000+\`)`,
      },
      handler: async ({ query }) => {
        const { estado, limit } = query
        const all: Tarefa[] = []
        const within = async (low: number, high: number, most: number): Promise<Tarefa[]> => {
          const each = (estado ? [estado] : ESTADOS).map((one) => inState(outbox, one)(low, high, most))
          return (await Promise.all(each)).flat()
        }
        const range = allKept(clock.now(), 'newest')
        for await (const { found } of slices(range, within)) {
          all.push(...found.toSorted((a, b) => b.vence_em.getTime() - a.vence_em.getTime()))
          if (all.length >= limit) break
        }
        const headers = { 'X-Por-Estado': await counts(range) }
        return { body: all.slice(0, limit).map(toApi), headers }
      },
    }),
    route({
      method: 'post',
      path: '/tarefas/:id/repetir',
      tag,
      summary: 'Repete uma tarefa morta',
      description: 'Um texto incerto pode então chegar duas vezes: quem repete decide.',
      scopes: [],
      params: Id,
      returns: TarefaDaApi,
      fails: { 404: UNKNOWN, 409: 'Não está morta' },
      handler: async ({ params }) => {
        const now = clock.now()
        const asNew = { vence_em: now, criada_em: now, tentativas: 0, outcomeUnknown: false }
        return {
          body: toApi(await change(params.id, 'morta', { estado: 'pendente', ...asNew }, ['motivo', 'encerrada_em'])),
        }
      },
    }),
    route({
      method: 'post',
      path: '/tarefas/repetir',
      tag,
      summary: 'Repete as tarefas mortas que os filtros dizem',
      description:
        'As mais antigas primeiro, no máximo `limite`; `ha_mais` diz se sobraram. Quem diz um `motivo` tem também tentado já o que espera por ele; com `estado` só as mortas ou só as que esperam. As `incerta` e as `cancelada` só se `motivo` as disser.',
      scopes: [],
      body: Repetir,
      examples: {
        fila: { summary: 'Os textos que morreram', value: { fila: 'chat', limite: 50 } },
        motivo: {
          summary: 'As do Pipedrive a que faltou um direito',
          value: { fila: 'pipedrive', motivo: 'recusada:403' },
        },
      },
      returns: z.object({ repetidas: z.int(), ha_mais: z.boolean() }).meta({ id: 'TarefasRepetidas' }),
      handler: async ({ body }) => ({ body: await repeatAll(outbox, clock.now(), body) }),
    }),
    route({
      method: 'post',
      path: '/tarefas/:id/cancelar',
      tag,
      summary: 'Cancela uma tarefa pendente',
      scopes: [],
      params: Id,
      returns: TarefaDaApi,
      fails: { 404: UNKNOWN, 409: 'Não está pendente' },
      handler: async ({ params }) => {
        const cancelled = { estado: 'morta', motivo: 'cancelada', encerrada_em: clock.now() } as const
        return { body: toApi(await change(params.id, 'pendente', cancelled)) }
      },
    }),
  ]
}
