import { z } from 'zod'
import { parseJid } from '../../src/lib/jid.js'
import { fromUnix, lenient } from '../../src/lib/lenient.js'
import { adapter, type ChatEvent } from '../contract.js'
import { acknowledged, bySecret, ignore, jsonOf, malformed, ofKind, requester, unreadable } from '../support.js'
import { Ajustes, SAID, Webhook } from './schema.js'

/** The template that a new platform starts from: a gateway that posts messages, and takes texts over HTTP. */
export const modelo = adapter({
  plataforma: '_modelo',
  nome: 'Modelo',
  ajustes: Ajustes,
  secretos: ['token'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra'],
  secretIn: 'path',
  proof: 'O segredo da conta no endereço.',
  instructions: ({ url }) => [`Na plataforma, cole em Webhook: ${url}`],

  verify: ({ pathSecret }, account) => bySecret(pathSecret, account),

  parse({ body }, { ajustes }) {
    const parsed = Webhook.safeParse(jsonOf(body))
    if (!parsed.success) return [malformed(parsed.error)]
    const { event: kind, instance } = parsed.data
    if (instance !== ajustes.instancia) return [ignore('outra_conta', { especie: kind })]
    return [ofKind(kind, read(parsed.data))]
  },

  reply: acknowledged,

  canSend: ({ token }) => token !== undefined,

  async sendText(out, { conversa }, text) {
    const { id } = await request(
      out,
      'POST',
      'messages',
      { json: { chat: conversa, text } },
      z.object({ id: lenient.id }),
    )
    return { mensagem_id: id }
  },
})

function read({ event, id, chat, name, from_me, sent_at, text, media, instance }: z.output<typeof Webhook>): ChatEvent {
  const about = { mensagem_id: id, conta: instance, conversa: chat }
  if (event !== 'message') return ignore('sistema', { ...about, especie: event })
  const jid = parseJid(chat ?? '')
  if (!jid || chat === undefined || jid.tipo === 'outro')
    return unreadable('o campo chat não é um endereço do WhatsApp', about)
  if (jid.tipo !== 'telefone' && jid.tipo !== 'lid') return ignore(jid.tipo, about)
  const contato = { ids: [jid.endereco], telefone: jid.telefone }
  if (from_me) return ignore('propria', { ...about, contato })
  if (text === undefined && !SAID.has(media?.type ?? ''))
    return ignore('sistema', { ...about, especie: media?.type ?? 'vazia' })
  return {
    tipo: 'mensagem',
    ...about,
    conversa: chat,
    contato: { ...contato, nome: name },
    pediu: false,
    texto: text ?? media?.caption,
    enviado_em: fromUnix(sent_at),
  }
}

const request = requester(({ servidor, instancia, token }: z.output<typeof Ajustes>) =>
  token === undefined
    ? undefined
    : {
        servidor,
        at: (path) => `/instances/${encodeURIComponent(instancia)}/${path}`,
        headers: { authorization: `Bearer ${token}` },
      },
)
