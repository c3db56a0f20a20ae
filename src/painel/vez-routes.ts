import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { integer } from '../http/text.js'
import { cached } from '../lib/cached.js'
import { AppError, notFound, unprocessable } from '../lib/errors.js'
import { LIMIT } from '../lib/mongo.js'
import { Feito } from '../sessoes/schema.js'
import type { CommandResult, ConsultorChange } from '../vez/rules/commands.js'
import { isEndOfPause, MAX_MOTIVO } from '../vez/rules/pause.js'
import { authorOf, type PainelDeps } from './deps.js'
import { NovaPresenca, NovaSequencia } from './schema/telas.js'
import { Atendendo, Pessoa, Vez } from './schema/vez.js'
import { seconds, toPessoa, toView } from './snapshot.js'

const tag = 'painel'
const LOOK = ['leitura'] as const
/** Of so many numbers, the newest, it is counted which are open. */
const COUNTED = 5_000
const COUNTED_MS = 2_000
export const Id = z.object({ id: integer(1) })

/** What a wall may ask for besides the stream. */
export const WALL_PATHS = [
  '/painel/api/vez',
  '/painel/api/atendendo',
  '/painel/api/sessao',
  '/painel/api/sair',
  '/painel/api/ao-vivo',
]

/** `Vez`: the line, and what a manager does there with the people. */
export function vezRoutes(deps: PainelDeps): AnyRoute[] {
  const { hub, vez, clock } = deps
  const open = cached(clock, COUNTED_MS, () => countOpen(deps))
  const change = async (id: number, mudanca: ConsultorChange, autor: ReturnType<typeof authorOf>) => {
    const result = await vez.submit({ tipo: 'alterar', id, mudanca, autor })
    const consultor = consultorOf(result)
    const seen = await hub.now()
    return toPessoa(seen, id, seen.vez.consultores.get(id) ?? consultor)
  }
  return [
    route({
      method: 'get',
      path: '/painel/api/vez',
      tag,
      summary: 'A vez como está',
      scopes: LOOK,
      returns: Vez,
      handler: async ({ caller }) => ({
        body: toView(await hub.now(), { customers: !caller.id.startsWith('parede:') }),
      }),
    }),
    route({
      method: 'get',
      path: '/painel/api/atendendo',
      tag,
      summary: 'Quantos clientes abertos cada um tem',
      scopes: LOOK,
      returns: Atendendo,
      handler: async () => ({ body: await open.get() }),
    }),
    route({
      method: 'post',
      path: '/painel/api/consultores/:id/presenca',
      tag,
      summary: 'Põe alguém online, em pausa ou offline',
      scopes: [],
      params: Id,
      body: NovaPresenca,
      returns: Pessoa,
      handler: async ({ params, body, caller }) => ({
        body: await change(params.id, presenceChange(body, clock.now()), authorOf(caller, body.motivo)),
      }),
    }),
    route({
      method: 'post',
      path: '/painel/api/consultores/:id/sequencia',
      tag,
      summary: 'Tira alguém da vez, ou o põe de volta: o lugar dele fica',
      scopes: [],
      params: Id,
      body: NovaSequencia,
      returns: Pessoa,
      handler: async ({ params, body, caller }) => ({
        body: await change(params.id, { sequencial: body.participa }, authorOf(caller, body.motivo)),
      }),
    }),
    route({
      method: 'post',
      path: '/painel/api/espera/:id/tirar',
      tag,
      summary: 'Tira um cliente da espera',
      scopes: [],
      params: z.object({ id: z.string().max(64) }),
      body: z.strictObject({ motivo: z.string().trim().min(1).max(200) }),
      returns: Feito,
      handler: async ({ params, body, caller }) => {
        const autor = authorOf(caller, body.motivo)
        const { situacao } = await vez.submit({ tipo: 'cancelar_espera', id: params.id, autor })
        if (situacao !== 'cancelada') throw notFound('Este cliente não espera mais')
        return { body: { detail: 'Cliente retirado da espera' } }
      },
    }),
  ]
}

/** What a wish for a presence changes: going online ends a pause, going offline does not. Throws 422 for an end that is past, or too far. */
export function presenceChange({ presenca, motivo, ate }: z.output<typeof NovaPresenca>, now: Date): ConsultorChange {
  if (presenca === 'online') return { online: true, pausa: null }
  if (presenca === 'offline') return { online: false }
  const end = ate === undefined ? undefined : new Date(ate)
  if (end && !isEndOfPause(end, now))
    throw unprocessable([
      { loc: ['body', 'ate'], msg: 'Uma pausa acaba daqui a no máximo 24 horas', type: 'value_error' },
    ])
  const pausa = { ...(motivo !== undefined && { motivo: motivo.slice(0, MAX_MOTIVO) }), ...(end && { ate: end }) }
  return { online: true, pausa }
}

/** Throws 404 and 409. */
export function consultorOf(result: CommandResult) {
  switch (result.situacao) {
    case 'consultor':
      return result.consultor
    case 'email_em_uso':
      throw new AppError(409, 'Já há um consultor com este e-mail')
    case 'roster_cheio':
      throw new AppError(409, 'Não cabem mais consultores')
    default:
      throw notFound('Este consultor não existe mais')
  }
}

interface Counted {
  readonly _id: number | null
  readonly abertos: number
  readonly desde: Date
}

/** By one read of the index for each open status: the newest numbers only, or teams that conclude nothing would make it slow. */
async function countOpen({ protocolos, vez }: PainelDeps) {
  const { seq, base } = await vez.readFresh()
  const n = { $gte: Math.max(1, seq - COUNTED + 1), $lte: seq }
  const each = (['aberto', 'em_andamento'] as const).map((status) =>
    protocolos
      .aggregate<Counted>(
        [
          { $match: { status, n } },
          { $group: { _id: '$responsavel_id', abertos: { $sum: 1 }, desde: { $min: '$created_at' } } },
        ],
        LIMIT,
      )
      .exec(),
  )
  const people = new Map<number, { abertos: number; desde: number }>()
  for (const { _id, abertos, desde } of (await Promise.all(each)).flat()) {
    if (_id === null) continue
    const known = people.get(_id) ?? { abertos: 0, desde: Number.POSITIVE_INFINITY }
    people.set(_id, { abertos: known.abertos + abertos, desde: Math.min(known.desde, seconds(desde)) })
  }
  return {
    pessoas: [...people].map(([consultor_id, one]) => ({ consultor_id, ...one })),
    limitado: seq - base > COUNTED,
  }
}
