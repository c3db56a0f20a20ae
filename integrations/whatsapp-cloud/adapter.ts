import { z } from 'zod'
import { fromUnix, isOneOf, lenient } from '../../src/lib/lenient.js'
import { fromDigits } from '../../src/lib/phone.js'
import { isHexSignature } from '../../src/lib/signature.js'
import { adapter, type ChatEvent, type EventContact, type OutboundContext, type Sent } from '../contract.js'
import {
  acknowledged,
  authentic,
  ignore,
  jsonOf,
  missedCall,
  NOT_JSON,
  ofKind,
  reasonOf,
  refused,
  requester,
  toEither,
  unreadable,
  whatsappLink,
} from '../support.js'
import { explainGraph } from './errors.js'
import {
  Ajustes,
  ANSWERS,
  CHANGES,
  type Change,
  Envelope,
  type IdUpdate,
  type Message,
  NOT_SAID,
  SAID,
  SAID_UNSUPPORTED,
  type WhatsAppCall,
} from './schema.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>

/**
 * WhatsApp Cloud API of Meta (docs/vendors/chat.md#whatsapp-cloud-api): signed over the raw bytes, in batches, with or
 * without a phone.
 */
export const whatsappCloud = adapter({
  plataforma: 'whatsapp-cloud',
  nome: 'WhatsApp Cloud API (Meta)',
  ajustes: Ajustes,
  secretos: ['app_secret', 'token'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'header',
  proof:
    'A Meta assina o corpo com o App Secret: `x-hub-signature-256`. No GET, o segredo da conta vem em `hub.verify_token`.',
  handshake: true,
  instructions: ({ url, secret }) => [
    `No app da Meta, em WhatsApp → Configuração → Webhook, cole a URL de callback: ${url}`,
    `Em "Verificar token", cole: ${secret ?? '<segredo>'}`,
    'Assine o campo messages (e smb_message_echoes, se também usa o app no celular)',
  ],

  verify({ method, url, headers, body }, { ajustes, secrets }) {
    if (method === 'GET') {
      const query = new URL(url, 'http://qualquer').searchParams
      const isHandshake = query.get('hub.mode') === 'subscribe'
      const token = query.get('hub.verify_token') ?? undefined
      return isHandshake && isOneOf(token, secrets) ? authentic : refused('segredo_errado')
    }
    const signature = headers['x-hub-signature-256']
    if (signature === undefined) return refused('sem_assinatura')
    return isHexSignature(signature, [ajustes.app_secret], body) ? authentic : refused('assinatura_errada')
  },

  // A Meta app has one webhook address for all its numbers: each event names the number that it is for.
  accountIdOf: ({ phone_number_id }) => phone_number_id,

  parse({ method, url, body }) {
    if (method === 'GET') {
      const challenge = new URL(url, 'http://qualquer').searchParams.get('hub.challenge') ?? ''
      return [{ tipo: 'verificacao', resposta: challenge }]
    }
    const parsed = Envelope.safeParse(jsonOf(body))
    if (!parsed.success) return [unreadable(NOT_JSON, { especie: 'webhook' })]
    const events = parsed.data.entry
      .flatMap(({ changes }) => changes)
      .flatMap(({ value, field }) => (value ? read(value, field) : [ofKind(field, ignore('sistema'))]))
    return once(events.length > 0 ? events : [unreadable('entry não traz nenhuma mudança', { especie: 'webhook' })])
  },

  reply: acknowledged,

  canSend: ({ token }) => token !== undefined,

  sendText: (out, { conversa, telefone }, text) =>
    toEither(conversa, telefone?.slice(1), (address) => sendText(out, address, text)),

  textPhone: (out, telefone, text) => sendText(out, telefone.replace('+', ''), text),

  checkCredentials: (out) => request(out, 'GET', '?fields=id', {}, z.object({ id: z.string() })),

  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['token'],
    account: 'phone_number_id',
    explain: ({ body }) => explainGraph(body),
  },

  link: whatsappLink,
})

/** The same message twice in one batch counts once. */
function once(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const seen = new Set<string>()
  return events.filter(({ tipo, mensagem_id }) => {
    if (tipo !== 'mensagem' || mensagem_id === undefined) return true
    if (seen.has(mensagem_id)) return false
    seen.add(mensagem_id)
    return true
  })
}

/** Each part of a change makes one event; a field that has none of them is named. */
function read(value: Change, field: string | undefined): ChatEvent[] {
  const conta = value.metadata?.phone_number_id
  if (conta === undefined) return [ofKind(field, ignore('sistema'))]
  const { messages = [], message_echoes = [], statuses = [], user_id_update = [], calls = [] } = value
  const events = [
    ...messages.map((one) =>
      // Under another name than `messages` it is a copy of what another app answers, or history.
      field === undefined || field === 'messages'
        ? ofKind(one.unsupported?.type ?? one.system?.type ?? one.type, toEvent(one, value, conta))
        : ignore('sistema', { conta, mensagem_id: one.id, especie: field }),
    ),
    ...message_echoes.map(({ id, to, to_user_id, timestamp, type = '' }) => {
      const contato = toContato({ from: to, from_user_id: to_user_id }, value)
      const about = { mensagem_id: id, conta, conversa: to ?? to_user_id, enviado_em: fromUnix(timestamp) }
      // Only what is typed on the business's own phone is echoed; an edit or a reaction there is no answer to the customer.
      const typed = reasonOf(NOT_SAID, type) === undefined
      const known = contato.ids.length > 0 ? contato : undefined
      return ofKind(type || field, ignore('propria', { ...about, contato: known, typed }))
    }),
    ...statuses.map(({ status }) => ofKind(status ?? 'status', ignore('recibo', { conta }))),
    ...user_id_update.map((one) => ofKind(field, ignore('sistema', { conta, mesmaPessoa: namesOf(one) }))),
    ...calls.map((one) => ofKind(field, toCall(one, value, conta))),
  ]
  return events.length > 0 ? events : [ofKind(field, ignore('sistema', { conta }))]
}

/** A call that nobody answered lasted no time; one that is only beginning tells nothing yet. */
function toCall(one: WhatsAppCall, value: Change, conta: string): ChatEvent {
  const contato = toContato(one, value)
  const conversa = one.from ?? contato.ids[0]
  const about = { mensagem_id: one.id, conta, conversa }
  if (one.direction === 'BUSINESS_INITIATED') return ignore('propria', about)
  if (one.event !== 'terminate' || Number(one.duration ?? 0) > 0) return ignore('sistema', about)
  if (conversa === undefined) return unreadable('falta quem ligou (from)', about)
  return missedCall({ ...about, conversa, contato, enviado_em: fromUnix(one.timestamp) })
}

function toEvent(one: Message, value: Change, conta: string): ChatEvent {
  const { id, type = '', text, button, interactive, image, video, document, order, referral, unsupported } = one
  const contato = toContato(one, value)
  const conversa = one.from ?? contato.ids[0]
  const about = { mensagem_id: id, conta, conversa }
  if (one.system) return ignore('sistema', { ...about, mesmaPessoa: changedIds(one) })
  const answer = ANSWERS.includes(interactive?.type) ? undefined : interactive?.type
  const kind = unsupported?.type ?? answer ?? type
  const isEmpty = kind === 'text' && text?.body === undefined
  const isSaid = !isEmpty && (unsupported?.type === undefined ? SAID.has(kind) : SAID_UNSUPPORTED.has(kind))
  if (!isSaid) return ignore(reasonOf(NOT_SAID, kind) ?? 'sistema', { ...about, especie: kind || undefined })
  if (one.group_id !== undefined) return ignore('grupo', about)
  if (conversa === undefined) return unreadable('faltam from e from_user_id: não se sabe quem escreveu', about)
  const reply = interactive?.button_reply ?? interactive?.list_reply
  return {
    tipo: 'mensagem',
    ...about,
    conversa,
    contato,
    pediu: false,
    texto:
      text?.body ??
      reply?.title ??
      interactive?.nfm_reply?.body ??
      button?.text ??
      image?.caption ??
      video?.caption ??
      document?.caption ??
      order?.text,
    botao: reply?.id ?? button?.payload,
    enviado_em: fromUnix(one.timestamp),
    referencia: referral?.source_id ?? referral?.ctwa_clid ?? referral?.source_url,
  }
}

const asNames = (ids: readonly (string | undefined)[]): string[] => ids.filter((id) => id !== undefined)

/** Before and after: who wrote until now, and by which phone and ids he is known from now on. */
function changedIds({ from, from_user_id, from_parent_user_id, system = {} }: Message): EventContact[] | undefined {
  if (!CHANGES.has(system.type ?? '')) return undefined
  const wa_id = system.wa_id ?? system.new_wa_id
  const before = [from, system.customer, from_user_id, from_parent_user_id]
  const after = [wa_id, system.user_id, system.parent_user_id]
  const former = [system.previous_user_id, system.previous_parent_user_id]
  return [
    { ids: asNames([...before, ...former]), telefone: fromDigits(from) },
    { ids: asNames(after), telefone: fromDigits(wa_id) },
  ]
}

const namesOf = ({ wa_id, user_id, parent_user_id }: IdUpdate): EventContact[] => [
  {
    ids: asNames([wa_id, user_id?.previous, user_id?.current, parent_user_id?.previous, parent_user_id?.current]),
    telefone: fromDigits(wa_id),
  },
]

/**
 * Who wrote: the business-scoped id first, which stays when the phone is not told (2026), then the phone. `contacts` stands in
 * an order of its own, and may hold an empty `wa_id`.
 */
function toContato(
  { from, from_user_id, from_parent_user_id }: Partial<Message>,
  { contacts = [] }: Change,
): EventContact {
  const { byPhone, byUser } = contactsOf(contacts)
  const [same] = [from && byPhone.get(from), from_user_id && byUser.get(from_user_id)]
    .flatMap((place) => (typeof place === 'number' ? [place] : []))
    .sort((one, other) => one - other)
    .map((place) => contacts[place])
  const digits = from ?? same?.wa_id
  const ids = [from_user_id, same?.user_id, digits, from_parent_user_id, same?.parent_user_id]
  return {
    ids: [...new Set(ids.filter((id) => id !== undefined))],
    telefone: fromDigits(digits),
    nome: same?.profile?.name,
  }
}

type Contact = NonNullable<Change['contacts']>[number]

interface Places {
  readonly byPhone: ReadonlyMap<string, number>
  readonly byUser: ReadonlyMap<string, number>
}

/** Of each list of contacts that is being read: thousands of messages may come with as many contacts. */
const PLACES = new WeakMap<readonly Contact[], Places>()

/** Where each phone and each user stands first in the list. */
function contactsOf(contacts: readonly Contact[]): Places {
  const known = PLACES.get(contacts)
  if (known) return known
  const first = (pick: (one: Contact) => string | undefined): ReadonlyMap<string, number> =>
    new Map(contacts.flatMap((one, place): [string, number][] => [[pick(one) ?? '', place]]).reverse())
  const places = { byPhone: first(({ wa_id }) => wa_id), byUser: first(({ user_id }) => user_id) }
  PLACES.set(contacts, places)
  return places
}

/** A phone is `to`; a business-scoped id is `recipient`. */
async function sendText(out: Outbound, address: string, body: string): Promise<Sent> {
  const json = {
    messaging_product: 'whatsapp',
    ...(/^\d+$/.test(address) ? { to: address } : { recipient: address }),
    type: 'text',
    text: { body },
  }
  const Answer = z.object({ messages: z.tuple([z.object({ id: lenient.id }).catch({})], z.unknown()) })
  const { messages } = await request(out, 'POST', '/messages', { json }, Answer)
  return { mensagem_id: messages[0].id }
}

/** Meta's rate limits come with status 400 and one of these codes: app calls, account calls, messages of a number, of a pair. */
const LIMITS = [4, 80_007, 130_429, 131_056]
const Refusal = z.object({ error: z.object({ code: z.number() }) })
const isLimit = (body: unknown): boolean => LIMITS.includes(Refusal.safeParse(body).data?.error.code ?? 0)

/** Nobody can be reached at this phone, or by a business-scoped id at all (docs/vendors/chat.md#whatsapp-cloud-api-refusals). */
const NO_ADDRESS = [131_026, 131_062]
const refusesAddress = (body: unknown): boolean => NO_ADDRESS.includes(Refusal.safeParse(body).data?.error.code ?? 0)

const request = requester(({ servidor, versao, phone_number_id, token }: Config) =>
  token === undefined
    ? undefined
    : {
        servidor,
        at: (path) => `/${versao}/${encodeURIComponent(phone_number_id)}${path}`,
        headers: { authorization: `Bearer ${token}` },
        heals: isLimit,
        refusesAddress,
      },
)
