import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { text, whole } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { AppError, notFound } from '../lib/errors.js'
import { slices } from '../lib/slices.js'
import { toNumero } from '../protocolos/numero.js'
import { ESTADOS, FILAS, type Tarefa, type TarefaModel } from './model.js'

const tag = 'tarefas'
const MAX_TIME_MS = 3_000
/** What ended is forgotten after 30 days; what waits is due within a day. */
const KEPT_MS = 32 * 86_400_000
const AHEAD_MS = 86_400_000
const FIRST_MS = AHEAD_MS + 3_600_000

const TarefaDaApi = z
  .object({
    id: z.string(),
    tipo: z.string().meta({ example: 'texto_atribuido' }),
    estado: z.enum(ESTADOS),
    motivo: z.string().nullable().meta({ description: '`incerta`: ninguém sabe se saiu; uma pessoa decide se repete' }),
    protocolo: z.string().nullable(),
    canal: z.string().nullable(),
    tentativas: z.int(),
    criada_em: z.iso.datetime(),
    vence_em: z.iso.datetime(),
    encerrada_em: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Tarefa' })

const toApi = (one: Tarefa): z.input<typeof TarefaDaApi> => ({
  id: one._id,
  tipo: one.tipo,
  estado: one.estado,
  motivo: one.motivo ?? null,
  protocolo: one.protocolo === undefined ? null : toNumero(one.protocolo),
  canal: one.canal ?? null,
  tentativas: one.tentativas,
  criada_em: one.criada_em.toISOString(),
  vence_em: one.vence_em.toISOString(),
  encerrada_em: one.encerrada_em?.toISOString() ?? null,
})

const Id = z.object({ id: text(1, 64) })
const UNKNOWN = 'Tarefa não encontrada'

/** What is still owed to the platforms, what was done, and what died. */
export function tarefaRoutes(tarefas: TarefaModel, clock: Clock, wake: () => void): AnyRoute[] {
  const collection = tarefas.db.collection<Tarefa>('tarefas')
  const slice = async (estado: Tarefa['estado'], low: number, high: number, limit: number): Promise<Tarefa[]> => {
    const vence_em = { $gte: new Date(low), $lte: new Date(high) }
    const each = FILAS.map((fila) =>
      collection.find({ fila, estado, vence_em }, { maxTimeMS: MAX_TIME_MS }).limit(limit).toArray(),
    )
    return (await Promise.all(each)).flat()
  }
  const change = async (
    id: string,
    from: readonly Tarefa['estado'][],
    make: (agora: Date) => { $set: Partial<Tarefa>; $unset?: Record<string, ''> },
  ): Promise<Tarefa> => {
    const before = await collection.findOne({ _id: id }, { maxTimeMS: MAX_TIME_MS })
    if (!before) throw notFound(UNKNOWN)
    if (!from.includes(before.estado)) throw new AppError(409, `A tarefa está ${before.estado}`)
    const { estado, vence_em } = before
    const { modifiedCount } = await collection.updateOne({ _id: id, estado, vence_em }, make(clock.now()), {
      maxTimeMS: MAX_TIME_MS,
    })
    if (modifiedCount === 0) throw new AppError(409, 'A tarefa acaba de mudar; veja como está')
    const after = await collection.findOne({ _id: id }, { maxTimeMS: MAX_TIME_MS })
    if (!after) throw notFound(UNKNOWN)
    return after
  }
  return [
    route({
      method: 'get',
      path: '/tarefas',
      tag,
      summary: 'Lista o trabalho para as plataformas',
      description: 'As mais novas primeiro.',
      scopes: ['leitura'],
      query: z.object({ estado: z.enum(ESTADOS).default('morta'), limit: whole(1, 500).default(100) }),
      returns: z.array(TarefaDaApi),
      handler: async ({ query }) => {
        const { estado, limit } = query
        const agora = clock.now().getTime()
        const range = { from: agora - KEPT_MS, to: agora + AHEAD_MS, descending: true, width: FIRST_MS }
        const all: Tarefa[] = []
        for await (const { found } of slices(range, (low, high, most) => slice(estado, low, high, most))) {
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
        const after = await change(params.id, ['morta'], (agora) => ({
          $set: { estado: 'pendente', vence_em: agora, criada_em: agora, tentativas: 0, duvida: false },
          $unset: { motivo: '', encerrada_em: '' },
        }))
        wake()
        return { body: toApi(after) }
      },
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
      handler: async ({ params }) => ({
        body: toApi(
          await change(params.id, ['pendente'], (agora) => ({
            $set: { estado: 'morta', motivo: 'cancelada', encerrada_em: agora },
          })),
        ),
      }),
    }),
  ]
}
