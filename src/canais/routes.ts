import { z } from 'zod'
import type { Pergunta } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import { type AnyRoute, route } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import { AppError, notFound } from '../lib/errors.js'
import type { HttpClient } from '../lib/http-client.js'
import { OutboundFailure } from '../lib/outbound.js'
import type { VezService } from '../vez/service.js'
import type { Canal } from './accounts.js'
import { toPedido } from './ask.js'
import type { Manage } from './manage.js'
import { toResultado } from './result.js'
import {
  Amostra,
  CanalComSegredo,
  CanalDaApi,
  EsperaDaApi,
  MudancaDeCanal,
  NovoCanal,
  PlataformaDaApi,
  ResultadoDoTeste,
  Slug,
} from './schema.js'
import { isTriggered } from './trigger.js'

const tag = 'canais'
const UNKNOWN = { 404: 'Canal não encontrado' }
const Detalhe = z.object({ detail: z.string() })

export interface CanalRoutes {
  readonly manage: Manage
  readonly contas: { all(): readonly Canal[] }
  readonly vez: VezService
  readonly clock: Clock
  readonly http: HttpClient
}

/** Chat accounts: made here, pasted there. */
export function canalRoutes({ manage, contas, vez, clock, http }: CanalRoutes): AnyRoute[] {
  const withSecret = (canal: Canal, segredo: string | undefined): z.input<typeof CanalComSegredo> => {
    const url = manage.webhookUrl(canal, segredo)
    const instrucoes = canal.adapter.instrucoes({ url, ...(segredo !== undefined && { segredo }) })
    return { ...manage.toApi(canal), webhook_url: url, segredo: segredo ?? null, instrucoes: [...instrucoes] }
  }
  const saida = (canal: Canal) => ({
    conta: canal.conta,
    http,
    agora: clock.now(),
    desde: clock.now(),
    chave: canal.slug,
  })
  return [
    route({
      method: 'get',
      path: '/plataformas',
      tag,
      summary: 'Lista as plataformas, e o que uma conta de cada uma pede',
      scopes: ['leitura'],
      returns: z.array(PlataformaDaApi),
      handler: async () => ({
        body: ADAPTERS.map(({ plataforma, nome, gatilhos, enviar, atribuir, secretos, ajustes }) => ({
          plataforma,
          nome,
          gatilhos: [...gatilhos],
          envia: enviar !== undefined,
          atribui: atribuir !== undefined,
          secretos: [...secretos],
          ajustes: z.toJSONSchema(ajustes, { io: 'input' }),
        })),
      }),
    }),
    ...ADAPTERS.flatMap(({ plataforma, nome, formato }) =>
      formato === undefined
        ? []
        : [
            route({
              method: 'get',
              path: `/schemas/${plataforma}.json`,
              tag,
              summary: `JSON Schema do que se envia ao canal ${nome}`,
              scopes: 'aberto',
              returns: z.record(z.string(), z.unknown()),
              handler: async () => ({ body: z.toJSONSchema(formato, { io: 'input' }) }),
            }),
          ],
    ),
    route({
      method: 'post',
      path: '/canais',
      tag,
      summary: 'Cria uma conta de chat',
      description: 'A resposta traz o endereço do webhook, o segredo (só agora) e o que fazer na plataforma.',
      scopes: [],
      body: NovoCanal,
      returns: CanalComSegredo,
      fails: { 409: 'O slug já existe, ou falta CHAVE_MESTRA' },
      handler: async ({ body }) => {
        const { canal, segredo } = await manage.create(body)
        return { body: withSecret(canal, segredo), headers: { 'Cache-Control': 'no-store' } }
      },
    }),
    route({
      method: 'get',
      path: '/canais',
      tag,
      summary: 'Lista as contas de chat',
      scopes: [],
      returns: z.array(CanalDaApi),
      handler: async () => ({ body: contas.all().map((canal) => manage.toApi(canal)) }),
    }),
    route({
      method: 'get',
      path: '/canais/:slug',
      tag,
      summary: 'Obtém uma conta de chat',
      description: 'Os segredos não voltam: `***` diz que há um.',
      scopes: [],
      params: Slug,
      returns: CanalDaApi,
      fails: UNKNOWN,
      handler: async ({ params }) => ({ body: manage.toApi(manage.find(params.slug)) }),
    }),
    route({
      method: 'put',
      path: '/canais/:slug',
      tag,
      summary: 'Altera uma conta de chat',
      description: 'Vale em todos os processos em até 5 s.',
      scopes: [],
      params: Slug,
      body: MudancaDeCanal,
      returns: CanalDaApi,
      fails: UNKNOWN,
      handler: async ({ params, body }) => ({ body: manage.toApi(await manage.change(params.slug, body)) }),
    }),
    route({
      method: 'delete',
      path: '/canais/:slug',
      tag,
      summary: 'Remove uma conta de chat',
      description: 'Quem espera por ela sai da fila.',
      scopes: [],
      params: Slug,
      returns: Detalhe,
      fails: UNKNOWN,
      handler: async ({ params }) => {
        await manage.remove(params.slug)
        // Nobody could tell them any more; a turn for them would be lost.
        const { espera } = await vez.fresh()
        for (const { id, canal } of espera) {
          if (canal === params.slug) await vez.submit({ tipo: 'cancelar_espera', id })
        }
        return { body: { detail: 'Canal removido com sucesso' } }
      },
    }),
    route({
      method: 'post',
      path: '/canais/:slug/segredo',
      tag,
      summary: 'Faz um segredo novo',
      description: 'O anterior vale por mais 24 horas.',
      scopes: [],
      params: Slug,
      returns: CanalComSegredo,
      fails: { ...UNKNOWN, 409: 'O segredo é da plataforma' },
      handler: async ({ params }) => {
        const { canal, segredo } = await manage.renewSecret(params.slug)
        return { body: withSecret(canal, segredo), headers: { 'Cache-Control': 'no-store' } }
      },
    }),
    route({
      method: 'post',
      path: '/canais/:slug/teste',
      tag,
      summary: 'Diz o que aconteceria com uma mensagem',
      description: 'Não pega a vez de ninguém; também confere as credenciais, onde a plataforma o permite.',
      scopes: [],
      params: Slug,
      body: Amostra,
      bodyOptional: true,
      returns: ResultadoDoTeste,
      fails: UNKNOWN,
      handler: async ({ params, body }) => {
        const canal = manage.find(params.slug)
        const pergunta = sample(canal, body ?? {}, clock.now())
        const [resultado, credenciais] = await Promise.all([wouldBe(canal, pergunta), credentials(canal)])
        return { body: { ...resultado, ...credenciais } }
      },
    }),
    route({
      method: 'post',
      path: '/canais/:slug/configurar',
      tag,
      summary: 'Registra o nosso webhook na plataforma',
      scopes: [],
      params: Slug,
      returns: Detalhe,
      fails: { ...UNKNOWN, 409: 'Esta plataforma se configura à mão', 502: 'A plataforma recusou' },
      handler: async ({ params }) => {
        const canal = manage.find(params.slug)
        const [segredo = ''] = canal.conta.segredos
        if (!canal.adapter.configurar) throw new AppError(409, 'Esta plataforma se configura à mão: veja as instruções')
        const url = manage.webhookUrl(canal, segredo)
        if (!/^https?:/.test(url))
          throw new AppError(409, 'Defina API_URL: a plataforma precisa de um endereço público')
        const detail = await canal.adapter.configurar(saida(canal), { url, segredo }).catch((error: unknown) => {
          throw new AppError(502, `A plataforma recusou (${motivoOf(error)})`)
        })
        return { body: { detail } }
      },
    }),
    route({
      method: 'get',
      path: '/espera',
      tag,
      summary: 'Lista os clientes que esperam',
      scopes: ['leitura'],
      returns: z.array(EsperaDaApi),
      handler: async () => {
        const { espera } = await vez.fresh()
        return {
          body: espera.map(({ id, canal, idioma, contato, desde, ate }, index) => ({
            id,
            posicao: index + 1,
            canal: canal ?? null,
            idioma,
            cliente: contato.nome ?? null,
            desde: desde.toISOString(),
            ate: ate.toISOString(),
          })),
        }
      },
    }),
    route({
      method: 'delete',
      path: '/espera/:id',
      tag,
      summary: 'Tira um cliente da espera',
      scopes: [],
      params: z.object({ id: z.string().regex(/^[\w-]{1,64}$/) }),
      returns: Detalhe,
      fails: { 404: 'Não está na espera' },
      handler: async ({ params }) => {
        const { situacao } = await vez.submit({ tipo: 'cancelar_espera', id: params.id })
        if (situacao !== 'cancelada') throw notFound('Cliente em espera não encontrado')
        return { body: { detail: 'Cliente retirado da espera' } }
      },
    }),
  ]

  async function wouldBe(canal: Canal, pergunta: Pergunta) {
    if (!isTriggered(canal, pergunta))
      return { chamaria: false, situacao: 'ignorado', motivo: 'sem_gatilho', consultor: null, texto: '' }
    const resposta = await vez.simulate(toPedido(canal, pergunta, await vez.fresh(), clock.now()))
    const { situacao, motivo, consultor, texto } = toResultado(canal, pergunta, resposta)
    return { chamaria: true, situacao, motivo, consultor: consultor?.nome ?? null, texto }
  }

  async function credentials(canal: Canal) {
    if (!canal.adapter.testar) return { credenciais: 'nao_verificadas' as const, detalhe: null }
    try {
      await canal.adapter.testar(saida(canal))
      return { credenciais: 'boas' as const, detalhe: null }
    } catch (error) {
      return { credenciais: 'recusadas' as const, detalhe: motivoOf(error) }
    }
  }
}

const motivoOf = (error: unknown): string => (error instanceof OutboundFailure ? error.motivo : 'erro_interno')

/** A message; where the platform's word is what counts, one that comes with it. */
function sample(
  { gatilho }: Canal,
  { texto = 'atendente', idioma, contato_id = 'amostra' }: z.output<typeof Amostra>,
  agora: Date,
): Pergunta {
  const contato = { ids: [contato_id], nome: 'Cliente de exemplo', ...(idioma !== undefined && { idioma }) }
  const evento = { tipo: 'mensagem', contato, conversa: contato_id, texto, enviado_em: agora } as const
  return { ...evento, pediu: gatilho === 'transferencia' }
}
