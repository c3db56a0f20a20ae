import { z } from 'zod'
import { ADAPTERS } from '../../integrations/index.js'
import { type AnyRoute, route } from '../http/route.js'
import { authorOf } from '../vez/author.js'
import type { Canal } from './accounts.js'
import type { ChatDeps } from './deps.js'
import { dismiss, esperaRoutes } from './espera.js'
import { Manage } from './manage.js'
import { EXEMPLOS, NovoCanal } from './new-canal.js'
import {
  CanalComEventos,
  CanalComSegredo,
  CanalDaApi,
  DESCONHECIDO,
  Detalhe,
  MudancaDeCanal,
  PlataformaDaApi,
  Slug,
} from './schema.js'
import { testeRoutes } from './teste.js'

const tag = 'canais'

/** All that is told of an account, when it is made and afterwards. */
const SHOWN = Object.keys({ ...CanalComEventos.shape, ...CanalComSegredo.shape })

/** Create, list, change and remove chat accounts. */
export function canalRoutes(deps: ChatDeps): AnyRoute[] {
  const { contas, vez, events } = deps
  const manage = new Manage(deps)
  const withSecret = (canal: Canal, segredo: string | undefined): z.input<typeof CanalComSegredo> => {
    const url = manage.webhookUrl(canal, segredo)
    const instrucoes = canal.adapter.instructions({ url, secret: segredo })
    return { ...manage.toApi(canal), webhook_url: url, segredo: segredo ?? null, instrucoes: [...instrucoes] }
  }
  return [
    ...plataformaRoutes(),
    route({
      method: 'post',
      path: '/canais',
      tag,
      summary: 'Cria uma conta de chat',
      description: 'A resposta traz o endereço do webhook, o segredo (só agora) e o que fazer na plataforma.',
      scopes: [],
      body: NovoCanal,
      examples: EXEMPLOS,
      returns: CanalComSegredo,
      fails: { 409: 'O slug já existe, ou falta CHAVE_MESTRA' },
      handler: async ({ body, caller }) => {
        const { canal, segredo } = await manage.create(body, authorOf(caller))
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
      description:
        'Os segredos não voltam: `***` diz que há um. `eventos` e `ultimas_24h` dizem por que uma mensagem não pegou a vez.',
      scopes: [],
      params: Slug,
      returns: CanalComEventos,
      fails: DESCONHECIDO,
      handler: async ({ params }) => {
        const canal = manage.find(params.slug)
        const { eventos, ultimas_24h } = await events.read(canal)
        const shown = eventos.map((one) => ({ ...one, em: one.em.toISOString() }))
        return { body: { ...manage.toApi(canal), eventos: shown, ultimas_24h } }
      },
    }),
    route({
      method: 'put',
      path: '/canais/:slug',
      tag,
      summary: 'Altera uma conta de chat',
      description: 'Vale em todos os processos em até 5 s. Uma conta inteira, como o GET a mostra, serve.',
      scopes: [],
      params: Slug,
      body: MudancaDeCanal,
      fixed: SHOWN.filter((name) => !Object.hasOwn(MudancaDeCanal.shape, name)),
      examples: {
        opcoes: { summary: 'Opções', value: { janela_h: 48, esperar: false } },
        textos: {
          summary: 'Textos próprios',
          value: { textos: { pt: { atribuido: 'Olá! {consultor} vai atender você. Protocolo {protocolo}.' } } },
        },
        horario: {
          summary: 'O expediente da conta',
          value: { horario: { semana: { seg: ['08:00-18:00'], sab: ['09:00-13:00'] }, folgas: ['2026-12-24'] } },
        },
        ajustes: { summary: 'Uma chave nova, de uma conta da Evolution', value: { ajustes: { chave_api: 'a-nova' } } },
      },
      returns: CanalDaApi,
      fails: DESCONHECIDO,
      handler: async ({ params, body, caller }) => ({
        body: manage.toApi(await manage.change(params.slug, body, authorOf(caller))),
      }),
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
      fails: DESCONHECIDO,
      handler: async ({ params, caller }) => {
        await manage.remove(params.slug, authorOf(caller))
        await dismiss(vez, params.slug)
        return { body: { detail: 'Canal removido com sucesso' } }
      },
    }),
    route({
      method: 'post',
      path: '/canais/:slug/segredo',
      tag,
      summary: 'Faz um segredo novo',
      description: 'O anterior vale por mais 24 horas: `segredo_anterior_ate` diz até quando.',
      scopes: [],
      params: Slug,
      returns: CanalComSegredo,
      fails: { ...DESCONHECIDO, 409: 'O segredo é da plataforma' },
      handler: async ({ params }) => {
        const { canal, segredo, anteriorAte } = await manage.renewSecret(params.slug)
        const body = { ...withSecret(canal, segredo), segredo_anterior_ate: anteriorAte.toISOString() }
        return { body, headers: { 'Cache-Control': 'no-store' } }
      },
    }),
    ...testeRoutes(deps, manage),
    ...esperaRoutes(deps),
  ]
}

/** Lists the platforms, and the settings that an account of each has. */
function plataformaRoutes(): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/plataformas',
      tag,
      summary: 'Lista as plataformas, e o que uma conta de cada uma pede',
      scopes: ['leitura'],
      returns: z.array(PlataformaDaApi),
      handler: async () => ({
        body: ADAPTERS.map(({ plataforma, nome, gatilhos, sendText, assign, secretos, ajustes }) => ({
          plataforma,
          nome,
          gatilhos: [...gatilhos],
          envia: sendText !== undefined,
          atribui: assign !== undefined,
          secretos: [...secretos],
          ajustes: z.toJSONSchema(ajustes, { io: 'input' }),
        })),
      }),
    }),
    ...ADAPTERS.flatMap(({ plataforma, nome, format }) =>
      format === undefined
        ? []
        : [
            route({
              method: 'get',
              path: `/schemas/${plataforma}.json`,
              tag,
              summary: `JSON Schema do que se envia ao canal ${nome}`,
              scopes: 'aberto',
              returns: z.record(z.string(), z.unknown()),
              handler: async () => ({ body: z.toJSONSchema(format, { io: 'input' }) }),
            }),
          ],
    ),
  ]
}
