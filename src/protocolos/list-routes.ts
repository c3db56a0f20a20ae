import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import type { LocalTime } from '../lib/local-time.js'
import type { VezService } from '../vez/service.js'
import { toCsv } from './csv.js'
import type { Digests } from './digests.js'
import { listProtocolos } from './list.js'
import type { ProtocoloModel } from './model.js'
import { byPhones } from './phones.js'
import { type Reader, settle } from './reader.js'
import { report } from './report.js'
import { PeriodoDoRelatorio, Relatorio, toPeriod } from './report-schema.js'
import { Rests } from './rests.js'
import { Busca, Filtro, FiltroDeTodos, fromContinua, ProtocoloDaApi, toApi } from './schema.js'
import { Totals } from './totals.js'

const tag = 'protocolos'
/** How long a list waits for turns before each of its reads, at most. */
const STEP_BACK_MS = 50
/** And in all: it is waited for too. */
const STEPS_BACK_MS = 250
const LIST_HEADERS = {
  'X-Total-Count': 'Quantos passam pelo filtro; com `X-Continua`, quantos foram achados até ali',
  'X-Total-Capped':
    '`true` quando são pelo menos tantos: a conta para em 10.000, ou quando leva mais de 0,3 s (e segue: o próximo pedido sabe mais)',
  'X-Continua':
    'Onde este pedido parou: com nome, canal, plataforma ou idioma ele olha até 20.000 números, e qualquer um para depois de cerca de 0,6 s. `continua=` com este valor, como veio, olha o resto',
}

export interface ListRoutes {
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  /** How many protocols came from the old system. */
  readonly importados: number
  /** Whose days are asked for, and whose times are written. */
  readonly time: LocalTime
  readonly digests: Digests
}

type Asked = z.output<ReturnType<typeof Filtro>>

/** Protocols by many: lists, a file of them, and what they come to. */
export function listRoutes({ vez, protocolos, clock, importados, time, digests }: ListRoutes): AnyRoute[] {
  const reader = { protocolos, clock, letPass: () => vez.letPass(STEP_BACK_MS) }
  const totals = new Totals()
  const rests = new Rests(vez, clock)
  /** Of one request. */
  const patient = (): Reader => {
    let left = STEPS_BACK_MS
    return {
      ...reader,
      letPass: async () => {
        const began = clock.elapsed()
        if (left > 0) await vez.letPass(Math.min(STEP_BACK_MS, left))
        left -= clock.elapsed() - began
      },
    }
  }
  const list = async ({ skip, limit, ordem, continua, ...filter }: Asked) => {
    const part = { skip, limit, ordem, continua }
    const source = { ...patient(), digests, totals }
    const page = await rests.around(async () => listProtocolos(source, await vez.readFresh(), importados, filter, part))
    return {
      body: page.protocolos.map(toApi),
      headers: {
        'X-Total-Count': String(page.total),
        ...(page.capped && { 'X-Total-Capped': 'true' }),
        ...(page.continua !== undefined && { 'X-Continua': fromContinua(page.continua) }),
      },
    }
  }
  const shared = { tag, lists: true, returns: z.array(ProtocoloDaApi), returnsHeaders: LIST_HEADERS } as const
  return [
    route({
      ...shared,
      method: 'get',
      path: '/protocolos',
      summary: 'Lista os protocolos',
      scopes: ['chat', 'leitura'],
      query: Filtro(time),
      handler: ({ query }) => list(query),
    }),
    route({
      ...shared,
      method: 'post',
      path: '/protocolos/busca',
      summary: 'Lista os protocolos, com os filtros no corpo',
      description: 'Como `GET /protocolos`; telefones e nomes não aparecem no endereço, que proxies costumam anotar.',
      scopes: ['chat', 'leitura'],
      body: Busca(time),
      examples: {
        telefone: { summary: 'De um telefone', value: { contato: '(11) 98765-4321' } },
        nome: { summary: 'De um nome, os mais novos', value: { contato: 'maria', desde: '2026-01-01', limit: 20 } },
      },
      handler: ({ body }) => list(body),
    }),
    route({
      method: 'get',
      path: '/protocolos.csv',
      tag,
      lists: 'long',
      summary: 'Todos os protocolos de um filtro, como CSV para planilhas',
      description: [
        'Separado por `;`, em UTF-8 com BOM, com os horários no fuso do serviço. Vem aos poucos e inteiro: se algo falhar no meio, a',
        "conexão cai antes do fim. Um texto que uma planilha tomaria por fórmula vem com `'` na frente. Um arquivo por vez em cada",
        'processo; os outros esperam ou recebem 429.',
      ].join(' '),
      scopes: ['leitura'],
      query: FiltroDeTodos(time),
      returns: z.custom<AsyncIterable<string>>().meta({ override: { type: 'string' } }),
      streams: 'text/csv; charset=utf-8',
      returnsHeaders: { 'Content-Disposition': 'O nome do arquivo' },
      handler: async ({ query, isAlive }) => {
        const { ordem, ...asked } = query
        const snapshot = await vez.readFresh()
        const { filter, pending } = await byPhones(protocolos, asked, await settle(protocolos, snapshot))
        const name = `protocolos-${time.dayOf(clock.now())}.csv`
        return {
          body: toCsv(reader, snapshot, pending, filter, { descending: ordem === 'desc', time, isAlive }),
          headers: { 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'no-store' },
        }
      },
    }),
    route({
      method: 'get',
      path: '/relatorio',
      tag,
      lists: true,
      summary: 'Quantos protocolos houve, por consultor, canal, idioma e dia',
      description:
        'Conta cada protocolo no dia em que foi dado e para quem o turno foi. Sem `desde`, os últimos 30 dias; até 366 dias de cada vez.',
      scopes: ['leitura'],
      query: PeriodoDoRelatorio(time),
      returns: Relatorio,
      handler: async ({ query }) => {
        const period = toPeriod(query, clock.now(), time)
        const source = { ...patient(), digests }
        const counted = await rests.around(async () => report(source, await vez.readFresh(), period, time))
        return { body: { ...counted, ...period, fuso: time.zone } }
      },
    }),
  ]
}
