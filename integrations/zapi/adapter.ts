import { z } from 'zod'
import { identityOf, parseJid } from '../../src/lib/jid.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { fromDigits } from '../../src/lib/phone.js'
import {
  adapter,
  type ChatEvent,
  type EventContact,
  type IgnoreReason,
  type OutboundContext,
  type Sent,
} from '../contract.js'
import {
  acknowledged,
  bySecret,
  ignore,
  jsonOf,
  malformed,
  missedCall,
  ofKind,
  reasonOf,
  requester,
  says,
  toEither,
  unreadable,
  whatsappLink,
} from '../support.js'
import { Ajustes, CALLBACKS, MISSED_CALLS, NOT_SAID, NOTICES, saysSomething, Webhook } from './schema.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>
type Parsed = z.output<typeof Webhook>

/**
 * Z-API (docs/vendors/chat.md#z-api). It neither signs nor sends custom headers: the secret is in the path, and the
 * instance must be the account's.
 */
export const zapi = adapter({
  plataforma: 'zapi',
  nome: 'Z-API',
  ajustes: Ajustes,
  secretos: ['token', 'client_token'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'path',
  proof: 'O segredo da conta no endereço.',
  largeEvents: true,
  instructions: ({ url }) => [
    `Na instância, em Webhooks e configurações gerais, cole em "Ao receber": ${url}`,
    'Ligue "Notificar as enviadas por mim também": o que se responde do celular renova o atendimento e tira da fila quem espera',
    'Ou chame POST /canais/{slug}/configurar, que faz isso por você',
  ],

  verify: ({ pathSecret }, account) => bySecret(pathSecret, account),

  parse({ body }, { ajustes }) {
    const parsed = Webhook.safeParse(jsonOf(body))
    if (!parsed.success) return [malformed(parsed.error)]
    if (parsed.data.instanceId !== ajustes.instancia)
      return [ignore('outra_conta', { especie: parsed.data.type, detalhe: OTHER_INSTANCE })]
    return [ofKind(kindOf(parsed.data), read(parsed.data))]
  },

  reply: acknowledged,

  canSend: ({ token }) => token !== undefined,

  // Z-API takes a LID in the place of a phone, so the answer goes to the address that came in.
  sendText: (out, { conversa, telefone }, text) =>
    toEither(conversa, parseJid(conversa)?.tipo === 'lid' ? telefone?.slice(1) : undefined, (address) =>
      sendText(out, address, text),
    ),

  textPhone: (out, telefone, text) => sendText(out, telefone.replace('+', ''), text),

  async configure(out, { url }) {
    await request(out, 'PUT', 'update-webhook-received', { json: { value: url } }, z.unknown())
    return 'Webhook "Ao receber" ligado na instância'
  },

  async checkCredentials(out) {
    const { connected } = await request(out, 'GET', 'status', {}, z.object({ connected: z.boolean() }))
    if (!connected) throw new OutboundFailure('instancia_desconectada', { definitive: true })
  },

  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['token'],
    account: 'instancia',
    explain: ({ status, body }) => {
      if (says(body, CLIENT_TOKEN)) return { motivo: 'chave_errada', field: 'client_token', hint: CLIENT_TOKEN_HINT }
      if (says(body, /instance not found/i)) return { motivo: 'conta_desconhecida', hint: INSTANCE_HINT }
      return [401, 403].includes(status) && says(body, /"(?:error|message)"/) ? { motivo: 'chave_errada' } : undefined
    },
  },

  link: whatsappLink,
})

/** What Z-API says of the account's security token (docs/vendors/chat.md#z-api-errors). */
const CLIENT_TOKEN = /client-token|null not allowed/i
const CLIENT_TOKEN_HINT = 'É o "Token de segurança da conta" (aba Segurança do painel), e não o token da instância'
const INSTANCE_HINT = 'Confira também `ajustes.token`: a Z-API responde o mesmo quando ele não é o desta instância'

const OTHER_INSTANCE = '`instanceId` do evento não é a instância de `ajustes.instancia`'

function whyIgnored(one: Parsed): IgnoreReason | undefined {
  const { type = '', phone = '' } = one
  if (type.toLowerCase() !== 'receivedcallback') return reasonOf(CALLBACKS, type.toLowerCase()) ?? 'sistema'
  if (one.isGroup || phone.endsWith('-group') || phone.endsWith('@g.us')) return 'grupo'
  if (one.isNewsletter || phone.endsWith('@newsletter')) return 'canal'
  if (one.broadcast || phone.endsWith('broadcast')) return 'status'
  if (one.isEdit) return 'edicao'
  // Undecrypted messages and notices have the same type as messages (docs/vendors/chat.md#z-api-kinds-that-are-no-message).
  if (one.waitingMessage) return 'sistema'
  if (one.notification !== undefined && !isMissedCall(one)) return reasonOf(NOTICES, one.notification) ?? 'sistema'
  const other = otherField(one)
  return other === undefined ? undefined : reasonOf(NOT_SAID, other)
}

/** The notice, the field that is no message, or the type of the callback. */
const kindOf = (one: Parsed): string | undefined => one.notification ?? otherField(one) ?? one.type

const isMissedCall = ({ notification = '' }: Parsed): boolean => MISSED_CALLS.has(notification)

const otherField = (one: Parsed): string | undefined => Object.keys(NOT_SAID).find((field) => one[field] != null)

function read(one: Parsed): ChatEvent {
  const { phone, messageId, instanceId, momment, externalAdReply: ad } = one
  const about = { mensagem_id: messageId, conta: instanceId, conversa: phone }
  const why = whyIgnored(one)
  if (why) return ignore(why, about)
  const contato = toContato(one)
  if (phone === undefined || contato.ids.length === 0)
    return unreadable('o campo phone falta, ou não é um telefone nem um LID', about)
  if (one.fromMe) {
    const content = saysSomething(one) ? { typed: !one.fromApi, texto: textOf(one) } : {}
    return ignore('propria', { ...about, contato, enviado_em: momment, ...content })
  }
  const nome = one.senderName ?? one.chatName
  if (isMissedCall(one))
    return missedCall({ ...about, conversa: phone, contato: { ...contato, nome }, enviado_em: momment })
  if (!saysSomething(one)) return ignore('sistema', about)
  const buttons = one.buttonsResponseMessage ?? one.buttonReply
  return {
    tipo: 'mensagem',
    ...about,
    conversa: phone,
    contato: { ...contato, nome },
    pediu: false,
    texto: textOf(one),
    botao: buttons?.buttonId ?? one.listResponseMessage?.selectedRowId,
    enviado_em: momment,
    referencia: ad?.sourceId ?? ad?.ctwaClid ?? ad?.sourceUrl,
  }
}

const textOf = (one: Parsed): string | undefined =>
  one.text?.message ??
  one.buttonsResponseMessage?.message ??
  one.buttonReply?.message ??
  one.listResponseMessage?.title ??
  one.listResponseMessage?.message ??
  one.hydratedTemplate?.message ??
  one.image?.caption ??
  one.video?.caption ??
  one.document?.caption

/** `phone` may be a LID, which is no number. `senderLid` is the customer's, but in messages of our own, where it is ours. */
function toContato({ phone, chatLid, senderLid, fromMe }: Parsed): EventContact {
  const { addresses, telefone } = identityOf([phone, chatLid, fromMe ? undefined : senderLid], fromDigits(phone))
  const lids = addresses.filter((one) => one.endsWith('lid'))
  return { ids: [...(telefone === undefined ? [] : [telefone.slice(1)]), ...lids], telefone }
}

/**
 * Z-API may refuse with status 200 and an `error` (docs/vendors/chat.md#z-api-refusals): that is a definitive refusal,
 * not an unknown outcome.
 */
async function sendText(out: Outbound, phone: string, message: string): Promise<Sent> {
  const Answer = z.union([z.looseObject({ messageId: z.string() }), z.looseObject({ error: z.string() })])
  const answer = await request(out, 'POST', 'send-text', { json: { phone, message } }, Answer)
  if (!('messageId' in answer))
    throw new OutboundFailure('recusada', { definitive: true, noAddress: saysNobody(answer) })
  return { mensagem_id: z.string().safeParse(answer.messageId).data }
}

/** What Z-API says of a phone or LID that is none; its other refusals name neither. */
const NOBODY = /\b(phone|number|lid)\b.*\b(not|invalid)\b|\binvalid\b.*\b(phone|number|lid)\b/i

/** Further characters are not looked at: the pattern takes quadratic time. */
const MAX_ERROR = 500

const saysNobody = (answer: unknown): boolean =>
  NOBODY.test(Refusal.safeParse(answer).data?.error.slice(0, MAX_ERROR) ?? '')

const Refusal = z.object({ error: z.string() })

const request = requester(({ servidor, instancia, token, client_token }: Config) =>
  token === undefined
    ? undefined
    : {
        servidor,
        at: (path) => `/instances/${encodeURIComponent(instancia)}/token/${encodeURIComponent(token)}/${path}`,
        headers: omitUndefined({ 'client-token': client_token }),
        refusesAddress: saysNobody,
      },
)
