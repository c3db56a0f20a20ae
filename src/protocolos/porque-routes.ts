import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { instant, integer, orNull } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { notFound } from '../lib/errors.js'
import type { LocalTime } from '../lib/local-time.js'
import { toNumero } from '../lib/numero.js'
import type { Vez } from '../vez/document.js'
import type { VezService } from '../vez/service.js'
import { findProtocolo } from './change.js'
import type { Protocolo, ProtocoloModel } from './model.js'
import { reasonsOf, type Seen, type Since, sentence, unknownSince } from './porque.js'
import { settle } from './reader.js'
import { Id, POR, Preferencia } from './schema.js'
import { walkWhole } from './walk.js'
import { turnoThen, whyNot } from './why-not.js'

const id = z.int()
const quem = { consultor_id: id, nome: orNull(z.string(), { description: '`null`: não existe mais' }) }

const Porque = z
  .object({
    protocolo: z.string().meta({ example: '#00017' }),
    created_at: instant,
    idioma: orNull(z.string()),
    equipe: orNull(z.string()),
    por: POR,
    consultor: orNull(z.object({ consultor_id: id, nome: orNull(z.string()) }), { description: 'Quem recebeu' }),
    candidatos: orNull(z.int(), { description: 'Quantos podiam receber' }),
    antes: z
      .array(
        z.object({
          ...quem,
          motivo: z.string().meta({ description: 'A primeira condição que faltava', example: 'offline' }),
          desde: orNull(instant, { description: 'Desde quando estava offline, em pausa ou fora do horário' }),
          por: orNull(z.string(), { description: 'Quem o mudou, como no livro', example: 'canal:vendas' }),
          detalhe: orNull(z.string(), { description: 'O que foi dito da mudança', example: 'almoço' }),
        }),
      )
      .meta({ description: 'Quem estava antes na fila e não podia' }),
    pulados_cortados: orNull(z.record(z.string(), z.int()), { description: 'Quantos mais estavam antes, por motivo' }),
    depois: orNull(z.object(quem), { description: 'Quem viria depois' }),
    preferencia: Preferencia,
    esperou_desde: orNull(instant),
    perguntado: orNull(
      z.object({
        ...quem,
        motivo: z.string().meta({ description: 'docs/motivos.md diz o que significa', example: 'atras' }),
        frase: z.string(),
      }),
      { description: 'Por que não foi este consultor (`consultor_id` na consulta)' },
    ),
    frase: z.string().meta({
      example:
        '#00017 foi para Bruno às 10:05. Antes dele estavam Ana (offline desde 09:58) e Caio (não fala inglês). Depois dele viria Dora.',
    }),
  })
  .meta({ id: 'Porque' })

export interface PorqueRoutes {
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  /** Whose times are written. */
  readonly time: LocalTime
  readonly sinceThen: SinceThen
}

/** Since when somebody was kept out by this condition when a protocol was decided; `undefined` where nothing tells it. */
type SinceThen = (vez: Vez, protocolo: Protocolo, consultor_id: number, motivo: string) => Promise<Since | undefined>

/** People who are looked up for one answer. */
const MOST_LOOKED_UP = 20

/** Why a protocol went to whom it went. */
export function porqueRoutes({ vez, protocolos, clock, time, sinceThen }: PorqueRoutes): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/protocolo/:id/porque',
      tag: 'protocolos',
      summary: 'Diz por que um protocolo foi para quem foi',
      description:
        'Quem estava antes na fila e não podia, e quem viria depois: como foi decidido, do que o próprio protocolo guardou. Com `consultor_id`, também por que não foi para esta pessoa. Os protocolos da versão 1.0 não o guardaram, e a resposta o diz.',
      scopes: ['chat', 'leitura'],
      params: Id,
      query: z.object({
        consultor_id: integer(1).optional().meta({ description: 'Por que não foi este consultor?' }),
      }),
      returns: Porque,
      fails: { 404: 'Protocolo ou consultor não encontrado' },
      handler: async ({ params, query }) => {
        const protocolo = await findProtocolo(protocolos, vez, params.id)
        const snapshot = await vez.readFresh()
        const seen = { consultores: snapshot.consultores, time, now: clock.now() }
        const since = await lookedUp(sinceThen, snapshot, protocolo, seen)
        const reasons = reasonsOf(protocolo, seen, since)
        const frase = sentence(protocolo, reasons, seen)
        const told = { ...toApi(protocolo), ...reasons }
        if (query.consultor_id === undefined) return { body: { ...told, frase } }
        if (query.consultor_id > snapshot.ultimo_consultor_id) throw notFound('Consultor não encontrado')
        const turno = await turnoOf(protocolos, snapshot, protocolo, query.consultor_id)
        const perguntado = whyNot(protocolo, reasons, query.consultor_id, turno, seen)
        return { body: { ...told, perguntado, frase: `${frase} ${perguntado.frase}` } }
      },
    }),
  ]
}

const toApi = (protocolo: Protocolo) => {
  const { n, created_at, idioma, equipe, por, consultor_id, consultor_nome, candidatos } = protocolo
  const { pulados_cortados, preferencia, esperou_desde } = protocolo
  return {
    protocolo: toNumero(n),
    created_at,
    idioma,
    equipe,
    por,
    consultor: consultor_id === undefined ? undefined : { consultor_id, nome: consultor_nome },
    candidatos,
    pulados_cortados,
    preferencia,
    esperou_desde,
  }
}

async function lookedUp(sinceThen: SinceThen, vez: Vez, protocolo: Protocolo, seen: Seen) {
  const found = new Map<number, Since>()
  for (const { consultor_id, motivo } of unknownSince(protocolo, seen).slice(0, MOST_LOOKED_UP)) {
    const since = await sinceThen(vez, protocolo, consultor_id, motivo)
    if (since) found.set(consultor_id, since)
  }
  return found
}

async function turnoOf(protocolos: ProtocoloModel, vez: Vez, protocolo: Protocolo, consultor_id: number) {
  const pending = await settle(protocolos, vez)
  const later = walkWhole(protocolos, {
    along: 'n',
    equals: [{ consultor_id }],
    from: protocolo.n + 1,
    to: vez.seq,
    descending: false,
    pending: { ...pending, rows: pending.rows.filter((one) => one.consultor_id === consultor_id) },
  })
  return turnoThen(protocolo, vez.consultores.get(consultor_id)?.turno, later)
}
