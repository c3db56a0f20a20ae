import { z } from 'zod'
import type { AnyRoute, Failure } from '../route.js'

const detail = z.string().meta({ description: 'O que houve, e o que fazer' })

export const Erro = z.object({ detail }).meta({ id: 'Erro' })

const ErroDeValidacao = z
  .object({
    detail: z.array(
      z.object({
        loc: z
          .array(z.union([z.string(), z.int()]))
          .meta({ description: 'Onde: `body`, `query`, `path` ou `header`, e o campo', example: ['body', 'nome'] }),
        msg: z.string().meta({ example: 'Campo obrigatório' }),
        type: z.string().meta({ example: 'missing' }),
      }),
    ),
  })
  .meta({ id: 'ErroDeValidacao', description: 'Todos os problemas do pedido' })

const RETRY_AFTER = { 'Retry-After': 'Daqui a quantos segundos tentar de novo' }

/** Answers that any route of a kind may give. */
const GENERAL: readonly { status: number; when: (one: AnyRoute) => boolean; failure: Failure }[] = [
  { status: 400, when: ({ body }) => body !== undefined, failure: { says: 'O corpo não é JSON, ou não é UTF-8' } },
  { status: 401, when: asksForKey, failure: { says: 'Falta a API Key, ou ninguém a tem' } },
  { status: 403, when: asksForKey, failure: { says: 'A chave não tem permissão' } },
  { status: 413, when: ({ body }) => body !== undefined, failure: { says: 'Corpo grande demais' } },
  {
    status: 415,
    when: ({ body }) => body !== undefined,
    failure: { says: 'O corpo não é application/json, ou não é UTF-8' },
  },
  {
    status: 429,
    when: asksForKey,
    failure: { says: 'Demais ao mesmo tempo, ou chaves erradas demais deste endereço', headers: RETRY_AFTER },
  },
  { status: 503, when: asksForKey, failure: { says: 'Agora não; tente de novo', headers: RETRY_AFTER } },
]

function asksForKey({ scopes, credentials }: AnyRoute): boolean {
  return scopes !== 'aberto' || credentials !== undefined
}

/** Response headers as the document tells them: name → what it says. */
export const headersOf = (told: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(told).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  )

/** An error answer. Its body is `detail`, and what `failure` has beside it. */
export function failed({ says, headers = {}, returns = Erro }: Failure) {
  return {
    description: says,
    headers: headersOf(headers),
    content: { 'application/json': { schema: returns } },
  }
}

/** Every answer of a route that is no success. */
export function failuresOf(one: AnyRoute) {
  const said = new Map<number, Failure>()
  for (const { status, when, failure } of GENERAL) if (when(one)) said.set(status, failure)
  for (const [status, given] of Object.entries(one.fails ?? {})) {
    const failure = typeof given === 'string' ? { says: given } : given
    const general = said.get(Number(status))
    const says = general ? `${failure.says}. Também: ${general.says}` : failure.says
    said.set(Number(status), { ...general, ...failure, says })
  }
  return {
    ...Object.fromEntries([...said].map(([status, failure]) => [status, failed(failure)])),
    422: failed({
      says: 'Algum campo não serve, ou não existe; `detail` lista os problemas',
      returns: ErroDeValidacao,
    }),
  }
}
