import { z } from 'zod'
import { identityOf } from '../../src/lib/jid.js'
import { bearer } from '../../src/lib/lenient.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { isUnfilled } from '../../src/lib/placeholder.js'
import { adapter, type ChatEvent, type OutboundContext } from '../contract.js'
import {
  Acknowledged,
  acknowledged,
  bySecret,
  FlowAnswer,
  flowFields,
  flowPhone,
  ignore,
  jsonOf,
  jsonReply,
  NOT_JSON,
  notFilled,
  ofKind,
  reasonOf,
  requester,
  unreadable,
  withoutId,
} from '../support.js'
import { isBot, type Node, toContato, toNode } from './node.js'
import { Ajustes, Comando, Conteudo, Mensagem, NAMES, NOT_SAID, SAID } from './schema.js'

type Config = z.output<typeof Ajustes>
type Message = z.output<typeof Mensagem>

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
  proof: 'O segredo da conta no endereço. Sem ele no endereço: em `Authorization: Bearer` ou `x-webhook-segredo`.',
  answers: [FlowAnswer, Acknowledged],
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
    if (!isLime) return [ofKind('http-request', readAction(json, ajustes.modo === 'acao'))]
    const { event, type } = lime.data
    return [ofKind(typeof event === 'string' ? event : type, readMessage(lime.data))]
  },

  reply: ([reply], _events, { ajustes }) => (ajustes.modo === 'acao' ? jsonReply(reply) : acknowledged()),

  canSend: ({ contrato, servidor, chave }) => (contrato ?? servidor) !== undefined && chave !== undefined,

  sendText: (out, { conversa }, content) =>
    withoutId(post(out, 'messages', { to: toNode(conversa).identity, type: 'text/plain', content }, z.unknown())),

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

  // Whatever becomes of a command, one that is answered was let in: a bot may have no profile (docs/vendors/chat.md#blip-errors).
  checkCredentials: (out) => post(out, 'commands', { method: 'get', uri: '/account' }, Comando),

  connection: {
    server: ({ servidor, contrato }) =>
      servidor === undefined
        ? { field: 'contrato', url: contrato && addressOf(contrato) }
        : { field: 'servidor', url: servidor },
    keys: ['chave'],
    account: 'contrato',
  },
})

function readMessage({ id, from = '', to = '', type, content, event, metadata }: Message): ChatEvent {
  const sender = toNode(from)
  const about = { mensagem_id: id, conversa: sender.identity }
  if (event != null) return ignore('recibo', about)
  // A flow's request may have the form of a message.
  if (isUnfilled(from)) return unreadable(notFilled('from'), about)
  if (sender.identity.startsWith('postmaster@')) return ignore('sistema', about)
  const parts = Conteudo.safeParse(content).data
  const originator = filled(metadata?.['#tunnel.originator'])
  if (type === TICKET) return handOver(parts ?? {}, originator, about)
  const own = ownLine(sender, toNode(to), originator)
  if (own) return ignore(own.motivo, { ...about, conversa: own.conversa, contato: own.contato })
  if (metadata?.['#wa.context.group_id'] !== undefined) return ignore('grupo', about)
  if (type === undefined || content == null) return unreadable('faltam type e content', about)
  const kind = type.split(';')[0]?.trim().toLowerCase() ?? type
  const isEmptyText = kind === 'text/plain' && (typeof content !== 'string' || content.trim() === '')
  if (!SAID.has(kind) || isEmptyText) return ignore(reasonOf(NOT_SAID, kind) ?? 'sistema', about)
  const texto = typeof content === 'string' ? content : (parts?.replied?.value ?? parts?.text ?? parts?.title)
  return {
    tipo: 'mensagem',
    ...about,
    // An answer goes to where the message came from: the tunnel, behind a router.
    conversa: sender.identity,
    contato: { ...toContato(sender, originator), nome: filled(metadata?.['#contactName']) },
    pediu: false,
    // A message id is unique within its sender only (docs/vendors/chat.md#blip-messages), so the key names both.
    chave: id && `${sender.identity} ${id}`,
    texto: texto?.trim() || undefined,
    botao: metadata?.['#wa.interactive.button.id'] ?? metadata?.['#wa.interactive.list.id'],
  }
}

const filled = (value: string | undefined): string | undefined =>
  value === undefined || isUnfilled(value) ? undefined : value

/** A line that the bot, a bot behind the same router, or an attendant of the Desk wrote to a customer. */
function ownLine(sender: Node, recipient: Node, originator: string | undefined) {
  const motivo = sender.domain === 'blip.ai' ? 'atendente' : isBot(sender) ? 'propria' : undefined
  if (motivo === undefined) return undefined
  // A bot that answers through a tunnel names the customer behind its own address.
  const customer = sender.behind ?? recipient
  if (isBot(customer)) return { motivo, conversa: undefined, contato: undefined } as const
  return { motivo, conversa: customer.identity, contato: toContato(customer, originator) } as const
}

/** A ticket of the Desk that waits for an attendant: Blip has handed the customer over. */
function handOver(
  ticket: Partial<z.output<typeof Conteudo>>,
  originator: string | undefined,
  about: Pick<ChatEvent, 'mensagem_id' | 'conversa'>,
): ChatEvent {
  const { id, status, customerIdentity, agentIdentity } = ticket
  if (id === undefined || customerIdentity === undefined || status !== 'Waiting' || agentIdentity !== undefined)
    return ignore('sistema', about)
  const customer = toNode(customerIdentity)
  return {
    tipo: 'inicio',
    mensagem_id: `ticket ${id}`,
    conversa: `${customer.identity}|${id}`,
    contato: toContato(customer, originator),
    pediu: true,
  }
}

function readAction(json: unknown, pediu: boolean): ChatEvent {
  const fields = flowFields(json, NAMES, ['de', 'id'])
  if (!fields) return unreadable(NOT_JSON)
  const { field, unfilled } = fields
  if (unfilled) return unreadable(unfilled)
  const from = field('de')
  const origem = field('origem')
  // A flow that names its own bot says nothing of the customer, unless it tells where he came from.
  if (from !== undefined && isBot(toNode(from)) && (origem === undefined || isBot(toNode(origem))))
    return ignore('propria', { conversa: toNode(from).identity })
  const named = from === undefined ? undefined : toContato(toNode(from), origem)
  const written = field('telefone')
  const { telefone, naoPessoa } = identityOf([written], flowPhone(written))
  if (naoPessoa) return ignore(naoPessoa)
  const phone = named?.telefone ?? telefone
  const ids = named?.ids ?? [phone].filter((one) => one !== undefined)
  const conversa = from === undefined ? phone : toNode(from).identity
  if (conversa === undefined) return unreadable('faltam from e phone: não se sabe de quem é')
  const id = field('id')
  return {
    tipo: 'mensagem',
    conversa,
    contato: { ids, telefone: phone, nome: field('nome'), idioma: field('idioma') },
    pediu,
    mensagem_id: id,
    chave: id && `${conversa} ${id}`,
    texto: field('texto'),
  }
}

const addressOf = (contrato: string): string => `https://${contrato}.http.msging.net`

const request = requester(({ contrato, servidor, chave }: Config) =>
  chave === undefined || (contrato ?? servidor) === undefined
    ? undefined
    : { servidor: servidor ?? addressOf(contrato ?? ''), headers: { authorization: `Key ${chave}` } },
)

/** A message or a command of LIME. Its id is the same at each attempt, so that Blip knows it. */
const post = <T>(out: OutboundContext<Config>, path: string, envelope: object, schema: z.ZodType<T>): Promise<T> =>
  request(out, 'POST', path, { json: { id: out.idempotencyKey, ...envelope } }, schema)
