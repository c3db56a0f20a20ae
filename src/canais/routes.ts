import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { omitUndefined } from '../lib/omit.js'
import type { Canal } from './accounts.js'
import { dismiss, esperaRoutes } from './espera.js'
import { plataformaRoutes } from './plataformas.js'
import { CanalComSegredo, CanalDaApi, DESCONHECIDO, Detalhe, MudancaDeCanal, NovoCanal, Slug } from './schema.js'
import { type TesteRoutes, testeRoutes } from './teste.js'

const tag = 'canais'

export interface CanalRoutes extends TesteRoutes {
  readonly contas: { all(): readonly Canal[] }
}

/** Create, list, change and remove chat accounts. */
export function canalRoutes({ manage, contas, vez, clock, http }: CanalRoutes): AnyRoute[] {
  const withSecret = (canal: Canal, segredo: string | undefined): z.input<typeof CanalComSegredo> => {
    const url = manage.webhookUrl(canal, segredo)
    const instrucoes = canal.adapter.instructions({ url, ...omitUndefined({ secret: segredo }) })
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
      fails: DESCONHECIDO,
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
      fails: DESCONHECIDO,
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
      fails: DESCONHECIDO,
      handler: async ({ params }) => {
        await manage.remove(params.slug)
        await dismiss(vez, params.slug)
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
      fails: { ...DESCONHECIDO, 409: 'O segredo é da plataforma' },
      handler: async ({ params }) => {
        const { canal, segredo } = await manage.renewSecret(params.slug)
        return { body: withSecret(canal, segredo), headers: { 'Cache-Control': 'no-store' } }
      },
    }),
    ...testeRoutes({ manage, vez, clock, http }),
    ...esperaRoutes(vez),
  ]
}
