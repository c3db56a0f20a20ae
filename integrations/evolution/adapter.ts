import { z } from 'zod'
import { bearer, fromUnix, isOneOf, present } from '../../src/lib/given.js'
import { parseJson } from '../../src/lib/json.js'
import { call, OutboundFailure } from '../../src/lib/outbound.js'
import { parseJid } from '../../src/lib/phone.js'
import { readJwt } from '../../src/lib/signature.js'
import {
  adapter,
  autentico,
  type ContatoDoEvento,
  type Evento,
  ignorar,
  type Motivo,
  recebido,
  recusado,
  type Saida,
} from '../contract.js'
import { EVENTS } from './events.js'
import { Ajustes, Dados, type DadosDaEvolution, Envelope } from './schema.js'

type Minha = Saida<z.output<typeof Ajustes>>

/** Evolution API v2 (reference 1): WhatsApp over Baileys or the Cloud API, with one webhook an instance. */
export const evolution = adapter({
  plataforma: 'evolution',
  nome: 'Evolution API',
  ajustes: Ajustes,
  secretos: ['chave_api'],
  le: () => 'nada',
  gatilhos: ['sempre', 'palavra'],
  segredo: 'caminho',
  eventosNoCaminho: EVENTS,
  instrucoes: ({ url, segredo }) => [
    `Na instância, em Events → Webhook, ligue o webhook e cole a URL: ${url}`,
    'Marque só MESSAGES_UPSERT',
    `Se preferir um cabeçalho à URL: tire o segredo do endereço e crie o cabeçalho jwt_key com ${segredo ?? '<segredo>'}`,
    'Ou chame POST /canais/{slug}/configurar, que faz isso por você',
  ],

  verificar({ segredoNoCaminho, cabecalhos }, { segredos }, agora) {
    if (segredoNoCaminho !== undefined) {
      return isOneOf(segredoNoCaminho, segredos) ? autentico : recusado('segredo_errado')
    }
    // With a header `jwt_key` Evolution sends a token that this key signed; releases without that send the header itself.
    const token = bearer(cabecalhos.authorization)
    if (token !== undefined) {
      return readJwt(token, segredos, agora)?.app === 'evolution' ? autentico : recusado('assinatura_errada')
    }
    const header = cabecalhos.jwt_key ?? cabecalhos['x-webhook-segredo']
    if (header === undefined) return recusado('sem_segredo')
    return isOneOf(header, segredos) ? autentico : recusado('segredo_errado')
  },

  receber({ corpo }, { ajustes }) {
    const envelope = Envelope.safeParse(parseJson(corpo.toString('utf8')))
    if (!envelope.success) return [ignorar('formato')]
    const { event, instance, data } = envelope.data
    if (instance !== undefined && instance !== ajustes.instancia) return [ignorar('outra_conta')]
    const name = event.toLowerCase().replaceAll('_', '.')
    if (name !== 'messages.upsert') return [ignorar(WHY[name] ?? 'sistema')]
    return (Array.isArray(data) ? data : [data]).map((one) => read(one, instance))
  },

  responder: recebido,

  podeEnviar: ({ servidor, chave_api }) => servidor !== undefined && chave_api !== undefined,

  // The whole address that came in: of a bare number Evolution would make one of its own, without the ninth digit.
  enviar: (saida, { conversa }, texto) => sendText(saida, conversa, texto),

  avisar: (saida, telefone, texto) => sendText(saida, telefone.replace('+', ''), texto),

  async configurar(saida, { url }) {
    const webhook = { enabled: true, url, byEvents: false, base64: false, events: ['MESSAGES_UPSERT'] }
    await request(saida, 'POST', 'webhook/set', { webhook }, z.unknown())
    return 'Webhook ligado na instância, para MESSAGES_UPSERT'
  },

  async testar(saida) {
    const State = z.object({ instance: z.object({ state: z.string() }) })
    const { instance } = await request(saida, 'GET', 'instance/connectionState', undefined, State)
    if (instance.state !== 'open') throw new OutboundFailure('instancia_desconectada', { definitive: true })
  },

  link: (_conta, { telefone }) => (telefone === undefined ? undefined : `https://wa.me/${telefone.replace('+', '')}`),
})

const WHY: Readonly<Record<string, Motivo>> = {
  'messages.update': 'recibo',
  'messages.edited': 'edicao',
  'messages.delete': 'edicao',
  'send.message': 'propria',
  'send.message.update': 'recibo',
  'presence.update': 'digitando',
}

/** By the kinds of Baileys: what is no message of the customer's, though it comes as one. */
function whyIgnored({ message, messageStubType }: DadosDaEvolution): Motivo | undefined {
  if (message == null) return 'sistema'
  if (messageStubType != null) return 'sistema'
  if (message.reactionMessage != null || message.encReactionMessage != null) return 'reacao'
  if (message.pollUpdateMessage != null || message.keepInChatMessage != null) return 'reacao'
  if (message.pinInChatMessage != null) return 'sistema'
  if (message.protocolMessage != null || message.editedMessage != null) return 'edicao'
  return undefined
}

function read(one: unknown, conta: string | undefined): Evento {
  const parsed = Dados.safeParse(one)
  if (!parsed.success) return ignorar('formato')
  const { key, pushName, messageTimestamp, message, contextInfo } = parsed.data
  const jid = parseJid(key.remoteJid)
  const about = present({ mensagem_id: key.id, conta, conversa: key.remoteJid })
  if (!jid || jid.tipo === 'outro') return ignorar('formato', about)
  if (jid.tipo !== 'telefone' && jid.tipo !== 'lid') return ignorar(jid.tipo, about)
  const contato = toContato(parsed.data)
  if (key.fromMe) return ignorar('propria', { ...about, contato })
  const why = whyIgnored(parsed.data)
  if (why) return ignorar(why, about)
  const inner = [
    message,
    message?.ephemeralMessage?.message,
    message?.viewOnceMessage?.message,
    message?.viewOnceMessageV2?.message,
    message?.documentWithCaptionMessage?.message,
  ].filter((part) => part != null)
  const first = <T>(pick: (part: (typeof inner)[number]) => T | undefined): T | undefined =>
    inner.map(pick).find((value) => value !== undefined)
  const ad = contextInfo?.externalAdReply
  return {
    tipo: 'mensagem',
    ...about,
    conversa: key.remoteJid,
    contato: { ...contato, ...present({ nome: pushName }) },
    pediu: false,
    ...present({
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
          part.listResponseMessage?.singleSelectReply?.selectedRowId,
      ),
      enviado_em: fromUnix(messageTimestamp),
      referencia: ad?.sourceId ?? ad?.ctwaClid ?? ad?.sourceUrl,
    }),
  }
}

/**
 * The phone first where there is one, then the LID: an event may bring either, or both. Of a message of our own the sender is
 * us, and no name of the customer's.
 */
function toContato({ key }: DadosDaEvolution): ContatoDoEvento {
  const sender = key.fromMe ? [] : [key.senderPn, key.senderLid]
  const jids = [key.remoteJid, key.remoteJidAlt, ...sender].flatMap((written) => {
    const jid = written === undefined ? undefined : parseJid(written)
    return jid && (jid.tipo === 'telefone' || jid.tipo === 'lid') ? [jid] : []
  })
  const phones = jids.filter(({ tipo }) => tipo === 'telefone')
  const lids = jids.filter(({ tipo }) => tipo === 'lid')
  const ids = [...new Set([...phones, ...lids].map(({ endereco }) => endereco))]
  return { ids, ...present({ telefone: phones[0]?.telefone }) }
}

const sendText = (saida: Minha, number: string, text: string): Promise<unknown> =>
  request(saida, 'POST', 'message/sendText', { number, text }, z.unknown())

function request<T>(
  { conta: { ajustes }, http, agora }: Minha,
  method: 'GET' | 'POST',
  path: string,
  json: unknown,
  schema: z.ZodType<T>,
): Promise<T> {
  const { servidor, chave_api, instancia } = ajustes
  if (servidor === undefined || chave_api === undefined)
    throw new OutboundFailure('sem_credenciais', { definitive: true })
  const url = `${servidor.replace(/\/$/, '')}/${path}/${encodeURIComponent(instancia)}`
  return call(http, { method, url, headers: { apikey: chave_api }, ...(json !== undefined && { json }) }, schema, agora)
}
