import { z } from 'zod'
import { createDocument, type oas31, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { omitUndefined } from '../lib/omit.js'
import { failuresOf, headersOf } from './docs/answers.js'
import type { AnyRoute, Credential } from './route.js'
import { VERSION } from './version.js'

const TAGS = [
  { name: 'vez', description: 'De quem é a vez' },
  { name: 'protocolos', description: 'Os números dados, e o que foi feito deles' },
  { name: 'livro', description: 'O que aconteceu com a vez, quando e por quem, e a prova de que confere' },
  { name: 'consultores', description: 'Quem atende' },
  { name: 'politica', description: 'O que vale para todos os consultores' },
  { name: 'canais', description: 'As contas de chat, e quem espera nelas' },
  { name: 'webhooks', description: 'O que as plataformas chamam; não pedem API Key' },
  { name: 'pipedrive', description: 'A ligação com o Pipedrive' },
  { name: 'tarefas', description: 'O trabalho para as plataformas: feito, por fazer, morto' },
  { name: 'chaves', description: 'Quem pode chamar esta API' },
  { name: 'serviço', description: 'Como está o serviço' },
]

const ABOUT = `De quem é a vez: um consultor e um número de protocolo para cada cliente, com justiça e uma vez só.

Um erro é JSON com \`detail\`: uma frase ou, no 422, a lista de todos os problemas. Um método que o caminho não conhece recebe 405, com os que conhece em \`Allow\`; \`OPTIONS\` responde 200 com o mesmo. \`HEAD\` vale onde há \`GET\`, menos nos que dão um número. Todo pedido tem 30 s para chegar inteiro (o corpo de um webhook, 10 s; com mídia, 30 s): depois é 408. Enquanto o serviço começa tudo responde 503.`

const KEY = `Cole uma API Key. A primeira, de administrador, é a de AUTHENTICATION_API_KEY; sem essa variável, \`npm start\` faz uma e a mostra no terminal, e ela fica em \`.data/api-key\` (na pasta de PASTA_DADOS). Outras, com menos permissões, se fazem em \`POST /api-keys\`.`

const SCHEMES: Readonly<Record<Credential, oas31.SecuritySchemeObject>> = {
  'api-key': { type: 'apiKey', in: 'header', name: 'api-key', description: KEY },
  'metrics-token': { type: 'http', scheme: 'bearer', description: 'Só para `/metrics`: o valor de METRICS_TOKEN.' },
}

interface DocumentOptions {
  /** Where the service is called from outside. */
  readonly url?: string | undefined
  /** Paths that are no routes of the API. */
  readonly others?: ZodOpenApiPathsObject
}

/** The OpenAPI 3.1 document of these routes, made from the schemas that validate. */
export function openapi(routes: readonly AnyRoute[], { url, others = {} }: DocumentOptions = {}): object {
  const paths: ZodOpenApiPathsObject = { ...others }
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [one.method]: operation(one) }
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'consultor da vez',
      version: VERSION,
      description: ABOUT,
    },
    // The pages call the address that they came from: a browser lets them call no other.
    servers: [{ url: '/' }, ...(url === undefined ? [] : [{ url }])],
    tags: TAGS,
    security: [{ 'api-key': [] }],
    paths,
    components: { securitySchemes: SCHEMES },
  })
  return JSON.parse(JSON.stringify(document, tidy))
}

/**
 * Leaves out what says nothing: the bounds of a JavaScript integer, and the pattern of a number or of a known format. Of a pattern
 * the pages make a random example, like a year 8543.
 */
function tidy(this: unknown, name: string, value: unknown): unknown {
  if (typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER) return undefined
  const { format, type } = Object(this)
  return name === 'pattern' && (FORMATS.has(format) || type === 'integer') ? undefined : value
}

const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'email', 'uri'])

function operation(one: AnyRoute): ZodOpenApiOperationObject {
  const { params, query, headers, body, credentials, examples } = one
  return {
    operationId: `${one.method}${one.path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [one.tag],
    summary: one.summary,
    description: [one.description, scopesOf(one)].filter(Boolean).join('\n\n'),
    ...(one.scopes === 'aberto' && { security: (credentials ?? []).map((name) => ({ [name]: [] })) }),
    // A header that shows who calls is none of the parameters.
    requestParams: omitUndefined({ path: params, query, header: credentials ? undefined : headers }),
    ...(body && {
      requestBody: {
        required: !one.bodyOptional,
        content: { 'application/json': { schema: body, ...(examples && { examples: { ...examples } }) } },
      },
    }),
    responses: { 200: success(one), ...failuresOf(one) },
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
    headers: headersOf(told),
    content: { [one.streams ?? (isText ? 'text/plain' : 'application/json')]: { schema: one.returns } },
  }
}
