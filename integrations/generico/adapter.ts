import { z } from 'zod'
import { type Identity, identityOf } from '../../src/lib/jid.js'
import { parseJsonWithLongIds } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { call } from '../../src/lib/outbound.js'
import { isUnfilled } from '../../src/lib/placeholder.js'
import { isStandardWebhook, signStandardWebhook } from '../../src/lib/signature.js'
import { adapter, type ChatEvent, type EventContact, type OutboundContext, type WebhookRequest } from '../contract.js'
import {
  authentic,
  bySecret,
  FlowAnswer,
  flowPhone,
  ignore,
  isBlank,
  jsonReply,
  NOT_JSON,
  notFilled,
  ofKind,
  refused,
  unreadable,
  withoutId,
} from '../support.js'
import { Ajustes, EventoGenerico, Ids } from './schema.js'

/** JSON of ours, for n8n, Make and systems of one's own. The flow reads our answer; what happens later is posted to `retorno_url`. */
export const generico = adapter({
  plataforma: 'generico',
  nome: 'Genérico (n8n, Make, sistema próprio)',
  ajustes: Ajustes,
  secretos: [],
  replyReader: () => 'flow',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  proof:
    'O segredo da conta em `x-webhook-segredo` ou em `Authorization: Bearer`; ou assinado com ele por Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`).',
  answers: [FlowAnswer],
  newSecret: (bytes) => `whsec_${bytes.toString('base64')}`,
  format: EventoGenerico,
  instructions: ({ url, secret }) => [
    `Faça um POST com JSON para ${url}`,
    `Envie o cabeçalho x-webhook-segredo: ${secret ?? '<segredo>'} (ou assine por Standard Webhooks com o mesmo segredo)`,
    'O formato está em /schemas/generico.json; a resposta traz consultor e protocolo',
  ],

  verify({ headers, body }, account, now) {
    const signature = headers['webhook-signature']
    if (signature !== undefined) {
      const signed = { id: headers['webhook-id'], timestamp: headers['webhook-timestamp'], signature }
      const isRight = isStandardWebhook(signed, account.secrets, body, now)
      return isRight ? authentic : refused('assinatura_errada')
    }
    return bySecret(headers['x-webhook-segredo'] ?? bearer(headers.authorization), account)
  },

  parse: (request) => [ofKind('evento', read(request))],

  reply: ([reply]) => jsonReply(reply),

  canSend: ({ retorno_url }) => retorno_url !== undefined,

  sendText: (out, { conversa }, text) => withoutId(callBack(out, 'mensagem', { conversa, texto: text })),

  assign: (out, { conversa }, { nome, email }, { protocolo }) =>
    callBack(out, 'atribuicao', {
      conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),

  // A call would be taken for work, so it is only asked whether anybody answers.
  connection: { server: ({ retorno_url }) => ({ field: 'retorno_url', url: retorno_url }), isWhole: true, keys: [] },
})

type Outbound = OutboundContext<z.output<typeof Ajustes>>

async function callBack({ account, http, now, idempotencyKey }: Outbound, type: string, data: unknown): Promise<void> {
  const { retorno_url: url } = account.ajustes
  if (url === undefined) return
  const body = { type, timestamp: now.toISOString(), data }
  const headers = signStandardWebhook(account.secrets[0] ?? '', idempotencyKey, now, JSON.stringify(body))
  await call(http, { method: 'POST', url, headers, json: body }, z.unknown(), now)
}

/** Fields of one event, about: it has a dozen, and of hundreds of thousands the parser makes half a second's work. */
const MOST_FIELDS = 20_000
const COLON = ':'.charCodeAt(0)

function hasTooManyFields(body: Buffer): boolean {
  let colons = 0
  for (let at = body.indexOf(COLON); at >= 0 && colons <= MOST_FIELDS; at = body.indexOf(COLON, at + 1)) colons += 1
  return colons > MOST_FIELDS
}

function read({ body, headers }: WebhookRequest): ChatEvent {
  if (hasTooManyFields(body)) return unreadable(`tem mais de ${MOST_FIELDS} campos`)
  const json = parseJsonWithLongIds(body.toString('utf8'))
  const ids = Ids.safeParse(json).data ?? {}
  const wrong = Object.entries({ id: ids.id, 'contato.id': ids.contato?.id, conversa: ids.conversa }).find(
    ([, value]) => value !== undefined && isUnfilled(value),
  )
  if (wrong) return unreadable(notFilled(wrong[0]))
  const parsed = EventoGenerico.safeParse(withoutBlanks(json))
  if (!parsed.success) return unreadable(whatIsWrong(parsed.error))
  const { tipo, contato: given, texto, referencia, enviado_em, ...rest } = parsed.data
  const { contato, naoPessoa } = toContato(given)
  if (naoPessoa) return ignore(naoPessoa, { especie: tipo })
  const [first] = contato.ids
  if (first === undefined)
    return unreadable('faltam contato.id e contato.telefone: não se sabe de quem é', { especie: tipo })
  const id = rest.id ?? headers['webhook-id'] ?? headers['idempotency-key']
  const about = { contato, mensagem_id: id, enviado_em: enviado_em == null ? undefined : new Date(enviado_em) }
  if (tipo === 'encerramento') return { tipo, ...about, conversa: rest.conversa ?? undefined }
  return {
    tipo: 'mensagem',
    ...about,
    conversa: rest.conversa ?? first,
    pediu: tipo === 'pedido',
    texto: texto ?? undefined,
    referencia: referencia ?? undefined,
  }
}

/** Those of an event and of its contact. */
const FIELDS = [...Object.keys(EventoGenerico.shape), ...Object.keys(EventoGenerico.shape.contato.shape)]

/**
 * The same JSON, of the fields that we know, where an optional field that is empty, or a variable that was not filled in, is `null`, and a number a text: flows
 * write ids and phones without quotes.
 */
function withoutBlanks(json: unknown, depth = 1): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json
  // Not each field that is there: hundreds of thousands would hold up the process.
  const known = FIELDS.filter((name) => Object.hasOwn(json, name))
  return Object.fromEntries(
    known.map((name) => {
      const value: unknown = Reflect.get(json, name)
      if (name === 'tipo') return [name, value]
      if (typeof value === 'number') return [name, String(value)]
      if (typeof value === 'string') return [name, value.trim() === '' || isBlank(value, name) ? null : value]
      return [name, depth > 0 ? withoutBlanks(value, depth - 1) : value]
    }),
  )
}

/** The first field that is not as it should be. */
function whatIsWrong({ issues }: z.ZodError): string {
  const path = issues[0]?.path.map(String).join('.') ?? ''
  return path === '' ? NOT_JSON : `o campo ${path} falta, ou não tem o formato esperado`
}

function toContato({ id, nome, telefone: written, email, idioma }: z.output<typeof EventoGenerico>['contato']): {
  readonly contato: EventContact
  readonly naoPessoa: Identity['naoPessoa']
} {
  const { addresses, telefone, naoPessoa } = identityOf(
    [id ?? undefined, written ?? undefined],
    flowPhone(written ?? undefined),
  )
  const ids = [id, ...addresses, telefone].filter((one) => one != null)
  const contato = {
    ids: [...new Set(ids)],
    nome: nome || undefined,
    telefone,
    email: email || undefined,
    idioma: idioma ?? undefined,
  }
  return { contato, naoPessoa }
}
