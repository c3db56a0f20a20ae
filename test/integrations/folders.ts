import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { modelo } from '../../integrations/_modelo/adapter.js'
import type { Account, AnyAdapter, WebhookRequest } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import type { Way } from './signing.js'
import { fill } from './template.js'

export const FOLDER = join(__dirname, '../../integrations')

/** Every platform of the product's list, and the template that a new one starts from. */
const ALL: readonly AnyAdapter[] = [...ADAPTERS, modelo]
export const PLATFORMS = ALL.map(({ plataforma }) => plataforma)

const path = (plataforma: string, file: string): string => join(FOLDER, plataforma, 'fixtures', file)
const read = (plataforma: string, file: string): unknown => JSON.parse(readFileSync(path(plataforma, file), 'utf8'))

/** What every platform has to show, or say that it does not exist there. */
export const CASES = ['mensagem', 'repetida', 'propria', 'grupo', 'outra_conta', 'midia', 'nao_e_mensagem'] as const

/** The files of a `fixtures` folder that are no event. */
const OTHERS = ['conta.json', 'autentica.json', 'saida.json', 'ausentes.json']

const Fixture = z.strictObject({
  /** Which of the mandatory cases it is; absent: something else that goes wrong easily. */
  caso: z.enum(CASES).optional(),
  porque: z.string().min(1),
  /** Payloads of the vendor (beside the repository) whose trap this one has too. */
  armadilha: z.array(z.string()).optional(),
  /** The platform's own id of the account. */
  conta: z.string().optional(),
  ajustes: z.record(z.string(), z.unknown()).optional(),
  metodo: z.enum(['GET', 'POST']).default('POST'),
  url: z.string().default('https://exemplo.com/webhooks/x/conta'),
  corpo: z.unknown().optional(),
  /** The body as it is, where it is no JSON or its very bytes matter. */
  cru: z.string().optional(),
  /** No phone may be made out of whatever digits there are. */
  semTelefone: z.literal(true).optional(),
  /** Whatever text there is, it is not the customer's. */
  semTexto: z.literal(true).optional(),
  espera: z.array(z.record(z.string(), z.unknown())).min(1),
})

export type Fixture = z.output<typeof Fixture> & {
  readonly name: string
  readonly plataforma: string
  readonly adapter: AnyAdapter
  readonly account: Account
  readonly request: WebhookRequest
}

const Conta = z.strictObject({
  /** The least that an account has to be told; `{segredo}` where a secret of the platform stands. */
  ajustes: z.record(z.string(), z.unknown()),
  /** Which setting is the platform's own id of the account. */
  identificador: z.string().optional(),
})

/** An adapter with an account of its platform whose every secret is this one. */
export function accountOf(
  plataforma: string,
  secret: string,
  id?: string,
  more: object = {},
): { adapter: AnyAdapter; account: Account } {
  const adapter = ALL.find((one) => one.plataforma === plataforma)
  if (!adapter) throw new Error(`no such platform: ${plataforma}`)
  const { ajustes, identificador } = Conta.parse(read(plataforma, 'conta.json'))
  const isNumber = identificador !== undefined && typeof ajustes[identificador] === 'number'
  const named = id !== undefined && identificador ? { [identificador]: isNumber ? Number(id) : id } : {}
  const settings = adapter.ajustes.parse({ ...fill(ajustes, { segredo: secret }), ...named, ...more })
  return { adapter, account: { slug: 'conta', ajustes: settings, secrets: [secret] } }
}

/** A request as it may come, but for what is given. */
export const arrival = (raw: string, more: Partial<WebhookRequest> = {}): WebhookRequest => ({
  method: 'POST',
  url: 'https://exemplo.com/webhooks/x/conta',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(raw),
  ...more,
})

export const SECRET = 'token-de-teste+1'

/** The events of a platform's folder. */
export const fixturesOf = (plataforma: string): readonly Fixture[] =>
  readdirSync(path(plataforma, '.'))
    .filter((file) => file.endsWith('.json') && !OTHERS.includes(file))
    .map((file) => {
      const one = Fixture.parse(read(plataforma, file))
      const request = arrival(one.cru ?? JSON.stringify(one.corpo), { method: one.metodo, url: one.url })
      const name = `${plataforma}/${file}: ${one.porque}`
      return { ...one, ...accountOf(plataforma, SECRET, one.conta, one.ajustes), name, plataforma, request }
    })

/** Cases that do not exist there, each with the reason. */
export const absentOf = (plataforma: string): Readonly<Record<string, string>> =>
  existsSync(path(plataforma, 'ausentes.json'))
    ? z.partialRecord(z.enum(CASES), z.string().min(20)).parse(read(plataforma, 'ausentes.json'))
    : {}

/** The ways in which a platform shows that it is itself, by name. */
export const waysOf = (plataforma: string): Readonly<Record<string, Way>> =>
  read(plataforma, 'autentica.json') as Record<string, Way>

const Chamada = z.strictObject({
  metodo: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Behind the server's address, with the query. */
  caminho: z.string(),
  cabecalhos: z.record(z.string(), z.string()).default({}),
  /** JSON, or the fields of a form. */
  corpo: z.unknown().optional(),
  /** The body as it has to be, to the byte. */
  cru: z.string().optional(),
  /** What the platform answers. */
  status: z.int().default(200),
  responde: z.unknown().optional(),
})

export type Chamada = z.output<typeof Chamada>

/** The functions of an adapter that call out. */
export const VERBS = [
  'sendText',
  'wasSent',
  'textPhone',
  'assign',
  'addNote',
  'configure',
  'checkCredentials',
  'findMissed',
  'listPresences',
] as const

const Saida = z.strictObject({
  /** An account that may do all that its platform can; `{servidor}` is where the platform is. */
  conta: z.looseObject({ ajustes: z.record(z.string(), z.unknown()) }),
  /** Where an answer to `entrega` goes. */
  conversa: z.string(),
  /** A customer's message, and the way of `autentica.json` by which it comes. */
  entrega: z.strictObject({
    via: z.string(),
    corpo: z.unknown().optional(),
    cru: z.string().optional(),
    formulario: z.record(z.string(), z.string()).optional(),
  }),
  /** What our HTTP answer has to hold, where somebody reads it. */
  resposta: z
    .strictObject({ tipo: z.string().optional(), corpo: z.unknown().optional(), cru: z.string().optional() })
    .optional(),
  chamadas: z.partialRecord(z.enum(VERBS), z.array(Chamada)),
  /** Answers by which the platform refuses for good, though their status may say otherwise. */
  recusa: z
    .partialRecord(
      z.enum(VERBS),
      z.array(z.strictObject({ status: z.int().default(200), responde: z.unknown().optional() })),
    )
    .default({}),
  /** What a function gives back, where that matters. */
  devolve: z.partialRecord(z.enum(VERBS), z.unknown()).default({}),
})

export type Saida = z.output<typeof Saida>

export const saidaOf = (plataforma: string): Saida => Saida.parse(read(plataforma, 'saida.json'))
