import { z } from 'zod'
import { sha256 } from '../http/auth.js'
import { type AnyRoute, ESCOPOS, route } from '../http/route.js'
import { instant, orNull, text } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { notFound } from '../lib/errors.js'
import { LIMIT } from '../lib/mongo.js'
import { keyId, newKey } from './key.js'
import type { Chave, ChaveModel } from './model.js'

const tag = 'chaves'

const ChaveDaApi = z
  .object({
    id: z.string(),
    descricao: z.string(),
    escopos: z.array(z.enum(ESCOPOS)),
    ativa: z.boolean(),
    criada_em: instant,
    revogada_em: orNull(instant),
    ultimo_uso: orNull(instant, { description: 'Com uma precisão de dez minutos' }),
  })
  .meta({ id: 'ApiKey' })

const ChaveCriada = ChaveDaApi.extend({
  chave: z.string().meta({ description: 'A chave: só aparece aqui, agora' }),
}).meta({ id: 'ApiKeyCriada' })

const toApi = (chave: Chave) => ({ ...chave, id: chave._id })

/** Keys for others: a chat flow needs `chat`, a panel `leitura`. */
export function chaveRoutes(chaves: ChaveModel, clock: Clock): AnyRoute[] {
  return [
    route({
      method: 'post',
      path: '/api-keys',
      tag,
      summary: 'Cria uma API Key',
      description: '`chat`: turnos, protocolos e conexão. `leitura`: só consultas. `admin`: tudo.',
      scopes: [],
      body: z
        .strictObject({ descricao: text(1, 255), escopos: z.array(z.enum(ESCOPOS)).min(1).max(ESCOPOS.length) })
        .meta({ id: 'NovaApiKey' }),
      examples: {
        chat: { summary: 'Para um fluxo de chat', value: { descricao: 'Fluxo do WhatsApp', escopos: ['chat'] } },
        leitura: { summary: 'Para um painel', value: { descricao: 'Painel da loja', escopos: ['leitura'] } },
      },
      returns: ChaveCriada,
      handler: async ({ body }) => {
        const chave = newKey()
        const stored: Chave = {
          _id: keyId(chave),
          hash: sha256(chave).toString('base64url'),
          descricao: body.descricao,
          escopos: [...new Set(body.escopos)],
          ativa: true,
          criada_em: clock.now(),
        }
        await chaves.create(stored)
        return { body: { ...toApi(stored), chave }, headers: { 'Cache-Control': 'no-store' } }
      },
    }),
    route({
      method: 'get',
      path: '/api-keys',
      tag,
      summary: 'Lista as API Keys',
      scopes: [],
      returns: z.array(ChaveDaApi),
      handler: async () => {
        const found = await chaves.find().maxTimeMS(LIMIT.maxTimeMS).lean()
        return { body: found.sort((a, b) => a.criada_em.getTime() - b.criada_em.getTime()).map(toApi) }
      },
    }),
    route({
      method: 'delete',
      path: '/api-keys/:id',
      tag,
      summary: 'Revoga uma API Key',
      description: 'Vale em todos os processos em até 30 s.',
      scopes: [],
      params: z.object({ id: text(1, 64) }),
      returns: z.object({ detail: z.string() }),
      fails: { 404: 'API Key não encontrada' },
      handler: async ({ params }) => {
        const { matchedCount } = await chaves
          .updateOne({ _id: params.id, ativa: true }, { $set: { ativa: false, revogada_em: clock.now() } })
          .maxTimeMS(LIMIT.maxTimeMS)
        if (matchedCount === 0) throw notFound('API Key não encontrada')
        return { body: { detail: 'API Key revogada com sucesso' } }
      },
    }),
  ]
}
