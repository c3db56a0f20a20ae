import { z } from 'zod'
import { parseJid } from '../../src/lib/jid.js'
import { bearer, lenient, part } from '../../src/lib/lenient.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { hexHmac } from '../../src/lib/signature.js'
import {
  type Account,
  adapter,
  type BodySignature,
  type OutboundContext,
  type Sent,
  type WebhookHead,
  type WebhookRequest,
} from '../contract.js'
import {
  acknowledged,
  authentic,
  bySecret,
  ignore,
  jsonOf,
  malformed,
  refused,
  requester,
  says,
  toEither,
  whatsappLink,
} from '../support.js'
import { partsOfId, readMessage, readMissedCall, whyNoMessage } from './events.js'
import { Ajustes, address, Envelope, MESSAGE_EVENTS, MISSED_CALL } from './schema.js'
import { withWebhook } from './session.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>

/** WAHA, "WhatsApp HTTP API" (docs/vendors/chat.md#waha): WhatsApp by one of several engines, a session a number. */
export const waha = adapter({
  plataforma: 'waha',
  nome: 'WAHA',
  ajustes: Ajustes,
  secretos: ['chave_api'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'path',
  proof:
    'O segredo da conta no endereço, ou em `x-webhook-segredo`, `x-api-key` ou `Authorization: Bearer`; ou a assinatura HMAC com ele: `x-webhook-hmac`.',
  largeEvents: true,
  instructions: ({ url, secret = '<segredo>' }) => [
    `Na sessão, em Webhooks, crie um webhook com a URL: ${withoutSecret(url, secret)}`,
    `Em HMAC Key, cole: ${secret}`,
    'Marque só o evento message.any (e call.rejected, se uma ligação perdida deve chamar alguém: `ligacoes`)',
    `Sem HMAC Key: crie o cabeçalho X-Webhook-Segredo com o mesmo segredo, ou use a URL ${url}`,
    'Ou chame POST /canais/{slug}/configurar, que faz isso por você (a sessão reinicia)',
  ],

  beginSignature,

  verify(request, account) {
    const signature = beginSignature(request, account)
    if (!signature) return bySecret(secretOf(request), account)
    signature.update(request.body)
    return signature.verdict()
  },

  parse({ body }, { ajustes }) {
    const parsed = Envelope.safeParse(jsonOf(body))
    if (!parsed.success) return [malformed(parsed.error)]
    const { event, session } = parsed.data
    if (session !== undefined && session !== ajustes.sessao)
      return [ignore('outra_conta', { especie: event, detalhe: OTHER_SESSION })]
    if (event === MISSED_CALL) return [readMissedCall(parsed.data)]
    return [MESSAGE_EVENTS.includes(event) ? readMessage(parsed.data) : whyNoMessage(event)]
  },

  reply: acknowledged,

  canSend: ({ servidor }) => servidor !== undefined,

  sendText: (out, { conversa, telefone }, text) =>
    toEither(conversa, secondAddress(conversa, telefone), (address) => sendText(out, address, text)),

  // WAHA takes the digits as they are, and WhatsApp may know a Brazilian phone without its ninth digit: WhatsApp is asked.
  async textPhone(out, telefone, text) {
    const query = new URLSearchParams({ phone: telefone.replace('+', ''), session: out.account.ajustes.sessao })
    const Found = z.object({ numberExists: z.boolean(), chatId: lenient.text })
    const { numberExists, chatId } = await request(out, 'GET', `contacts/check-exists?${query}`, {}, Found)
    if (!numberExists) throw new OutboundFailure('telefone_sem_whatsapp', { definitive: true })
    return sendText(out, chatId ?? `${telefone.replace('+', '')}@c.us`, text)
  },

  // Each event is signed, so the secret stays out of the address.
  async configure(out, { url, secret }) {
    const { config } = await request(out, 'GET', sessionPath(out), {}, Session)
    const changed = withWebhook(config ?? {}, { url: withoutSecret(url, secret), secret })
    if (!changed) return 'O webhook já estava na sessão, e nada mudou'
    await request(out, 'PUT', sessionPath(out), { json: { config: changed } }, z.unknown())
    return 'Webhook ligado na sessão, com HMAC, para message.any e call.rejected; a sessão reinicia agora'
  },

  async checkCredentials(out) {
    const { status } = await request(out, 'GET', sessionPath(out), {}, Session)
    if (status !== 'WORKING') throw new OutboundFailure('instancia_desconectada', { definitive: true })
  },

  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['chave_api'],
    account: 'sessao',
    explain: ({ status, body }) => {
      if (status === 404 && says(body, SESSION_UNKNOWN)) return { motivo: 'conta_desconhecida' }
      return status === 401 && says(body, /unauthorized/i) ? { motivo: 'chave_errada' } : undefined
    },
  },

  link: whatsappLink,
})

/** docs/vendors/chat.md#waha-errors */
const SESSION_UNKNOWN = /session not found|didn't find a session/i
const OTHER_SESSION = 'a sessão do evento não é a de `ajustes.sessao`'

/** The signature that a request carries, if it does: WAHA signs the raw body where a key is set (docs/vendors/chat.md#waha-signature). */
function beginSignature({ headers }: WebhookHead, { secrets }: Account): BodySignature | undefined {
  const given = headers['x-webhook-hmac']
  if (given === undefined) return undefined
  const isKnown = (headers['x-webhook-hmac-algorithm'] ?? 'sha512').toLowerCase() === 'sha512'
  const sum = hexHmac('sha512', isKnown ? given : '', secrets)
  return {
    update: (chunk) => sum.update(chunk),
    verdict: () => (sum.isRight() ? authentic : refused('assinatura_errada')),
  }
}

/** The secret itself, of a webhook without a key: in the path, or in a header of the administrator's own. */
const secretOf = ({ pathSecret, headers }: WebhookRequest): string | undefined =>
  pathSecret ?? headers['x-webhook-segredo'] ?? headers['x-api-key'] ?? bearer(headers.authorization)

const withoutSecret = (url: string, secret: string): string => url.replace(`/${secret}`, '')

const Session = z.object({
  status: z.string(),
  config: z.record(z.string(), z.unknown()).nullish(),
})

const sessionPath = ({ account }: Outbound): string => `sessions/${encodeURIComponent(account.ajustes.sessao)}`

async function sendText(out: Outbound, chatId: string, text: string): Promise<Sent> {
  const json = { session: out.account.ajustes.sessao, chatId, text }
  const { id, key } = await request(out, 'POST', 'sendText', { json }, Answer)
  return { mensagem_id: key?.id ?? partsOfId(id).id }
}

/** Of each engine another (docs/vendors/chat.md#waha-refusals); some releases of WEBJS answer with nothing. */
const Answer = z.object({ id: address, key: part({ id: lenient.text }) }).catch({})

/** Of a customer who came by a LID: his phone's address, if it is known. */
const secondAddress = (conversa: string, telefone: string | undefined): string | undefined =>
  telefone !== undefined && parseJid(conversa)?.tipo === 'lid' ? `${telefone.slice(1)}@c.us` : undefined

/** Each engine says in its own words that there is nobody at an address, and nothing was sent then. */
const saysNobody = (body: unknown): boolean =>
  /no lid found for|lid is missing in chat table|no lid for user/i.test(
    Exception.safeParse(body).data?.exception.message ?? '',
  )
const Exception = z.object({ exception: z.object({ message: z.string() }) })

/** The session is starting, or waits for its QR code to be scanned (docs/vendors/chat.md#waha-refusals). */
const isAsleep = (body: unknown): boolean => NotWorking.safeParse(body).success
const NotWorking = z.object({ status: z.string(), expected: z.array(z.string()) })

const request = requester(({ servidor, chave_api }: Config) =>
  servidor === undefined
    ? undefined
    : {
        servidor,
        at: (path) => `/api/${path}`,
        headers: omitUndefined({ 'x-api-key': chave_api }),
        heals: isAsleep,
        refusesAddress: saysNobody,
      },
)
