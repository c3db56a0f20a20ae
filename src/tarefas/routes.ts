import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { instant, integerOr, orNull, text } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { AppError, notFound } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import { slices } from '../lib/slices.js'
import { ESTADOS, type Estado, type Tarefa } from './model.js'
import type { Outbox } from './outbox.js'
import { allKept, inState, Repetir, repeatAll } from './repeat.js'

const tag = 'tarefas'

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
      description: 'As mais novas primeiro.',
      scopes: ['leitura'],
      lists: true,
      query: z.object({
        estado: z.enum(ESTADOS).default('morta'),
        limit: integerOr(100, 1, 500).meta({ description: 'Quantas, no máximo' }),
      }),
      returns: z.array(TarefaDaApi),
      handler: async ({ query }) => {
        const { estado, limit } = query
        const all: Tarefa[] = []
        for await (const { found } of slices(allKept(clock.now(), 'newest'), inState(outbox, estado))) {
          all.push(...found.toSorted((a, b) => b.vence_em.getTime() - a.vence_em.getTime()))
          if (all.length >= limit) break
        }
        return { body: all.slice(0, limit).map(toApi) }
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
        'As mais antigas primeiro, no máximo `limite`; `ha_mais` diz se sobraram. Com `estado: pendente`, o que espera é tentado já. As `incerta` e as `cancelada` só se `motivo` as disser.',
      scopes: [],
      body: Repetir,
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
