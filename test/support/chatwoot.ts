import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { testCanal } from './chat.js'
import { chatwootApi } from './chatwoot-api.js'
import {
  type Agent,
  type Bot,
  type Conversation,
  changesOf,
  type Message,
  type Patch,
  type Release,
  told,
  toldMessage,
} from './chatwoot-payload.js'
import type { TestService } from './service.js'

/**
 * A Chatwoot of our own, from its documentation (docs/vendors/chat.md#chatwoot): conversations, agents, assignments of
 * which an unknown id
 * silently takes the assignee away, and account webhooks, each sent once.
 */
export interface Chatwoot {
  readonly url: string
  /** Where its webhooks go; nowhere while it is `undefined`. */
  hook: string | undefined
  readonly secret: string
  readonly agents: Agent[]
  readonly bots: readonly Bot[]
  /** The robot of its inbox, which has each new conversation and each one that is opened again. */
  inboxBot: Bot | undefined
  readonly conversations: Map<number, Conversation>
  /** The next call to a path that matches is heard, and its answer cut off. */
  cutNext(path: RegExp): void
  /** All answers to the webhooks so far. */
  readonly statuses: readonly number[]
  customerWrites(conversation: number, text: string, status?: Conversation['status'], customer?: number): Promise<void>
  /** The company writes first, in a conversation that it opens. */
  campaigns(conversation: number, text: string): Promise<void>
  /** Its last message comes once more. */
  retells(conversation: number): Promise<void>
  /** An automation opens it: a robot that has it stays its owner. */
  botOpens(conversation: number): Promise<void>
  /** The robot hands over: it opens the conversation and lets it go, in one save. */
  botHandsOver(conversation: number): Promise<void>
  resolves(conversation: number): Promise<void>
  snoozes(conversation: number): Promise<void>
  /** A person opens it in the panel. */
  opens(conversation: number): Promise<void>
  /** To nobody where no agent is named. */
  assigns(conversation: number, agent?: number): Promise<void>
  /** To a robot, instead of whoever has it. Since 4.14 it is `pending` then; before, it stayed as it was, or opened. */
  assignsBot(conversation: number, bot: number, status?: Conversation['status']): Promise<void>
  /** A person answers: a conversation that a robot has becomes his. */
  agentReplies(conversation: number, agent: number, text: string): Promise<void>
  end(): Promise<void>
}

export async function startChatwoot(release: Release = 'current'): Promise<Chatwoot> {
  const agents: Agent[] = [
    { id: 7, name: 'Ana Lima', email: 'ana@exemplo.com', availability_status: 'offline' },
    { id: 8, name: 'Caio Reis', email: 'caio@exemplo.com', availability_status: 'offline' },
    { id: 9, name: 'Dora', email: 'dora@exemplo.com', availability_status: 'offline' },
  ]
  // The ids of robots are those of agents too.
  const bots: readonly Bot[] = [
    { id: 7, name: 'Robô', kind: 'AgentBot' },
    { id: 8, name: 'Capitão', kind: 'Captain::Assistant' },
  ]
  const conversations = new Map<number, Conversation>()
  const statuses: number[] = []
  let ids = 5_000
  let cut: RegExp | undefined
  const now = (): number => Math.floor(Date.now() / 1_000)

  async function tell(event: string, payload: object): Promise<void> {
    if (self.hook === undefined) return
    const raw = JSON.stringify({ ...payload, event, account: { id: 1, name: 'Loja' } })
    const timestamp = String(now())
    const signature = createHmac('sha256', self.secret).update(`${timestamp}.${raw}`).digest('hex')
    const answer = await fetch(self.hook, {
      method: 'POST',
      body: raw,
      headers: {
        'content-type': 'application/json',
        'x-chatwoot-timestamp': timestamp,
        'x-chatwoot-signature': `sha256=${signature}`,
      },
      signal: AbortSignal.timeout(30_000),
    }).catch(() => undefined)
    statuses.push(answer?.status ?? 0)
  }

  async function add(one: Conversation, given: Partial<Message>): Promise<Message> {
    ids += 1
    const text = {
      content: null,
      message_type: 0,
      private: false,
      content_type: 'text',
      content_attributes: {},
    } as const
    const message: Message = { ...text, sender: null, ...given, id: ids, created_at: now() }
    one.messages.push(message)
    one.last_activity_at = now()
    one.updated_at = Date.now() / 1_000
    await tell('message_created', toldMessage(one, message, release))
    return message
  }

  /** One save, and its events: the change of status tells nothing else, the other one everything. */
  async function save(one: Conversation, patch: Patch): Promise<void> {
    const before = { ...one }
    // The clock may stand still between two saves; their times do not.
    Object.assign(one, patch, { updated_at: Math.max(Date.now() / 1_000, one.updated_at + 0.001) })
    const changed = changesOf(before, one, release)
    const status = changed.filter((each) => 'status' in each)
    if (status.length > 0)
      await tell('conversation_status_changed', { ...told(one, release), changed_attributes: status })
    if (changed.length > 0) await tell('conversation_updated', { ...told(one, release), changed_attributes: changed })
  }

  /** A person takes it: the robot is off, and a conversation that it had opens. */
  const setAssignee = (one: Conversation, assignee: Agent | undefined): Promise<void> => {
    const opens = assignee !== undefined && one.bot !== undefined && one.status === 'pending'
    return save(one, { assignee, bot: undefined, ...(opens && { status: 'open' }) })
  }

  const reopened = (): Patch =>
    self.inboxBot ? { status: 'pending', assignee: undefined, bot: self.inboxBot } : { status: 'open' }

  async function open(id: number, status: Conversation['status'] = 'open', customer = id): Promise<Conversation> {
    const one: Conversation = {
      id,
      status: self.inboxBot ? 'pending' : status,
      assignee: undefined,
      bot: self.inboxBot,
      labels: [],
      custom_attributes: {},
      last_activity_at: now(),
      updated_at: Date.now() / 1_000,
      sender: { id: 900 + customer, name: 'Bia', phone_number: `+551198765${String(1_000 + customer)}` },
      messages: [],
    }
    conversations.set(id, one)
    await tell('conversation_created', told(one, release))
    return one
  }

  const find = (id: number): Conversation => {
    const one = conversations.get(id)
    if (!one) throw new Error(`no conversation ${id}`)
    return one
  }

  const answer = chatwootApi({ conversations, agents, release }, { add, save, setAssignee })

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://chatwoot')
    const [status, json] =
      request.headers.api_access_token === 'token'
        ? await answer(request.method ?? '', url.pathname, url.searchParams, await bodyOf(request))
        : [401, { error: 'Invalid Access Token' }]
    if (cut?.test(`${request.method} ${url.pathname}`)) {
      cut = undefined
      response.destroy()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const self: Chatwoot = {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    hook: undefined,
    secret: 'segredo do webhook',
    agents,
    bots,
    inboxBot: undefined,
    conversations,
    statuses,
    cutNext: (path) => {
      cut = path
    },
    async customerWrites(id, text, status = 'open', customer = id) {
      const known = conversations.get(id)
      const one = known ?? (await open(id, status, customer))
      if (known?.status === 'snoozed') await save(one, { status: 'open' })
      if (known?.status === 'resolved') await save(one, reopened())
      await add(one, { content: text, sender: { ...one.sender, type: 'contact' } })
    },
    async campaigns(id, text) {
      await add(await open(id), { content: text, message_type: 1 })
    },
    async retells(id) {
      const last = find(id).messages.at(-1)
      if (last) await tell('message_created', toldMessage(find(id), last, release))
    },
    botOpens: (id) => save(find(id), { status: 'open' }),
    botHandsOver: (id) => save(find(id), { status: 'open', bot: undefined }),
    resolves: (id) => save(find(id), { status: 'resolved' }),
    snoozes: (id) => save(find(id), { status: 'snoozed' }),
    opens: async (id) => {
      await save(find(id), { status: 'open' })
      await save(find(id), { bot: undefined })
    },
    assigns: (id, agent) =>
      setAssignee(
        find(id),
        agents.find((one) => one.id === agent),
      ),
    assignsBot: (id, bot, status = 'pending') =>
      save(find(id), { assignee: undefined, bot: bots.find((one) => one.id === bot), status }),
    async agentReplies(id, agent, text) {
      const one = find(id)
      const who = agents.find((each) => each.id === agent)
      await add(one, {
        content: text,
        message_type: 1,
        sender: who ? { id: who.id, name: who.name, type: 'user' } : null,
      })
      if (one.bot) await save(one, { status: 'open', assignee: who, bot: undefined })
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** An account for it over the API, its webhooks led there; answers with the slug. */
export async function chatwootAccount(service: TestService, chatwoot: Chatwoot, more: object): Promise<string> {
  const ajustes = {
    servidor: chatwoot.url,
    conta_id: 1,
    token: 'token',
    segredo_do_webhook: chatwoot.secret,
    etiqueta: 'vez',
  }
  const canal = await testCanal(service, 'chatwoot', { ajustes, ...more })
  chatwoot.hook = service.url + canal.path
  return canal.slug
}
