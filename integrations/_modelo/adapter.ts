import { z } from 'zod'
import { fromUnix, isOneOf, present } from '../../src/lib/given.js'
import { parseJson } from '../../src/lib/json.js'
import { call, OutboundFailure } from '../../src/lib/outbound.js'
import { parseJid } from '../../src/lib/phone.js'
import { acknowledged, adapter, authentic, type ChatEvent, ignore, refused } from '../contract.js'
import { Ajustes, Webhook } from './schema.js'

/** The template that a new platform starts from: a gateway that posts messages, and takes texts over HTTP. */
export const modelo = adapter({
  plataforma: '_modelo',
  nome: 'Modelo',
  ajustes: Ajustes,
  secretos: ['token'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'path',
  instructions: ({ url }) => [`Na plataforma, cole em Webhook: ${url}`],

  verify({ pathSecret }, { secrets }) {
    if (pathSecret === undefined) return refused('sem_segredo')
    return isOneOf(pathSecret, secrets) ? authentic : refused('segredo_errado')
  },

  parse({ body }, { ajustes }) {
    const parsed = Webhook.safeParse(parseJson(body.toString('utf8')))
    if (!parsed.success) return [ignore('formato')]
    if (parsed.data.instance !== ajustes.instancia) return [ignore('outra_conta')]
    return [read(parsed.data)]
  },

  reply: acknowledged,

  canSend: ({ token }) => token !== undefined,

  sendText({ account: { ajustes }, http, now }, { conversa }, text) {
    const { servidor, instancia, token } = ajustes
    if (token === undefined) throw new OutboundFailure('sem_credenciais', { definitive: true })
    const url = `${servidor.replace(/\/$/, '')}/instances/${encodeURIComponent(instancia)}/messages`
    const headers = { authorization: `Bearer ${token}` }
    return call(http, { method: 'POST', url, headers, json: { chat: conversa, text } }, z.unknown(), now)
  },
})

function read({ event, id, chat, name, from_me, sent_at, text, media, instance }: z.output<typeof Webhook>): ChatEvent {
  const about = present({ mensagem_id: id, conta: instance, conversa: chat })
  if (event !== 'message') return ignore('sistema', about)
  const jid = parseJid(chat ?? '')
  if (!jid || chat === undefined || jid.tipo === 'outro') return ignore('formato', about)
  if (jid.tipo !== 'telefone' && jid.tipo !== 'lid') return ignore(jid.tipo, about)
  const contato = { ids: [jid.endereco], ...present({ telefone: jid.telefone }) }
  if (from_me) return ignore('propria', { ...about, contato })
  return {
    tipo: 'mensagem',
    ...about,
    conversa: chat,
    contato: { ...contato, ...present({ nome: name }) },
    pediu: false,
    ...present({ texto: text ?? media?.caption, enviado_em: fromUnix(sent_at) }),
  }
}
