import type { z } from 'zod'
import { parseJsonWithLongIds } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { adapter, type ChatEvent, type ChatReply } from '../contract.js'
import { bySecret, ignore, jsonReply, requester, withoutId } from '../support.js'
import { Ajustes, Contato, Done } from './schema.js'

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
  instructions: ({ url, secret }) => [
    `No fluxo, ponha External Request (ou Dynamic Block) POST para ${url}`,
    `Em Headers: Authorization = Bearer ${secret ?? '<segredo>'}`,
    'Em Body: Full Contact Data. Em Response mapping: $.protocolo, $.consultor.nome e $.texto',
  ],

  verify: ({ headers }, account) =>
    bySecret(bearer(headers.authorization) ?? headers['x-api-key'] ?? headers['x-webhook-segredo'], account),

  parse: ({ body }, { ajustes }) => [read(parseJsonWithLongIds(body.toString('utf8')), ajustes)],

  reply: ([reply], _events, { ajustes }) => jsonReply(ajustes.bloco === 'dinamico' ? toBlock(ajustes, reply) : reply),

  canSend: ({ chave_api }) => chave_api !== undefined,

  async sendText(out, { conversa }, text) {
    if (!/^\d+$/.test(conversa)) throw new OutboundFailure('destino_invalido', { definitive: true })
    const data = { version: 'v2', content: content(out.account.ajustes, [text], []) }
    // The JSON is written by hand: as a JavaScript number a long id would be rounded to another person's.
    const body = `{"subscriber_id":${conversa},"data":${JSON.stringify(data)}}`
    return withoutId(request(out, 'POST', 'fb/sending/sendContent', { text: body }, Done))
  },

  link: ({ ajustes: { page_id } }, { conversa }) =>
    page_id === undefined ? undefined : `https://manychat.com/fb${page_id}/chat/${conversa}`,
})

function read(json: unknown, { page_id }: Config): ChatEvent {
  const parsed = Contato.safeParse(json)
  if (!parsed.success) return ignore('formato')
  const one = parsed.data
  const id = /^user:(\d+)$/.exec(one.key ?? '')?.[1] ?? one.id
  const conta = one.page_id
  if (id === undefined) return ignore('formato')
  if (page_id !== undefined && conta !== undefined && conta !== page_id) return ignore('outra_conta', { conta })
  const phone = one.whatsapp_phone ?? one.whats_app_phone ?? one.phone
  const full = [one.first_name, one.last_name].filter((part) => part !== undefined).join(' ')
  return {
    tipo: 'mensagem',
    conversa: id,
    contato: {
      ids: [id],
      nome: one.name ?? (full || undefined),
      telefone: toE164(phone),
      idioma: one.locale?.replace('_', '-'),
    },
    pediu: true,
    // There is no message id: the idempotency key is made of contact, time and text
    // (docs/vendors/chat.md#manychat-contact-data).
    conta,
    texto: one.last_input_text,
    enviado_em: one.last_interaction,
  }
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
