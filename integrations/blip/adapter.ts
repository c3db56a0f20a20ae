import { z } from 'zod'
import { fieldReader } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { fromDigits, toE164 } from '../../src/lib/phone.js'
import { adapter, type ChatEvent, type OutboundContext } from '../contract.js'
import { acknowledged, bySecret, ignore, jsonOf, jsonReply, requester, withoutId } from '../support.js'
import { Ajustes, Comando, Conteudo, Mensagem, NAMES, NOT_SAID, SAID } from './schema.js'

type Config = z.output<typeof Ajustes>

const TICKET = 'application/vnd.iris.ticket+json'

/**
 * Take Blip (docs/vendors/chat.md#blip): the Builder's HTTP request, which reads our answer, or an HTTP bot, to which
 * we write.
 */
export const blip = adapter({
  plataforma: 'blip',
  nome: 'Blip (Take)',
  ajustes: Ajustes,
  secretos: ['chave'],
  replyReader: ({ modo }) => (modo === 'acao' ? 'flow' : 'nobody'),
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'path',
  instructions: ({ url }) => [
    `No Builder, ponha a ação Requisição HTTP (POST) com a URL: ${url}`,
    'No corpo, cole o de integrations/blip/corpo.json; grave a resposta em uma variável e use consultor.nome e protocolo',
    'Como bot HTTP: cole a mesma URL em "URL para receber mensagens", e ponha contrato e chave em ajustes',
  ],

  verify: ({ pathSecret, headers }, account) =>
    bySecret(pathSecret ?? bearer(headers.authorization) ?? headers['x-webhook-segredo'], account),

  parse({ body }, { ajustes }) {
    const json = jsonOf(body)
    const lime = Mensagem.safeParse(json)
    const isLime = lime.success && lime.data.from !== undefined && lime.data.to !== undefined
    return [isLime ? readMessage(lime.data) : readAction(json, ajustes.modo === 'acao')]
  },

  reply: ([reply], _events, { ajustes }) => (ajustes.modo === 'acao' ? jsonReply(reply) : acknowledged()),

  canSend: ({ contrato, servidor, chave }) => (contrato ?? servidor) !== undefined && chave !== undefined,

  sendText: (out, { conversa }, content) =>
    withoutId(post(out, 'messages', { to: identityOf(conversa), type: 'text/plain', content }, z.unknown())),

  async assign(out, { conversa }, { email }) {
    if (email === undefined) throw new OutboundFailure('consultor_sem_email', { definitive: true })
    const [customerIdentity, ticket] = conversa.split('|')
    const agentIdentity = `${encodeURIComponent(email)}@blip.ai`
    const { equipe } = out.account.ajustes
    const command = ticket
      ? { uri: '/tickets/change-status', resource: { id: ticket, status: 'Open', agentIdentity } }
      : { uri: '/tickets', resource: { customerIdentity, agentIdentity, team: equipe } }
    const json = { to: 'postmaster@desk.msging.net', method: 'set', type: TICKET, ...command }
    const { status } = await post(out, 'commands', json, Comando)
    // The status is 200 for a command that failed too; its own `status` tells (docs/vendors/chat.md#blip-commands).
    if (status !== 'success') throw new OutboundFailure('atribuicao_recusada', { definitive: true })
  },
})

/** The identity in `name@domain/instance`: the instance is a session, and changes from message to message. */
const identityOf = (node: string): string => node.split('|')[0]?.split('/')[0] ?? node

/** Only in WhatsApp's domain is the name a phone; other channels use digits as ids. */
function phoneOf(identity: string): string | undefined {
  const [name = '', domain] = identity.split('@')
  return domain === 'wa.gw.msging.net' ? fromDigits(name) : undefined
}

function readMessage({ id, from = '', type, content, event }: z.output<typeof Mensagem>): ChatEvent {
  const identity = identityOf(from)
  const about = { mensagem_id: id, conversa: identity }
  if (event != null) return ignore('recibo', about)
  if (identity.startsWith('postmaster@')) return ignore('sistema', about)
  const parts = Conteudo.safeParse(content).data
  if (type === TICKET) return handOver(parts ?? {}, about)
  if (type === undefined || content == null) return ignore('formato', about)
  if (!SAID.has(type)) return ignore(NOT_SAID[type] ?? 'sistema', about)
  const texto = typeof content === 'string' ? content : (parts?.replied?.value ?? parts?.text ?? parts?.title)
  return {
    tipo: 'mensagem',
    ...about,
    conversa: identity,
    contato: { ids: [identity], telefone: phoneOf(identity) },
    pediu: false,
    // A message id is unique within its sender only (docs/vendors/chat.md#blip-messages), so the key names both.
    chave: id && `${identity} ${id}`,
    texto: texto?.trim() || undefined,
  }
}

/** A ticket of the Desk that waits for an attendant: Blip has handed the customer over. */
function handOver(
  ticket: Partial<z.output<typeof Conteudo>>,
  about: Pick<ChatEvent, 'mensagem_id' | 'conversa'>,
): ChatEvent {
  const { id, status, customerIdentity, agentIdentity } = ticket
  if (id === undefined || customerIdentity === undefined || status !== 'Waiting' || agentIdentity !== undefined)
    return ignore('sistema', about)
  const identity = identityOf(customerIdentity)
  return {
    tipo: 'inicio',
    mensagem_id: `ticket ${id}`,
    conversa: `${identity}|${id}`,
    contato: { ids: [identity], telefone: phoneOf(identity) },
    pediu: true,
  }
}

function readAction(json: unknown, pediu: boolean): ChatEvent {
  const field = fieldReader(json, NAMES)
  if (!field) return ignore('formato')
  const from = field('de')
  const identity = from === undefined ? undefined : identityOf(from)
  const telefone = (identity === undefined ? undefined : phoneOf(identity)) ?? toE164(field('telefone'))
  const contactId = identity ?? telefone
  if (contactId === undefined) return ignore('formato')
  const id = field('id')
  return {
    tipo: 'mensagem',
    conversa: contactId,
    contato: { ids: [contactId], telefone, nome: field('nome'), idioma: field('idioma') },
    pediu,
    mensagem_id: id,
    chave: id && `${contactId} ${id}`,
    texto: field('texto'),
  }
}

const request = requester(({ contrato, servidor, chave }: Config) =>
  chave === undefined || (contrato ?? servidor) === undefined
    ? undefined
    : { servidor: servidor ?? `https://${contrato}.http.msging.net`, headers: { authorization: `Key ${chave}` } },
)

/** A message or a command of LIME. Its id is the same at each attempt, so that Blip knows it. */
const post = <T>(out: OutboundContext<Config>, path: string, envelope: object, schema: z.ZodType<T>): Promise<T> =>
  request(out, 'POST', path, { json: { id: out.idempotencyKey, ...envelope } }, schema)
