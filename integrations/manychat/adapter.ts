import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { identityOf } from '../../src/lib/jid.js'
import { parseJsonWithLongIds } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { isPlaceholder, isUnfilled } from '../../src/lib/placeholder.js'
import { adapter, type ChatEvent, type ChatReply } from '../contract.js'
import {
  bySecret,
  FlowAnswer,
  flowPhone,
  ignore,
  jsonReply,
  NOT_JSON,
  notFilled,
  ofKind,
  requester,
  says,
  unreadable,
  withoutId,
} from '../support.js'
import { Ajustes, Block, Contato, Done, PageInfo, Wrapped } from './schema.js'

type Config = z.output<typeof Ajustes>

/**
 * ManyChat (docs/vendors/chat.md#manychat): External Request or Dynamic Block asks, and reads the answer; a customer
 * who had to wait gets a message.
 */
export const manychat = adapter({
  plataforma: 'manychat',
  nome: 'ManyChat',
  ajustes: Ajustes,
  secretos: ['chave_api'],
  replyReader: () => 'flow',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  proof: 'O segredo da conta em `Authorization: Bearer`, `x-api-key` ou `x-webhook-segredo`.',
  answers: [FlowAnswer, Block],
  instructions: ({ url, secret }) => [
    `No fluxo, ponha External Request (ou Dynamic Block) POST para ${url}`,
    `Em Headers: Authorization = Bearer ${secret ?? '<segredo>'}`,
    'Em Body: Full Contact Data. Em Response mapping: $.protocolo, $.consultor.nome e $.texto',
  ],

  verify: ({ headers }, account) =>
    bySecret(bearer(headers.authorization) ?? headers['x-api-key'] ?? headers['x-webhook-segredo'], account),

  parse: ({ body }, { ajustes }) => [
    ofKind('contact-data', read(parseJsonWithLongIds(body.toString('utf8')), ajustes)),
  ],

  reply: ([reply], _events, { ajustes }) => jsonReply(ajustes.bloco === 'dinamico' ? toBlock(ajustes, reply) : reply),

  canSend: ({ chave_api }) => chave_api !== undefined,

  async sendText(out, { conversa }, text) {
    if (!/^\d+$/.test(conversa)) throw new OutboundFailure('destino_invalido', { definitive: true })
    const data = { version: 'v2', content: content(out.account.ajustes, [text], []) }
    // The JSON is written by hand: as a JavaScript number a long id would be rounded to another person's.
    const body = `{"subscriber_id":${conversa},"data":${JSON.stringify(data)}}`
    return withoutId(request(out, 'POST', 'fb/sending/sendContent', { text: body }, Done))
  },

  async checkCredentials(out) {
    const { page_id } = out.account.ajustes
    const { data } = await request(out, 'GET', 'fb/page/getInfo', {}, PageInfo)
    if (page_id !== undefined && data.id !== undefined && data.id !== page_id)
      throw new OutboundFailure('conta_desconhecida', { definitive: true })
  },

  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['chave_api'],
    account: 'page_id',
    explain: ({ status, body }) =>
      [400, 401].includes(status) && says(body, /"status":"error"/) ? { motivo: 'chave_errada' } : undefined,
  },

  link: ({ ajustes: { page_id } }, { conversa }) =>
    page_id === undefined ? undefined : `https://manychat.com/fb${page_id}/chat/${conversa}`,
})

/** The contact's data, which may stand in a field of its own. */
function contactData(json: unknown): unknown {
  const { data: outer } = Wrapped.safeParse(json)
  if (!outer) return json
  const inner = outer.contact ?? outer.contato ?? outer.subscriber ?? outer.full_contact_data ?? outer.data
  return inner ? { page_id: outer.page_id, ...inner } : json
}

function read(json: unknown, { page_id }: Config): ChatEvent {
  const parsed = Contato.safeParse(contactData(json))
  if (!parsed.success) return unreadable(NOT_JSON)
  const one = parsed.data
  const id = /^user:(\d+)$/.exec(one.key ?? '')?.[1] ?? one.id
  const conta = one.page_id
  if (id === undefined) return unreadable('falta o campo id: use Full Contact Data')
  // An id of ManyChat has digits only: anything else is a field's name (docs/vendors/chat.md#manychat-contact-data).
  if (!/^\d{1,24}$/.test(id))
    return unreadable(isUnfilled(id) ? notFilled('id') : 'o campo id não é um id do ManyChat: só tem dígitos')
  if (page_id !== undefined && conta !== undefined && conta !== page_id) return ignore('outra_conta', { conta })
  const filled = (value: string | undefined): string | undefined =>
    value === undefined || isUnfilled(value) ? undefined : value
  const written = [one.whatsapp_phone, one.whats_app_phone, one.phone].map(filled).find((phone) => phone !== undefined)
  const full = [one.first_name, one.last_name].map(filled).filter((part) => part !== undefined)
  const texto = one.last_input_text && !isPlaceholder(one.last_input_text) ? one.last_input_text : undefined
  const { telefone, naoPessoa } = identityOf([written], flowPhone(written))
  if (naoPessoa) return ignore(naoPessoa)
  return {
    tipo: 'mensagem',
    conversa: id,
    contato: {
      ids: [id],
      nome: filled(one.name) ?? (full.join(' ') || undefined),
      telefone,
      idioma: filled(one.locale)?.replace('_', '-'),
    },
    pediu: true,
    chave: keyOf(id, one.last_interaction, texto),
    conta,
    texto,
  }
}

/**
 * There is no message id: the idempotency key is made of contact, time of the last interaction and text. That time is no age:
 * the flow asks now, and may do so days after the customer last wrote (docs/vendors/chat.md#manychat-contact-data).
 */
function keyOf(id: string, interaction: string | undefined, texto: string | undefined): string | undefined {
  const at = Date.parse(interaction ?? '')
  if (Number.isNaN(at)) return undefined
  return createHash('sha256')
    .update(JSON.stringify([id, id, new Date(at).toISOString(), texto]))
    .digest('base64url')
}

const content = ({ rede }: Config, texts: readonly string[], actions: readonly object[]) => ({
  ...(rede !== 'messenger' && { type: rede }),
  messages: texts.map((text) => ({ type: 'text', text })),
  actions,
  quick_replies: [],
})

/** A Dynamic Block. It has to be valid also when nobody was assigned: otherwise the flow takes its failure branch. */
function toBlock(ajustes: Config, reply: ChatReply | undefined): object {
  const set = (field_name: string, value: string) => ({ action: 'set_field_value', field_name, value })
  const actions = [
    set('situacao', reply?.situacao ?? ''),
    set('protocolo', reply?.protocolo ?? ''),
    set('consultor', reply?.consultor?.nome ?? ''),
  ]
  return { version: 'v2', content: content(ajustes, reply?.texto ? [reply.texto] : [], actions) }
}

const request = requester(({ servidor, chave_api }: Config) =>
  chave_api === undefined ? undefined : { servidor, headers: { authorization: `Bearer ${chave_api}` } },
)
