import { z } from 'zod'
import { identityOf, parseJid } from '../../src/lib/jid.js'
import { parseJson } from '../../src/lib/json.js'
import { bearer, fromUnix, lenient, part } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { readJwt } from '../../src/lib/signature.js'
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
  authentic,
  bySecret,
  ignore,
  jsonOf,
  malformed,
  missedCall,
  ofKind,
  reasonOf,
  refused,
  requester,
  says,
  toEither,
  unreadable,
  whatsappLink,
} from '../support.js'
import { EVENTS } from './events.js'
import { Ajustes, Call, Data, Envelope, type Received, readContent, type Said } from './schema.js'

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
  proof:
    'O segredo da conta no endereço, também com o nome do evento atrás (`…/<segredo>/messages-upsert`). Sem ele no endereço: em `jwt_key` (a Evolution envia então um token assinado com ele em `Authorization`), `Authorization: Bearer` ou `x-webhook-segredo`.',
  largeEvents: true,
  pathEvents: EVENTS,
  instructions: ({ url, secret }) => [
    `Na instância, em Events → Webhook, ligue o webhook e cole a URL: ${url}`,
    'Marque só MESSAGES_UPSERT (e CALL, se uma ligação perdida deve chamar alguém: `ligacoes`)',
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
    if (!envelope.success) return [malformed(envelope.error)]
    const { event, instance, data } = envelope.data
    const name = event.toLowerCase().replaceAll('_', '.')
    if (instance !== undefined && instance !== ajustes.instancia)
      return [ignore('outra_conta', { especie: name, detalhe: OTHER_INSTANCE })]
    // What was sent through the API, by whomever, comes as `send.message`; a person's own phone makes it a `messages.upsert`
    // (docs/vendors/chat.md#evolution-own-messages).
    const all: readonly unknown[] = Array.isArray(data) ? data : [data]
    if (name === 'call') return all.map((one) => ofKind(name, readCall(one, instance)))
    if (name !== 'messages.upsert' && name !== 'send.message')
      return [ignore(reasonOf(WHY, name) ?? 'sistema', { especie: name })]
    return all.map((one) => ofKind(name, read(one, instance, name === 'messages.upsert')))
  },

  reply: acknowledged,

  canSend: ({ servidor, chave_api }) => servidor !== undefined && chave_api !== undefined,

  // The address as it came in. From a bare number Evolution makes an address itself, and may drop the ninth digit.
  sendText: (out, { conversa, telefone }, text) =>
    toEither(conversa, secondAddress(conversa, telefone), (address) => sendText(out, address, text)),

  textPhone: (out, telefone, text) => sendText(out, telefone.replace('+', ''), text),

  async configure(out, { url }) {
    const webhook = { enabled: true, url, byEvents: false, base64: false, events: ['MESSAGES_UPSERT', 'CALL'] }
    await request(out, 'POST', 'webhook/set', { json: { webhook } }, z.unknown())
    return 'Webhook ligado na instância, para MESSAGES_UPSERT e CALL'
  },

  async checkCredentials(out) {
    const State = z.object({ instance: z.object({ state: z.string() }) })
    const { instance } = await request(out, 'GET', 'instance/connectionState', {}, State)
    if (instance.state !== 'open') throw new OutboundFailure('instancia_desconectada', { definitive: true })
  },

  // An unknown instance is told before the key is looked at (docs/vendors/chat.md#evolution-api-errors).
  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['chave_api'],
    account: 'instancia',
    explain: ({ status, body }) => {
      if (says(body, /instance does not exist/i)) return { motivo: 'conta_desconhecida' }
      return status === 401 && says(body, /unauthorized/i) ? { motivo: 'chave_errada' } : undefined
    },
  },

  link: whatsappLink,
})

const NO_ADDRESS = '`data.key.remoteJid`: não é um endereço do WhatsApp'
const OTHER_INSTANCE = 'a instância do evento não é a de `ajustes.instancia`'

const WHY: Readonly<Record<string, IgnoreReason>> = {
  'messages.update': 'recibo',
  'messages.edited': 'edicao',
  'messages.delete': 'edicao',
  'send.message.update': 'recibo',
  'presence.update': 'digitando',
}

/** @param isReceived as it came to the account's phone; false: as it was sent through the API */
function read(one: unknown, conta: string | undefined, isReceived: boolean): ChatEvent {
  const parsed = Data.safeParse(one)
  if (!parsed.success) return isReceived ? malformed(parsed.error) : ignore('propria', { especie: 'send.message' })
  const { key, pushName, messageTimestamp, contextInfo } = parsed.data
  const jid = parseJid(key.remoteJid)
  const about = { mensagem_id: key.id, conta, conversa: key.remoteJid }
  if (!jid || jid.tipo === 'outro') return unreadable(NO_ADDRESS, about)
  if (jid.tipo !== 'telefone' && jid.tipo !== 'lid') return ignore(jid.tipo, about)
  const contato = toContato(parsed.data)
  const said = readContent(parsed.data)
  const enviado_em = fromUnix(messageTimestamp)
  if (key.fromMe || !isReceived) {
    // A reaction or a deletion of ours is no answer to the customer.
    const content = Array.isArray(said) ? { typed: isReceived, texto: textOf(said) } : { especie: said.especie }
    return ignore('propria', { ...about, contato, enviado_em, ...content })
  }
  if (!Array.isArray(said)) {
    if (said.ligacao) return missedCall({ ...about, contato: { ...contato, nome: pushName }, enviado_em })
    const { addresses: ids, telefone } = identityOf(said.enderecos ?? [])
    const mesmaPessoa = ids.length > 0 ? [contato, { ids, telefone }] : undefined
    return ignore(said.motivo, { ...about, especie: said.especie, mesmaPessoa })
  }
  const ad = contextInfo?.externalAdReply
  return {
    tipo: 'mensagem',
    ...about,
    conversa: key.remoteJid,
    contato: { ...contato, nome: pushName },
    pediu: false,
    texto: textOf(said),
    botao: firstOf(
      said,
      (part) =>
        part.buttonsResponseMessage?.selectedButtonId ??
        part.templateButtonReplyMessage?.selectedId ??
        part.listResponseMessage?.singleSelectReply?.selectedRowId ??
        flowButton(part.interactiveResponseMessage?.nativeFlowResponseMessage?.paramsJson),
    ),
    enviado_em,
    referencia: ad?.sourceId ?? ad?.ctwaClid ?? ad?.sourceUrl,
  }
}

/** What a call came to when nobody answered it; the other states are on the way, or of an answered one. */
const NOT_ANSWERED = ['timeout', 'reject']

function readCall(one: unknown, conta: string | undefined): ChatEvent {
  const parsed = Call.safeParse(one)
  if (!parsed.success) return malformed(parsed.error)
  const { id, from, chatId, callerPn, status = '', isGroup, date } = parsed.data
  const about = { mensagem_id: id, conta, conversa: from ?? chatId }
  const { addresses, telefone, naoPessoa } = identityOf([from, chatId, callerPn])
  if (isGroup || naoPessoa) return ignore(naoPessoa ?? 'grupo', about)
  if (!NOT_ANSWERED.includes(status)) return ignore('sistema', about)
  const conversa = addresses.includes(from ?? '') ? from : addresses[0]
  if (conversa === undefined) return unreadable('`data.from`: não é um endereço do WhatsApp', about)
  const at = new Date(typeof date === 'number' ? date * 1_000 : String(date))
  const enviado_em = Number.isNaN(at.getTime()) ? undefined : at
  return missedCall({ ...about, conversa, contato: { ids: addresses, telefone }, enviado_em })
}

const firstOf = <T>(said: readonly Said[], pick: (part: Said) => T | undefined): T | undefined =>
  said.map(pick).find((value) => value !== undefined)

const textOf = (said: readonly Said[]): string | undefined =>
  firstOf(
    said,
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
  )

/** The id of the button of a native flow: it stands in JSON of its own. */
const flowButton = (paramsJson: string | undefined): string | undefined =>
  z.object({ id: z.string() }).safeParse(parseJson(paramsJson ?? '')).data?.id

/**
 * The phone first where there is one, then the LID: an event may bring either, or both. In a message of our own the sender
 * fields are ours, so they are not read.
 */
function toContato({ key }: Received): EventContact {
  const { fromMe, senderPn, senderLid, participant, participantPn, participantLid, participantAlt } = key
  const sender = fromMe ? [] : [senderPn, senderLid, participant, participantPn, participantLid, participantAlt]
  const { addresses, telefone } = identityOf([key.remoteJid, key.remoteJidAlt, key.previousRemoteJid, ...sender])
  return { ids: addresses, telefone }
}

/** Of a customer who came by a LID: his phone's address, if it is known (docs/vendors/chat.md#evolution-api-refusals). */
const secondAddress = (conversa: string, telefone: string | undefined): string | undefined =>
  telefone !== undefined && parseJid(conversa)?.tipo === 'lid' ? `${telefone.slice(1)}@s.whatsapp.net` : undefined

/** Somewhere in the answer, whose form differs between releases, stands that the address does not exist. */
function saysNobody(answer: unknown, depth = 4): boolean {
  if (typeof answer !== 'object' || answer === null || depth === 0) return false
  if ('exists' in answer && answer.exists === false) return true
  return Object.values(answer).some((one) => saysNobody(one, depth - 1))
}

async function sendText(out: Outbound, number: string, text: string): Promise<Sent> {
  const Answer = z.object({ key: part({ id: lenient.text }) }).catch({})
  const { key } = await request(out, 'POST', 'message/sendText', { json: { number, text } }, Answer)
  return { mensagem_id: key?.id }
}

const request = requester(({ servidor, chave_api, instancia }: Config) =>
  servidor === undefined || chave_api === undefined
    ? undefined
    : {
        servidor,
        at: (path) => `/${path}/${encodeURIComponent(instancia)}`,
        headers: { apikey: chave_api },
        refusesAddress: saysNobody,
      },
)
