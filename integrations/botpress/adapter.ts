import { z } from 'zod'
import { bearer, isOneOf, present } from '../../src/lib/given.js'
import { fieldOf, parseJson, toFields } from '../../src/lib/json.js'
import { call, OutboundFailure } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { adapter, autentico, type Evento, emJson, ignorar, recebido, recusado, type Saida } from '../contract.js'
import { Ajustes, Mensagem, NOMES } from './schema.js'

type Minha = Saida<z.output<typeof Ajustes>>

/** Botpress Cloud (reference 11): an Execute Code card reads our answer; the Chat integration's webhook only tells. */
export const botpress = adapter({
  plataforma: 'botpress',
  nome: 'Botpress',
  ajustes: Ajustes,
  secretos: ['webhook_segredo'],
  le: ({ modo }) => (modo === 'codigo' ? 'dados' : 'nada'),
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  segredo: 'cabecalho',
  instrucoes: ({ url, segredo }) => [
    `No fluxo, ponha um cartão Execute Code e cole o de integrations/botpress/cartao.js, com a URL: ${url}`,
    `O segredo vai no cabeçalho x-secret-key: ${segredo ?? '<segredo>'}`,
    'Para avisar quem esperou: instale a integração Webhook e ponha o endereço dela em ajustes.webhook_url',
  ],

  verificar({ cabecalhos }, { segredos }) {
    const given = cabecalhos['x-secret-key'] ?? cabecalhos['x-webhook-segredo'] ?? bearer(cabecalhos.authorization)
    if (given === undefined) return recusado('sem_segredo')
    return isOneOf(given, segredos) ? autentico : recusado('segredo_errado')
  },

  receber({ corpo }, { ajustes }) {
    const json = parseJson(corpo.toString('utf8'))
    const event = Mensagem.safeParse(json)
    return [event.success ? readEvent(event.data) : readCard(json, ajustes.modo === 'codigo')]
  },

  responder: ([resultado], _eventos, { ajustes }) => (ajustes.modo === 'codigo' ? emJson(resultado) : recebido()),

  podeEnviar: ({ webhook_url }) => webhook_url !== undefined,

  enviar: (saida, { conversa }, texto) => raise(saida, { tipo: 'mensagem', conversationId: conversa, texto }),

  atribuir: (saida, { conversa }, { nome, email }, { protocolo }) =>
    raise(saida, {
      tipo: 'atribuicao',
      conversationId: conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),
})

function readEvent({ type, data }: z.output<typeof Mensagem>): Evento {
  const { id, conversationId, userId, isBot, payload } = data ?? {}
  const about = present({ mensagem_id: id, conversa: conversationId })
  if (type !== 'message_created') return ignorar('sistema', about)
  if (isBot) return ignorar('robo', about)
  if (conversationId === undefined) return ignorar('formato', about)
  return {
    tipo: 'mensagem',
    ...about,
    conversa: conversationId,
    contato: { ids: [userId ?? conversationId] },
    pediu: false,
    ...present({ texto: payload?.text }),
  }
}

function readCard(json: unknown, pediu: boolean): Evento {
  const fields = toFields(json)
  if (!fields) return ignorar('formato')
  const field = (name: keyof typeof NOMES): string | undefined => fieldOf(fields, NOMES[name])
  const conversa = field('conversa') ?? field('usuario')
  const user = field('usuario') ?? conversa
  if (conversa === undefined || user === undefined) return ignorar('formato')
  const written = field('telefone')
  return {
    tipo: 'mensagem',
    conversa,
    contato: {
      ids: [user],
      ...present({
        telefone: written === undefined ? undefined : toE164(written),
        nome: field('nome'),
        idioma: field('idioma'),
      }),
    },
    pediu,
    ...present({ mensagem_id: field('id'), texto: field('texto') }),
  }
}

/** An event in the bot, which its flow has to speak (reference 11.4). */
function raise({ conta: { ajustes }, http, agora }: Minha, json: object): Promise<unknown> {
  const { webhook_url: url, webhook_segredo } = ajustes
  if (url === undefined) throw new OutboundFailure('sem_credenciais', { definitive: true })
  const headers = webhook_segredo === undefined ? {} : { 'x-bp-secret': webhook_segredo }
  return call(http, { method: 'POST', url, headers, json }, z.unknown(), agora)
}
