import { z } from 'zod'
import { OutboundFailure } from '../../src/lib/outbound.js'
import type { Assignee, AssignmentDetails, InboundMessage, OutboundContext, Presence, Recipient } from '../contract.js'
import { requester } from '../support.js'
import { readContact } from './contact.js'
import { handOver, lastSaid } from './events.js'
import { holderOf } from './holder.js'
import { Agentes, type Ajustes, Conversa, type ConversaDoChatwoot, Lista, Mensagens } from './schema.js'

type Config = z.output<typeof Ajustes>
export type Outbound = OutboundContext<Config>

/** Pages of 25: 600 conversations, which is more than the 500 customers that may wait. */
const MOST_PAGES = 24
const CLOCK_SKEW_MS = 60_000

export const request = requester(({ servidor, conta_id, token }: Config) =>
  token === undefined
    ? undefined
    : { servidor, at: (path) => `/api/v1/accounts/${conta_id}/${path}`, headers: { api_access_token: token } },
)

const conversationPath = (conversa: string): string => `conversations/${encodeURIComponent(conversa)}`

export const say = (out: Outbound, { conversa }: Recipient, content: string, isNote: boolean): Promise<unknown> =>
  request(
    out,
    'POST',
    `${conversationPath(conversa)}/messages`,
    { json: { content, message_type: 'outgoing', private: isNote } },
    z.looseObject({ id: z.number() }),
  )

/** Is this text among the last messages there that are no older than this work, with a minute for clocks that differ? */
export async function wasSaid(out: Outbound, { conversa }: Recipient, text: string): Promise<boolean> {
  const { payload } = await request(out, 'GET', `${conversationPath(conversa)}/messages`, {}, Mensagens)
  const since = out.since.getTime() - CLOCK_SKEW_MS
  return payload.some(
    ({ content, message_type, created_at }) =>
      message_type === 'outgoing' && content === text.trim() && (created_at?.getTime() ?? 0) >= since,
  )
}

/**
 * Gives the conversation to the agent with this e-mail, opens it, and writes protocol and consultor on it. A conversation that
 * another agent has by now stays with him, unless `replace` is set: what people did there is not undone. A robot is replaced:
 * Chatwoot takes it off by itself when a person is assigned (docs/vendors/chat.md#chatwoot-robots).
 */
export async function assign(
  out: Outbound,
  recipient: Recipient,
  { nome, email }: Assignee,
  details: AssignmentDetails,
): Promise<void> {
  const path = conversationPath(recipient.conversa)
  const agents = await request(out, 'GET', 'agents', {}, Agentes)
  const agent = agents.find((one) => email !== undefined && one.email.toLowerCase() === email.toLowerCase())
  if (!agent) {
    await say(out, recipient, `${nome} não tem um agente com o mesmo e-mail no Chatwoot: atribua à mão.`, true)
    throw new OutboundFailure('agente_nao_encontrado', { definitive: true })
  }
  const before = await request(out, 'GET', path, {}, Conversa)
  const current = holderOf(before).responsavel?.id
  if (current !== undefined && current !== String(agent.id) && !details.replace) return
  if (current !== String(agent.id)) {
    const given = await request(out, 'POST', `${path}/assignments`, { json: { assignee_id: agent.id } }, z.unknown())
    // For an unknown agent id Chatwoot answers 200 and unassigns: the answer's id says who has the conversation
    // (docs/vendors/chat.md#chatwoot-assignments).
    if (z.looseObject({ id: z.literal(agent.id) }).safeParse(given).success === false)
      throw new OutboundFailure('atribuicao_recusada', { definitive: true })
  }
  if (before.status !== 'open')
    await request(out, 'POST', `${path}/toggle_status`, { json: { status: 'open' } }, z.unknown())
  await mark(out, path, before, { protocolo: details.protocolo ?? '', consultor: nome })
}

async function mark(out: Outbound, path: string, before: ConversaDoChatwoot, custom_attributes: object): Promise<void> {
  await request(out, 'POST', `${path}/custom_attributes`, { json: { custom_attributes } }, z.unknown())
  const { etiqueta } = out.account.ajustes
  const labels = before.labels ?? []
  if (etiqueta === undefined || labels.includes(etiqueta)) return
  await request(out, 'POST', `${path}/labels`, { json: { labels: [...labels, etiqueta] } }, z.unknown())
}

export async function presences(out: Outbound): Promise<readonly Presence[]> {
  const agents = await request(out, 'GET', 'agents', {}, Agentes)
  return agents.map(({ id, email, availability_status }) => ({
    id: String(id),
    email,
    online: availability_status === 'online',
  }))
}

/**
 * Open conversations that no person has, with activity since then. Chatwoot sends a webhook once, so one of ours may be lost.
 * Those of robots are among the assigned ones, or, before 4.14, the unassigned ones.
 */
export async function openSince(out: Outbound, since: Date): Promise<readonly InboundMessage[]> {
  const unassigned = await listOpen(out, since, 'unassigned')
  const assigned = await listOpen(out, since, 'assigned')
  const robots = assigned.filter((one) => holderOf(one).assignedTo === 'robot')
  const events: InboundMessage[] = []
  for (const one of [...unassigned, ...robots]) {
    const event = await toMessage(out, one).catch(unlessGone)
    if (event) events.push(event)
  }
  return events
}

async function listOpen(
  out: Outbound,
  since: Date,
  assignee: 'unassigned' | 'assigned',
): Promise<readonly ConversaDoChatwoot[]> {
  const found: ConversaDoChatwoot[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const path = `conversations?status=open&assignee_type=${assignee}&page=${page}`
    const { payload } = (await request(out, 'GET', path, {}, Lista)).data
    const recent = payload.filter(({ last_activity_at }) => last_activity_at === undefined || last_activity_at >= since)
    found.push(...recent)
    if (recent.length === 0 || payload.length === 0) break
  }
  return found
}

/** Skips a conversation that cannot be read any more (a definitive refusal), so that the others are still handled. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof OutboundFailure) || !error.definitive) throw error
}

/**
 * What its customer said last; where he said nothing, as in a campaign, nobody is asked for. Nor does an open conversation of a
 * robot ask: Chatwoot does not tell whether the robot opened it or goes on with it, so only the customer's words count.
 */
async function toMessage(out: Outbound, one: ConversaDoChatwoot): Promise<InboundMessage | undefined> {
  const { caixa_id } = out.account.ajustes
  const read = readContact(one)
  if (one.id === undefined || !read || read.naoPessoa || (caixa_id !== undefined && one.inbox_id !== String(caixa_id)))
    return undefined
  const { payload } = await request(out, 'GET', `${conversationPath(one.id)}/messages`, {}, Mensagens)
  if (!lastSaid(payload)) return undefined
  const { assignedTo } = holderOf(one)
  const isRobots = assignedTo === 'robot'
  return {
    tipo: isRobots ? 'mensagem' : 'inicio',
    conversa: one.id,
    contato: read.contato,
    ...handOver({ ...one, messages: payload }),
    assignedTo,
    pediu: !isRobots,
  }
}
