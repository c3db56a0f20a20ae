import { z } from 'zod'
import { identityOf, parseJid } from '../../src/lib/jid.js'
import { parseJson } from '../../src/lib/json.js'
import { bearer, fromUnix } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { readJwt } from '../../src/lib/signature.js'
import { adapter, type ChatEvent, type EventContact, type IgnoreReason, type OutboundContext } from '../contract.js'
import { acknowledged, authentic, bySecret, ignore, jsonOf, refused, requester, whatsappLink } from '../support.js'
import { EVENTS } from './events.js'
import { Ajustes, Data, Envelope, type Received, readContent, type Said } from './schema.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>

/**
 * Evolution API v2 (docs/vendors/chat.md#evolution-api): WhatsApp over Baileys or the Cloud API, with one webhook an
 * instance.
 */
export const evolution = adapter({
  plataforma: 'evolution',
  nome: 'Evolution API',
  ajustes: Ajustes,
  secretos: ['chave_api'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'path',
  pathEvents: EVENTS,
  instructions: ({ url, secret }) => [
    `Na instância, em Events → Webhook, ligue o webhook e cole a URL: ${url}`,
    'Marque só MESSAGES_UPSERT',
    `Se preferir um cabeçalho à URL: tire o segredo do endereço e crie o cabeçalho jwt_key com ${secret ?? '<segredo>'}`,
    'Ou chame POST /canais/{slug}/configurar, que faz isso por você',
  ],

  verify({ pathSecret, headers }, account, now) {
    if (pathSecret !== undefined) return bySecret(pathSecret, account)
    // With a header `jwt_key` Evolution sends a token that this key signed; releases without that send the header itself.
    const token = bearer(headers.authorization)
    if (token === undefined) return bySecret(headers.jwt_key ?? headers['x-webhook-segredo'], account)
    // Guides for Evolution also tell to paste the secret itself as a Bearer token.
    if (!token.includes('.')) return bySecret(token, account)
    return readJwt(token, account.secrets, now)?.app === 'evolution' ? authentic : refused('assinatura_errada')
  },

  parse({ body }, { ajustes }) {
    const envelope = Envelope.safeParse(jsonOf(body))
    if (!envelope.success) return [ignore('formato')]
    const { event, instance, data } = envelope.data
    if (instance !== undefined && instance !== ajustes.instancia) return [ignore('outra_conta')]
    const name = event.toLowerCase().replaceAll('_', '.')
    if (name !== 'messages.upsert') return [ignore(WHY[name] ?? 'sistema')]
    return (Array.isArray(data) ? data : [data]).map((one) => read(one, instance))
  },

  reply: acknowledged,

  canSend: ({ servidor, chave_api }) => servidor !== undefined && chave_api !== undefined,

  // The address as it came in. From a bare number Evolution makes an address itself, and may drop the ninth digit.
  sendText: (out, { conversa }, text) => sendText(out, conversa, text),

  textPhone: (out, telefone, text) => sendText(out, telefone.replace('+', ''), text),

  async configure(out, { url }) {
    const webhook = { enabled: true, url, byEvents: false, base64: false, events: ['MESSAGES_UPSERT'] }
    await request(out, 'POST', 'webhook/set', { json: { webhook } }, z.unknown())
    return 'Webhook ligado na instância, para MESSAGES_UPSERT'
  },

  async checkCredentials(out) {
    const State = z.object({ instance: z.object({ state: z.string() }) })
    const { instance } = await request(out, 'GET', 'instance/connectionState', {}, State)
    if (instance.state !== 'open') throw new OutboundFailure('instancia_desconectada', { definitive: true })
  },

  link: whatsappLink,
})

const WHY: Readonly<Record<string, IgnoreReason>> = {
  'messages.update': 'recibo',
  'messages.edited': 'edicao',
  'messages.delete': 'edicao',
  'send.message': 'propria',
  'send.message.update': 'recibo',
  'presence.update': 'digitando',
}

function read(one: unknown, conta: string | undefined): ChatEvent {
  const parsed = Data.safeParse(one)
  if (!parsed.success) return ignore('formato')
  const { key, pushName, messageTimestamp, message, messageStubType, contextInfo } = parsed.data
  const jid = parseJid(key.remoteJid)
  const about = { mensagem_id: key.id, conta, conversa: key.remoteJid }
  if (!jid || jid.tipo === 'outro') return ignore('formato', about)
  if (jid.tipo !== 'telefone' && jid.tipo !== 'lid') return ignore(jid.tipo, about)
  const contato = toContato(parsed.data)
  if (key.fromMe) return ignore('propria', { ...about, contato })
  const said = message == null || messageStubType != null ? 'sistema' : readContent(message)
  if (typeof said === 'string') return ignore(said, about)
  const first = <T>(pick: (part: Said) => T | undefined): T | undefined =>
    said.map(pick).find((value) => value !== undefined)
  const ad = contextInfo?.externalAdReply
  return {
    tipo: 'mensagem',
    ...about,
    conversa: key.remoteJid,
    contato: { ...contato, nome: pushName },
    pediu: false,
    texto: first(
      (part) =>
        part.conversation ??
        part.extendedTextMessage?.text ??
        part.imageMessage?.caption ??
        part.videoMessage?.caption ??
        part.documentMessage?.caption ??
        part.buttonsResponseMessage?.selectedDisplayText ??
        part.templateButtonReplyMessage?.selectedDisplayText ??
        part.listResponseMessage?.title ??
        part.interactiveResponseMessage?.body?.text,
    ),
    botao: first(
      (part) =>
        part.buttonsResponseMessage?.selectedButtonId ??
        part.templateButtonReplyMessage?.selectedId ??
        part.listResponseMessage?.singleSelectReply?.selectedRowId ??
        flowButton(part.interactiveResponseMessage?.nativeFlowResponseMessage?.paramsJson),
    ),
    enviado_em: fromUnix(messageTimestamp),
    referencia: ad?.sourceId ?? ad?.ctwaClid ?? ad?.sourceUrl,
  }
}

/** The id of the button of a native flow: it stands in JSON of its own. */
const flowButton = (paramsJson: string | undefined): string | undefined =>
  z.object({ id: z.string() }).safeParse(parseJson(paramsJson ?? '')).data?.id

/**
 * The phone first where there is one, then the LID: an event may bring either, or both. In a message of our own the sender
 * fields are ours, so they are not read.
 */
function toContato({ key }: Received): EventContact {
  const sender = key.fromMe ? [] : [key.senderPn, key.senderLid]
  const { addresses, telefone } = identityOf([key.remoteJid, key.remoteJidAlt, ...sender])
  return { ids: addresses, telefone }
}

const sendText = (out: Outbound, number: string, text: string): Promise<unknown> =>
  request(out, 'POST', 'message/sendText', { json: { number, text } }, z.unknown())

const request = requester(({ servidor, chave_api, instancia }: Config) =>
  servidor === undefined || chave_api === undefined
    ? undefined
    : { servidor, at: (path) => `/${path}/${encodeURIComponent(instancia)}`, headers: { apikey: chave_api } },
)
