import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import type { AnyAdapter } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import { Acknowledged, FlowAnswer } from '../../integrations/support.js'
import { Erro, failed, headersOf } from '../http/docs/answers.js'
import { RESERVED, Slug } from './schema.js'

/** An error has the fields of an answer too: a flow that maps them must find them. */
const ErroDeWebhook = FlowAnswer.extend({
  ...Erro.shape,
  situacao: z.literal('ignorado'),
  motivo: z.literal('erro'),
  protocolo: z.null(),
  consultor: z.null(),
  posicao: z.null(),
  texto: z.literal(''),
}).meta({ id: 'ErroDeWebhook', description: 'Um erro, com os campos de uma resposta ao fluxo' })

const RETRY_AFTER = { 'Retry-After': 'Daqui a quantos segundos tentar de novo' }

const FAILURES = {
  400: failed({ says: 'O corpo não chegou inteiro', returns: ErroDeWebhook }),
  401: failed({
    says: 'O segredo ou a assinatura não confere, ou não há esta conta, ou ela está inativa',
    returns: ErroDeWebhook,
  }),
  408: failed({ says: 'O corpo demorou demais', returns: ErroDeWebhook }),
  413: failed({ says: 'Corpo grande demais', returns: ErroDeWebhook }),
  429: failed({ says: 'Mensagens demais desta conta', returns: ErroDeWebhook, headers: RETRY_AFTER }),
  503: failed({ says: 'Agora não; tente de novo', returns: ErroDeWebhook, headers: RETRY_AFTER }),
}

const Segredo = z.object({
  segredo: z.string().meta({ description: 'O segredo da conta, que só aparece ao ser feito' }),
})

/** Any object: what it holds is the platform's matter. */
const Evento = z.unknown().meta({ override: { type: 'object' }, description: 'O evento, como a plataforma o envia' })

const success = (type: string, schema: z.ZodType) => ({
  description: 'Recebido',
  headers: headersOf({ 'X-Request-Id': 'O nome deste pedido nos logs' }),
  content: { [type]: { schema } },
})

const oneOf = ([first, ...more]: readonly [z.ZodType, ...z.ZodType[]]): z.ZodType =>
  more.length === 0 ? first : z.union([first, ...more])

const common = (adapter: AnyAdapter) => ({
  tags: ['webhooks'],
  security: [],
  requestParams: { path: adapter.secretIn === 'path' ? Slug.extend(Segredo.shape) : Slug },
})

const nameOf = (adapter: AnyAdapter): string =>
  `Webhook${adapter.plataforma.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`

function event(adapter: AnyAdapter): ZodOpenApiOperationObject {
  const { nome, proof, format, bodyType = 'application/json', answers = [Acknowledged] } = adapter
  return {
    ...common(adapter),
    operationId: `post${nameOf(adapter)}`,
    summary: `Um evento: ${nome}`,
    description: `Autenticação: ${proof}\n\nO que não se conhece é ignorado, com 200.`,
    requestBody: { required: true, content: { [bodyType]: { schema: format ?? Evento } } },
    responses: {
      200: success(answers[0] instanceof z.ZodString ? 'text/xml' : 'application/json', oneOf(answers)),
      ...FAILURES,
    },
  }
}

const Query = z.object({
  'hub.mode': z.literal('subscribe'),
  'hub.verify_token': z.string().meta({ description: 'O segredo da conta' }),
  'hub.challenge': z.string().meta({ description: 'O que a resposta repete' }),
})

function handshake(adapter: AnyAdapter): ZodOpenApiOperationObject {
  const { requestParams, ...rest } = common(adapter)
  return {
    ...rest,
    operationId: `get${nameOf(adapter)}`,
    summary: `O aperto de mão: ${adapter.nome}`,
    description: `Autenticação: ${adapter.proof}`,
    requestParams: { ...requestParams, query: Query },
    responses: { 200: success('text/plain', z.string()), ...FAILURES },
  }
}

const pipedrive: ZodOpenApiOperationObject = {
  tags: ['webhooks'],
  security: [],
  requestParams: { path: Segredo },
  operationId: 'postWebhookPipedrive',
  summary: 'Um registro mudou: Pipedrive',
  description:
    'Autenticação: o segredo no endereço e `Authorization: Basic`; `POST /pipedrive/setup` os registra lá. Só a versão 2.0 dos webhooks é lida.',
  requestBody: { required: true, content: { 'application/json': { schema: Evento } } },
  responses: {
    200: success('application/json', z.object({ detail: z.literal('recebido') })),
    400: failed({ says: 'O corpo não é JSON, ou não chegou inteiro' }),
    401: failed({ says: 'O segredo, o usuário ou a senha não conferem' }),
    404: failed({ says: 'O Pipedrive está desligado' }),
    408: failed({ says: 'O corpo demorou demais' }),
    413: failed({ says: 'Corpo maior que 1 MB' }),
    503: failed({ says: 'Agora não; tente de novo', headers: RETRY_AFTER }),
  },
}

/** What the platforms and Pipedrive call, for the document. */
export function webhookPaths(): ZodOpenApiPathsObject {
  const paths = ADAPTERS.map((adapter) => [
    `/webhooks/${adapter.plataforma}/{slug}${adapter.secretIn === 'path' ? '/{segredo}' : ''}`,
    { post: event(adapter), ...(adapter.handshake && { get: handshake(adapter) }) },
  ])
  return { ...Object.fromEntries(paths), [`/webhooks/${RESERVED}/{segredo}`]: { post: pipedrive } }
}
