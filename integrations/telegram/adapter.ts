import { z } from 'zod'
import { fromUnix, isOneOf, present } from '../../src/lib/given.js'
import { parseJson } from '../../src/lib/json.js'
import { call, OutboundFailure } from '../../src/lib/outbound.js'
import { fromDigits } from '../../src/lib/phone.js'
import {
  adapter,
  autentico,
  type ContatoDoEvento,
  type Evento,
  emJson,
  ignorar,
  recebido,
  recusado,
  type Saida,
} from '../contract.js'
import { Ajustes, type Autor, type MensagemDoTelegram, Update } from './schema.js'

type Minha = Saida<z.output<typeof Ajustes>>

/** A bot of Telegram (reference 5). Its answer may carry one call of the Bot API; else the text is sent. */
export const telegram = adapter({
  plataforma: 'telegram',
  nome: 'Telegram',
  ajustes: Ajustes,
  secretos: ['token'],
  le: ({ resposta_direta, token }) => (resposta_direta || token === undefined ? 'texto' : 'nada'),
  gatilhos: ['sempre', 'palavra'],
  segredo: 'cabecalho',
  instrucoes: ({ url, segredo }) => [
    'Crie o bot com o BotFather e ponha o token em ajustes',
    'Chame POST /canais/{slug}/configurar: registra o webhook por você',
    `Ou à mão: setWebhook com url=${url}, secret_token=${segredo ?? '<segredo>'} e allowed_updates=["message","callback_query"]`,
  ],

  verificar({ cabecalhos }, { segredos }) {
    const token = cabecalhos['x-telegram-bot-api-secret-token']
    if (token === undefined) return recusado('sem_segredo')
    return isOneOf(token, segredos) ? autentico : recusado('segredo_errado')
  },

  receber({ corpo }) {
    const parsed = Update.safeParse(parseJson(corpo.toString('utf8')))
    return [parsed.success ? read(parsed.data) : ignorar('formato')]
  },

  responder([resultado], [evento]) {
    if (!resultado?.texto || evento?.conversa === undefined) return recebido()
    return emJson({ method: 'sendMessage', chat_id: Number(evento.conversa), text: resultado.texto })
  },

  podeEnviar: ({ token }) => token !== undefined,

  enviar: (saida, { conversa }, text) => request(saida, 'sendMessage', { chat_id: Number(conversa), text }),

  async configurar(saida, { url, segredo }) {
    const allowed_updates = ['message', 'callback_query']
    await request(saida, 'setWebhook', { url, secret_token: segredo, allowed_updates })
    return 'Webhook registrado no Telegram'
  },

  testar: (saida) => request(saida, 'getMe', {}),
})

function read(update: z.output<typeof Update>): Evento {
  const mensagem_id = String(update.update_id)
  const { message, callback_query: press } = update
  if (message) return toEvento(message, mensagem_id)
  if (press) {
    const { from, data } = press
    const chat = press.message?.chat
    if (from.is_bot) return ignorar('robo', { mensagem_id })
    if (chat && !isPrivate(chat)) return ignorar('grupo', { mensagem_id })
    return {
      tipo: 'mensagem',
      mensagem_id,
      conversa: String(chat?.id ?? from.id),
      contato: toContato(from),
      pediu: false,
      ...present({ texto: data, botao: data }),
    }
  }
  if (update.edited_message != null) return ignorar('edicao', { mensagem_id })
  if (update.channel_post != null || update.edited_channel_post != null) return ignorar('canal', { mensagem_id })
  return ignorar(update.message_reaction != null ? 'reacao' : 'sistema', { mensagem_id })
}

/** Without a type it is private when its id is a person's: groups have negative ones. */
const isPrivate = ({ id, type }: MensagemDoTelegram['chat']): boolean =>
  type === undefined ? id > 0 : type === 'private'

function toEvento(message: MensagemDoTelegram, mensagem_id: string): Evento {
  const { chat, from, date, text, caption, contact } = message
  const about = { mensagem_id, conversa: String(chat.id) }
  if (chat.type === 'channel') return ignorar('canal', about)
  if (!isPrivate(chat)) return ignorar('grupo', about)
  if (!from) return ignorar('formato', about)
  if (from.is_bot) return ignorar('robo', about)
  if (message.pinned_message != null) return ignorar('sistema', about)
  // The customer's own number only when he shared himself, not somebody else's card.
  const shared = contact?.user_id === from.id ? contact.phone_number?.replace(/\D/g, '') : undefined
  return {
    tipo: 'mensagem',
    ...about,
    contato: { ...toContato(from), ...present({ telefone: shared === undefined ? undefined : fromDigits(shared) }) },
    pediu: false,
    ...present({ texto: text ?? caption, enviado_em: fromUnix(date) }),
  }
}

function toContato({ id, first_name, last_name, language_code }: Autor): ContatoDoEvento {
  const nome = [first_name, last_name].filter((one) => one !== undefined).join(' ')
  return { ids: [String(id)], ...(nome !== '' && { nome }), ...present({ idioma: language_code }) }
}

/** The token is in the URL (Bot API): this URL is never logged. */
function request({ conta: { ajustes }, http, agora }: Minha, method: string, json: unknown): Promise<unknown> {
  const { servidor, token } = ajustes
  if (token === undefined) throw new OutboundFailure('sem_credenciais', { definitive: true })
  const url = `${servidor.replace(/\/$/, '')}/bot${token}/${method}`
  return call(http, { method: 'POST', url, json }, z.looseObject({ ok: z.literal(true) }), agora)
}
