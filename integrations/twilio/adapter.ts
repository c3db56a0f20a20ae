import { z } from 'zod'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { fromDigits } from '../../src/lib/phone.js'
import { adapter, type ChatEvent, type EventContact, type OutboundContext } from '../contract.js'
import {
  authentic,
  ignore,
  ofKind,
  reasonOf,
  refused,
  requester,
  toEither,
  unreadable,
  whatsappLink,
  withoutId,
} from '../support.js'
import { Ajustes, CONTENT, NOT_SAID, SAID, TwiML } from './schema.js'
import { isTwilioSignature } from './signature.js'

type Config = z.output<typeof Ajustes>

/**
 * WhatsApp and SMS of Twilio (docs/vendors/chat.md#twilio). The answer is TwiML, whose text the customer reads; later
 * texts are sent by the API.
 */
export const twilio = adapter({
  plataforma: 'twilio',
  nome: 'Twilio',
  ajustes: Ajustes,
  secretos: ['auth_token'],
  replyReader: () => 'customer',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'vendor',
  proof: 'A Twilio assina o endereço e os campos com o Auth Token: `x-twilio-signature`.',
  bodyType: 'application/x-www-form-urlencoded',
  answers: [TwiML],
  instructions: ({ url }) => [
    `No número (ou no remetente de WhatsApp), em "A message comes in", cole: ${url} (HTTP POST)`,
    'Não use esse endereço para "Status callback"',
    'A assinatura cobre o endereço público: defina API_URL exatamente com ele',
  ],

  verify({ headers, url, body }, { ajustes }) {
    const signature = headers['x-twilio-signature']
    if (signature === undefined) return refused('sem_assinatura')
    const type = headers['content-type'] ?? ''
    return isTwilioSignature(signature, ajustes.auth_token, url, type, body) ? authentic : refused('assinatura_errada')
  },

  parse: ({ body }, { ajustes }) => [read(new URLSearchParams(body.toString('utf8')), ajustes.account_sid)],

  reply: ([reply]) => {
    const message = reply?.texto ? `<Message>${escapeXml(reply.texto)}</Message>` : ''
    return {
      status: 200,
      contentType: 'text/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><Response>${message}</Response>`,
    }
  },

  sendText: (out, { conversa, telefone }, Body) => {
    const [, channel = ''] = /^(\w+:)/.exec(conversa) ?? []
    return toEither(conversa, telefone === undefined ? undefined : channel + telefone, (To) =>
      withoutId(
        request(
          out,
          'POST',
          '/Messages.json',
          { form: { From: out.account.ajustes.numero, To, Body } },
          z.looseObject({ sid: z.string() }),
        ),
      ),
    )
  },

  checkCredentials,

  // docs/vendors/chat.md#twilio-errors
  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['account_sid', 'auth_token'],
    account: 'account_sid',
    explain: ({ body, path }) => {
      if (path.includes('/IncomingPhoneNumbers')) return { motivo: 'conta_desconhecida', field: 'numero' }
      const code = Refusal.safeParse(body).data?.code
      if (code === 20_003)
        return { motivo: 'chave_errada', hint: 'A Twilio responde o mesmo a um SID e a um token errado' }
      return code === 20_404 ? { motivo: 'conta_desconhecida' } : undefined
    },
  },

  link: whatsappLink,
})

/** A number for SMS has to be one of the account's; the senders of WhatsApp are in another list. */
async function checkCredentials(out: OutboundContext<Config>): Promise<void> {
  await request(out, 'GET', '.json', {}, z.looseObject({}))
  const { numero } = out.account.ajustes
  if (numero.startsWith('whatsapp:')) return
  const query = new URLSearchParams({ PhoneNumber: numero })
  const Numbers = z.object({ incoming_phone_numbers: z.array(z.unknown()) })
  const found = await request(out, 'GET', `/IncomingPhoneNumbers.json?${query}`, {}, Numbers)
  if (found.incoming_phone_numbers.length === 0) throw new OutboundFailure('conta_desconhecida', { definitive: true })
}

function read(form: URLSearchParams, accountSid: string): ChatEvent {
  const field = (name: string): string | undefined => form.get(name)?.trim() || undefined
  const from = field('From')
  const mensagem_id = field('MessageSid') ?? field('SmsMessageSid') ?? field('SmsSid')
  const conta = field('AccountSid')
  const about = { mensagem_id, conta, conversa: from }
  if (conta !== undefined && conta !== accountSid) return ignore('outra_conta', { ...about, especie: 'message' })
  const status = field('MessageStatus') ?? field('SmsStatus')
  if (status !== undefined && status !== 'received' && status !== 'receiving')
    return ignore('recibo', { ...about, especie: status })
  const type = field('MessageType')?.toLowerCase()
  const kind = field('EventType') ?? type ?? (field('CallSid') && 'call')
  if (field('EventType') !== undefined || field('CallSid') !== undefined) return ofKind(kind, ignore('sistema', about))
  if (from === undefined || mensagem_id === undefined)
    return ofKind(
      kind ?? 'message',
      unreadable('faltam From e MessageSid: não é um webhook de mensagem da Twilio', about),
    )
  if (!isSaid(type, field)) return ofKind(kind ?? 'message', ignore(reasonOf(NOT_SAID, type) ?? 'sistema', about))
  return {
    tipo: 'mensagem',
    ...about,
    conversa: from,
    contato: { ...toContato(from, field('ExternalUserId'), field('WaId')), nome: field('ProfileName') },
    pediu: false,
    texto: field('Body') ?? field('ButtonText') ?? field('ListTitle'),
    botao: field('ButtonPayload') ?? field('ListId'),
    referencia: field('ReferralSourceId') ?? field('ReferralCtwaClid') ?? field('ReferralSourceUrl'),
  }
}

/** A type that the customer can send; a text, or what bears no type, has to hold something besides. */
function isSaid(type: string | undefined, field: (name: string) => string | undefined): boolean {
  if (type !== undefined && !SAID.has(type)) return false
  return (type !== undefined && type !== 'text') || CONTENT.some((name) => field(name) !== undefined)
}

/** `From` is a phone, or a business-scoped id where WhatsApp tells none; the other fields name the same person. */
function toContato(from: string, externalUserId: string | undefined, waId: string | undefined): EventContact {
  const [, channel = ''] = /^(\w+:)?/.exec(from) ?? []
  const scoped = externalUserId?.includes(':') ? externalUserId : externalUserId && channel + externalUserId
  const address = from.slice(channel.length)
  const telefone = /^\+\d+$/.test(address) ? fromDigits(address.slice(1)) : fromDigits(waId)
  return { ids: [...new Set([from, scoped, waId].filter((id) => id !== undefined))], telefone }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one)

/** The address is none of a phone, or of a user of the channel (docs/vendors/chat.md#twilio-refusals). */
const NO_ADDRESS = [21_211, 21_614, 63_003, 63_024]
const Refusal = z.object({ code: z.number() })
const refusesAddress = (body: unknown): boolean => NO_ADDRESS.includes(Refusal.safeParse(body).data?.code ?? 0)

const request = requester(({ servidor, account_sid, auth_token }: Config) => ({
  servidor,
  at: (path) => `/2010-04-01/Accounts/${account_sid}${path}`,
  headers: { authorization: `Basic ${Buffer.from(`${account_sid}:${auth_token}`).toString('base64')}` },
  refusesAddress,
}))
