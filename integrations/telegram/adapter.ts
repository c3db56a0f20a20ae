import { z } from 'zod'
import { fromUnix } from '../../src/lib/lenient.js'
import { fromDigits } from '../../src/lib/phone.js'
import { adapter, type ChatEvent, type EventContact, type OutboundContext } from '../contract.js'
import {
  Acknowledged,
  acknowledged,
  bySecret,
  ignore,
  jsonOf,
  jsonReply,
  malformed,
  ofKind,
  reasonOf,
  requester,
  says,
  unreadable,
  withoutId,
} from '../support.js'
import {
  Ajustes,
  type Author,
  Mensagem,
  type Message,
  NOT_SAID,
  SendMessage,
  saysSomething,
  serviceOf,
  Update,
} from './schema.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>

/**
 * A bot of Telegram (docs/vendors/chat.md#telegram). The answer to a webhook may carry one call of the Bot API;
 * otherwise the text is sent by a call.
 */
export const telegram = adapter({
  plataforma: 'telegram',
  nome: 'Telegram',
  ajustes: Ajustes,
  secretos: ['token'],
  replyReader: ({ resposta_direta, token }) => (resposta_direta || token === undefined ? 'customer' : 'nobody'),
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'header',
  proof: 'O segredo da conta em `x-telegram-bot-api-secret-token`.',
  answers: [SendMessage, Acknowledged],
  instructions: ({ url, secret }) => [
    'Crie o bot com o BotFather e ponha o token em ajustes',
    'Chame POST /canais/{slug}/configurar: registra o webhook por você',
    `Ou à mão: setWebhook com url=${url}, secret_token=${secret ?? '<segredo>'} e allowed_updates=["message","callback_query"]`,
  ],

  verify: ({ headers }, account) => bySecret(headers['x-telegram-bot-api-secret-token'], account),

  parse({ body }) {
    const parsed = Update.safeParse(jsonOf(body))
    if (!parsed.success) return [malformed(parsed.error)]
    const kind = Object.keys(parsed.data).find((field) => field !== 'update_id')
    return [ofKind(kind, read(parsed.data, kind ?? ''))]
  },

  reply([reply], [event]) {
    if (!reply?.texto || event?.conversa === undefined) return acknowledged()
    return jsonReply({ method: 'sendMessage', chat_id: Number(event.conversa), text: reply.texto })
  },

  canSend: ({ token }) => token !== undefined,

  sendText: (out, { conversa }, text) => withoutId(request(out, 'sendMessage', { chat_id: Number(conversa), text })),

  async configure(out, { url, secret }) {
    const allowed_updates = ['message', 'callback_query']
    await request(out, 'setWebhook', { url, secret_token: secret, allowed_updates })
    return 'Webhook registrado no Telegram'
  },

  checkCredentials: (out) => request(out, 'getMe', {}),

  // 404 is a token that never was one, 401 one that holds no longer (docs/vendors/chat.md#telegram-errors).
  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['token'],
    explain: ({ status, body }) =>
      [401, 404].includes(status) && says(body, /"ok":false/)
        ? { motivo: 'chave_errada', hint: 'Copie de novo o token que o BotFather mostra' }
        : undefined,
  },
})

function read(update: z.output<typeof Update>, kind: string): ChatEvent {
  const mensagem_id = String(update.update_id)
  const { message, callback_query: press } = update
  if (message != null) {
    const parsed = Mensagem.safeParse(message)
    return parsed.success ? toEvent(parsed.data, mensagem_id) : malformed(parsed.error, { mensagem_id })
  }
  if (press) {
    const { from, data } = press
    const chat = press.message?.chat
    if (from.is_bot) return ignore('robo', { mensagem_id })
    if (chat && !isPrivate(chat)) return ignore('grupo', { mensagem_id })
    // The button of a game bears no data.
    if (data === undefined) return ignore('sistema', { mensagem_id })
    return {
      tipo: 'mensagem',
      mensagem_id,
      conversa: String(chat?.id ?? from.id),
      contato: toContato(from),
      pediu: false,
      texto: data,
      botao: data,
    }
  }
  return ignore(reasonOf(NOT_SAID, kind) ?? 'sistema', { mensagem_id })
}

/** A chat without a type is private when its id is positive: groups have negative ids. */
const isPrivate = ({ id, type }: Message['chat']): boolean => (type === undefined ? id > 0 : type === 'private')

function toEvent(message: Message, mensagem_id: string): ChatEvent {
  const { chat, from, date, text, caption, contact } = message
  const about = { mensagem_id, conversa: String(chat.id) }
  if (chat.type === 'channel') return ignore('canal', about)
  if (!isPrivate(chat)) return ignore('grupo', about)
  if (!from) return unreadable('falta message.from: não se sabe quem escreveu', about)
  if (from.is_bot) return ignore('robo', about)
  if (!saysSomething(message)) return ofKind(serviceOf(message), ignore('sistema', about))
  // A shared contact is the customer's own number only when its user id is his.
  const shared = contact?.user_id === from.id ? contact.phone_number?.replace(/\D/g, '') : undefined
  return {
    tipo: 'mensagem',
    ...about,
    contato: { ...toContato(from), telefone: fromDigits(shared) },
    pediu: false,
    texto: text ?? caption ?? message.web_app_data?.button_text,
    enviado_em: fromUnix(date),
  }
}

function toContato({ id, first_name, last_name, language_code }: Author): EventContact {
  const nome = [first_name, last_name].filter((one) => one !== undefined).join(' ')
  return { ids: [String(id)], nome: nome || undefined, idioma: language_code }
}

/** The token is in the URL (Bot API): this URL is never logged. */
const ask = requester(({ servidor, token }: Config) =>
  token === undefined ? undefined : { servidor, at: (method) => `/bot${token}/${method}` },
)

const request = (out: Outbound, method: string, json: unknown): Promise<unknown> =>
  ask(out, 'POST', method, { json }, z.looseObject({ ok: z.literal(true) }))
