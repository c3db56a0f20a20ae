import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { text } from '../http/text.js'
import { notFound } from '../lib/errors.js'
import { channelsOf, toCanal } from './canais.js'
import type { PainelDeps } from './deps.js'
import { pipedriveOf } from './pipedrive.js'
import { policiesOf } from './politicas.js'
import {
  Canal,
  CanalDetalhe,
  Justica,
  Periodo,
  Pipedrive,
  Politicas,
  Prova,
  TestarCanal,
  TesteDoCanal,
} from './schema/gestao.js'

const tag = 'painel'
const LOOK = ['leitura'] as const
const Slug = z.object({ slug: text(1, 64) })

/** `Canais`, `Pipedrive`, `Justiça` and `Políticas`. */
export function gestaoRoutes(deps: PainelDeps): AnyRoute[] {
  const { api } = deps
  return [
    route({
      method: 'get',
      path: '/painel/api/canais',
      tag,
      summary: 'As contas de chat, e como estão',
      scopes: LOOK,
      returns: z.array(Canal),
      handler: async () => ({ body: await channelsOf(deps) }),
    }),
    route({
      method: 'get',
      path: '/painel/api/canais/:slug',
      tag,
      summary: 'Uma conta de chat, com os últimos eventos',
      scopes: LOOK,
      params: Slug,
      returns: CanalDetalhe,
      handler: async ({ params, caller }) => ({ body: await channelOf(deps, params.slug, caller) }),
    }),
    route({
      method: 'post',
      path: '/painel/api/canais/:slug/teste',
      tag,
      summary: 'Diz o que aconteceria com uma mensagem, e se as credenciais servem',
      scopes: [],
      params: Slug,
      body: TestarCanal,
      bodyOptional: true,
      returns: TesteDoCanal,
      handler: async ({ params, body, caller }) => {
        const told = await api()('POST /canais/:slug/teste', caller, { params, body: { ...body } })
        return { body: TesteDoCanal.parse(told.body) }
      },
    }),
    route({
      method: 'get',
      path: '/painel/api/pipedrive',
      tag,
      summary: 'Como está a ligação com o Pipedrive',
      scopes: LOOK,
      returns: Pipedrive,
      handler: async ({ caller }) => ({ body: await pipedriveOf(deps, caller) }),
    }),
    route({
      method: 'get',
      path: '/painel/api/justica',
      tag,
      summary: 'Quantos cada um recebeu, e se foi justo',
      scopes: LOOK,
      lists: 'long',
      query: Periodo,
      returns: Justica,
      handler: async ({ query, caller }) => ({ body: await fairnessOf(deps, query, caller) }),
    }),
    route({
      method: 'post',
      path: '/painel/api/justica/provar',
      tag,
      summary: 'Refaz toda a história por outro caminho, e compara',
      scopes: LOOK,
      lists: 'long',
      body: z.strictObject({}),
      bodyOptional: true,
      returns: Prova,
      handler: async ({ caller }) => ({ body: await proofOf(deps, caller) }),
    }),
    route({
      method: 'get',
      path: '/painel/api/politicas',
      tag,
      summary: 'O que vale, e onde se muda',
      scopes: LOOK,
      returns: Politicas,
      handler: async () => ({ body: await policiesOf(deps) }),
    }),
  ]
}

async function channelOf({ chat, vez, clock, api }: PainelDeps, slug: string, caller: Caller) {
  const canal = chat.accountOf(slug)
  if (!canal) throw notFound('Canal não encontrado')
  const told = Told.parse((await api()('GET /canais/:slug', caller, { params: { slug } })).body)
  const report = await chat.eventsOf(canal)
  return { ...toCanal(canal, report, await vez.readFresh(), clock.now()), ...told }
}

const Told = CanalDetalhe.pick({ webhook_url: true, eventos: true, ultimas_24h: true })
  .loose()
  .transform(({ webhook_url, eventos, ultimas_24h }) => ({ webhook_url, eventos, ultimas_24h }))

const count = z.int()
const Report = z.object({
  desde: z.string(),
  ate: z.string(),
  fuso: z.string(),
  total: count,
  por_consultor: z.array(z.object({ consultor_id: z.int().nullable(), nome: z.string().nullable(), total: count })),
  por_dia: z.array(z.object({ dia: z.string(), total: count })),
  por_idioma: z.array(z.object({ idioma: z.string().nullable(), total: count })),
  por_canal: z.array(z.object({ canal: z.string().nullable(), plataforma: z.string().nullable(), total: count })),
})

/** How many protocols everybody got in a period. */
export async function reportOf({ api }: Pick<PainelDeps, 'api'>, period: z.output<typeof Periodo>, caller: Caller) {
  const query = JSON.parse(JSON.stringify(period))
  return Report.parse((await api()('GET /relatorio', caller, { query })).body)
}

const Ways = z.object({ regra: count, preferido: count, numero: count, ajudou: count, continuados: count })
const Shares = z.object({
  sem_livro: count,
  por_consultor: z.array(
    z.object({
      consultor_id: z.int(),
      numeros: Ways,
      tempo: z.object({ online: count, pausa: count }).nullable(),
      frase: z.string(),
    }),
  ),
  maior_diferenca: z.object({
    diferenca: count.nullable(),
    cumprida: z.boolean(),
    frase: z.string(),
    de: z.object({ em: z.string() }).nullable(),
    ate: z.object({ em: z.string() }).nullable(),
  }),
  espera: z.object({ clientes: count, mediana_s: count.nullable(), pior_s: count.nullable() }),
})

/** How many each one got, and how fair that was: two reports of the same period. */
async function fairnessOf(deps: PainelDeps, period: z.output<typeof Periodo>, caller: Caller) {
  const { por_consultor, ...report } = await reportOf(deps, period, caller)
  const query = { desde: report.desde, ate: report.ate }
  const shares = Shares.parse((await deps.api()('GET /relatorio/justica', caller, { query })).body)
  const { sem_livro, espera, maior_diferenca: worst } = shares
  const own = new Map(shares.por_consultor.map((one) => [one.consultor_id, one]))
  return {
    ...report,
    pessoas: por_consultor.map((one) => {
      const { numeros, tempo, frase = null } = own.get(one.consultor_id ?? 0) ?? {}
      const { regra = null, preferido = null, numero = null, ajudou = null, continuados = null } = numeros ?? {}
      const times = { online_s: tempo?.online ?? null, pausa_s: tempo?.pausa ?? null }
      return { ...one, regra, preferido, numero, ajudou, voltaram: continuados, ...times, frase }
    }),
    maior_diferenca: {
      ...{ diferenca: worst.diferenca, cumprida: worst.cumprida, frase: worst.frase },
      ...{ desde: worst.de?.em ?? null, ate: worst.ate?.em ?? null },
    },
    espera,
    sem_livro,
  }
}

async function proofOf({ api }: PainelDeps, caller: Caller): Promise<z.output<typeof Prova>> {
  const { confere, entradas, entradas_antes, ultimo_numero, problemas } = Verified.parse(
    (await api()('GET /livro/verificacao', caller)).body,
  )
  const all = (entradas + entradas_antes).toLocaleString('pt-BR')
  return {
    disponivel: true,
    identica: confere,
    frase: confere
      ? `Confere: ${all} turnos e mudanças, refeitos por uma regra escrita à parte, dão a mesma fila, e os números não têm falha.`
      : 'Não confere: o primeiro problema é o que conta.',
    turnos: ultimo_numero,
    divergencias: problemas.map(({ versao, frase }) => ({ versao, frase })),
  }
}

const Verified = z.object({
  confere: z.boolean(),
  entradas: count,
  entradas_antes: count,
  ultimo_numero: count,
  problemas: z.array(z.object({ versao: z.int(), frase: z.string() })),
})
