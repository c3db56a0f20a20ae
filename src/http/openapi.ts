import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { omitUndefined } from '../lib/omit.js'
import type { AnyRoute } from './route.js'
import { VERSION } from './version.js'

const Erro = z.object({ detail: z.string() }).meta({ id: 'Erro' })

const ErroDeValidacao = z
  .object({
    detail: z.array(
      z.object({
        loc: z.array(z.union([z.string(), z.int()])).meta({ example: ['body', 'nome'] }),
        msg: z.string(),
        type: z.string(),
      }),
    ),
  })
  .meta({ id: 'ErroDeValidacao', description: 'Todos os problemas do pedido' })

const TAGS = [
  { name: 'vez', description: 'De quem é a vez' },
  { name: 'protocolos', description: 'Os números dados, e o que foi feito deles' },
  { name: 'consultores', description: 'Quem atende' },
  { name: 'canais', description: 'As contas de chat, e quem espera nelas' },
  { name: 'tarefas', description: 'O trabalho para as plataformas: feito, por fazer, morto' },
  { name: 'chaves', description: 'Quem pode chamar esta API' },
  { name: 'serviço', description: 'Como está o serviço' },
]

/** Answers that any route of a kind may give. */
const GENERAL: readonly { status: number; when: (one: AnyRoute) => boolean; says: string }[] = [
  { status: 400, when: ({ body }) => body !== undefined, says: 'O corpo não é JSON' },
  { status: 401, when: ({ scopes }) => scopes !== 'aberto', says: 'API Key inválida' },
  { status: 403, when: ({ scopes }) => scopes !== 'aberto', says: 'A chave não tem permissão' },
  { status: 413, when: ({ body }) => body !== undefined, says: 'Corpo maior que 100 kB' },
  { status: 415, when: ({ body }) => body !== undefined, says: 'O corpo não é application/json' },
  {
    status: 429,
    when: ({ scopes }) => scopes !== 'aberto',
    says: 'Demais ao mesmo tempo; tente de novo (`Retry-After`)',
  },
  { status: 503, when: ({ scopes }) => scopes !== 'aberto', says: 'Agora não; tente de novo (`Retry-After`)' },
]

/** The OpenAPI 3.1 document of these routes, made from the schemas that validate. */
export function openapi(routes: readonly AnyRoute[], { url }: { url?: string | undefined } = {}): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [one.method]: operation(one) }
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'consultor da vez',
      version: VERSION,
      description:
        'De quem é a vez: um consultor e um número de protocolo para cada cliente, com justiça e uma vez só.',
    },
    servers: [{ url: url ?? '/' }],
    tags: TAGS,
    security: [{ 'api-key': [] }],
    paths,
    components: {
      securitySchemes: { 'api-key': { type: 'apiKey', in: 'header', name: 'api-key' } },
    },
  })
  return JSON.parse(JSON.stringify(document, withoutSafeBounds))
}

/** Leaves out the bounds that every whole number has, those of a JavaScript integer. */
const withoutSafeBounds = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value

function operation(one: AnyRoute): ZodOpenApiOperationObject {
  const { params, query, headers, body } = one
  return {
    operationId: `${one.method}${one.path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [one.tag],
    summary: one.summary,
    description: [one.description, scopesOf(one)].filter(Boolean).join('\n\n'),
    ...(one.scopes === 'aberto' && { security: [] }),
    requestParams: omitUndefined({ path: params, query, header: headers }),
    ...(body && { requestBody: { required: !one.bodyOptional, content: { 'application/json': { schema: body } } } }),
    responses: { 200: success(one), ...failures(one) },
  }
}

function scopesOf({ scopes }: AnyRoute): string {
  if (scopes === 'aberto') return ''
  return `Escopos: ${['admin', ...scopes].map((scope) => `\`${scope}\``).join(', ')}.`
}

function success(one: AnyRoute) {
  const told = {
    'X-Request-Id': 'O nome deste pedido nos logs',
    ...((one.ignoresUnknown || one.fixed) && {
      'X-Ignorado': 'Os nomes do que veio e não foi lido, separados por vírgula',
    }),
    ...one.returnsHeaders,
  }
  const isText = one.returns instanceof z.ZodString
  return {
    description: one.summary,
    headers: Object.fromEntries(
      Object.entries(told).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
    ),
    content: { [isText ? 'text/plain' : 'application/json']: { schema: one.returns } },
  }
}

function failures(one: AnyRoute) {
  const said = new Map<number, string>()
  for (const { status, when, says } of GENERAL) if (when(one)) said.set(status, says)
  for (const [status, says] of Object.entries(one.fails ?? {})) said.set(Number(status), says)
  const answers = [...said].map(([status, description]) => [status, response(description, Erro)])
  return {
    ...Object.fromEntries(answers),
    422: response('Algum campo não serve, ou não existe; `detail` lista todos os problemas', ErroDeValidacao),
  }
}

const response = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})
