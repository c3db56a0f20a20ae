import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { testCanal } from './chat.js'
import type { TestService } from './service.js'

interface Agent {
  readonly id: number
  readonly name: string
  readonly email: string
  availability_status: 'online' | 'offline'
}

interface Message {
  readonly id: number
  readonly content: string
  readonly message_type: 0 | 1 | 2
  readonly private: boolean
  readonly created_at: number
  readonly sender: object | null
}

interface Conversation {
  readonly id: number
  status: 'open' | 'pending' | 'resolved'
  assignee: Agent | undefined
  labels: string[]
  custom_attributes: Record<string, unknown>
  last_activity_at: number
  readonly sender: { id: number; name: string; phone_number: string }
  readonly messages: Message[]
}

const WORDS = ['incoming', 'outgoing', 'activity'] as const
const PER_PAGE = 25

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
  readonly conversations: Map<number, Conversation>
  /** The next call to a path that matches is heard, and its answer cut off. */
  cutNext(path: RegExp): void
  /** All answers to the webhooks so far. */
  readonly statuses: readonly number[]
  customerWrites(conversation: number, text: string, status?: Conversation['status'], customer?: number): Promise<void>
  /** Its last message comes once more. */
  retells(conversation: number): Promise<void>
  botOpens(conversation: number): Promise<void>
  resolves(conversation: number): Promise<void>
  /** To nobody where no agent is named. */
  assigns(conversation: number, agent?: number): Promise<void>
  end(): Promise<void>
}

export async function startChatwoot(): Promise<Chatwoot> {
  const agents: Agent[] = [
    { id: 7, name: 'Ana Lima', email: 'ana@exemplo.com', availability_status: 'offline' },
    { id: 8, name: 'Caio Reis', email: 'caio@exemplo.com', availability_status: 'offline' },
    { id: 9, name: 'Dora', email: 'dora@exemplo.com', availability_status: 'offline' },
  ]
  const conversations = new Map<number, Conversation>()
  const statuses: number[] = []
  let ids = 5_000
  let cut: RegExp | undefined
  const now = (): number => Math.floor(Date.now() / 1_000)

  const shown = (one: Conversation) => ({
    id: one.id,
    inbox_id: 3,
    status: one.status,
    labels: one.labels,
    custom_attributes: one.custom_attributes,
    waiting_since: one.messages[0]?.created_at ?? 0,
    last_activity_at: one.last_activity_at,
    updated_at: Date.now() / 1_000,
    messages: one.messages.slice(-1),
    meta: {
      sender: { ...one.sender, identifier: null, type: 'contact' },
      assignee: one.assignee ? { id: one.assignee.id, name: one.assignee.name } : null,
    },
  })

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

  async function add(one: Conversation, content: string, kind: 0 | 1 | 2, isNote: boolean, sender: object | null) {
    ids += 1
    const message: Message = { id: ids, content, message_type: kind, private: isNote, created_at: now(), sender }
    one.messages.push(message)
    one.last_activity_at = now()
    await tellMessage(one, message)
    return message
  }

  const tellMessage = (one: Conversation, message: Message): Promise<void> =>
    tell('message_created', {
      ...message,
      message_type: WORDS[message.message_type],
      created_at: new Date(message.created_at * 1_000).toISOString(),
      inbox: { id: 3 },
      conversation: shown(one),
    })

  async function setStatus(one: Conversation, status: Conversation['status']): Promise<void> {
    const before = one.status
    if (before === status) return
    one.status = status
    const changed = [{ status: { previous_value: before, current_value: status } }]
    await tell('conversation_status_changed', { ...shown(one), changed_attributes: changed })
  }

  async function setAssignee(one: Conversation, agent: Agent | undefined): Promise<void> {
    const before = one.assignee?.id ?? null
    one.assignee = agent
    const changed = [{ assignee_id: { previous_value: before, current_value: agent?.id ?? null } }]
    await tell('conversation_updated', { ...shown(one), changed_attributes: changed })
  }

  const find = (id: number): Conversation => {
    const one = conversations.get(id)
    if (!one) throw new Error(`no conversation ${id}`)
    return one
  }

  // biome-ignore lint/suspicious/noExplicitAny: as it came
  async function answer(method: string, path: string, query: URLSearchParams, body: any): Promise<[number, unknown]> {
    const [, id, what] = /^\/api\/v1\/accounts\/1\/conversations\/(\d+)(?:\/(\w+))?$/.exec(path) ?? []
    if (path === '/api/v1/accounts/1/agents') return [200, agents]
    if (path === '/api/v1/accounts/1/conversations') {
      const all = [...conversations.values()].filter(
        (one) => one.status === query.get('status') && (query.get('assignee_type') !== 'unassigned' || !one.assignee),
      )
      const page = Number(query.get('page') ?? 1) - 1
      return [200, { data: { meta: {}, payload: all.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map(shown) } }]
    }
    const one = conversations.get(Number(id))
    if (!one) return [404, { error: 'Resource could not be found' }]
    if (what === undefined) return [200, shown(one)]
    if (what === 'messages' && method === 'GET') return [200, { meta: {}, payload: one.messages.slice(-20) }]
    if (what === 'messages') {
      const sender = { id: 99, name: 'Vez', type: 'user' }
      return [200, await add(one, body.content, 1, body.private === true, sender)]
    }
    if (what === 'assignments') {
      const agent = agents.find((each) => each.id === body.assignee_id)
      await setAssignee(one, agent)
      return [200, agent ?? null]
    }
    if (what === 'toggle_status') {
      await setStatus(one, body.status)
      return [200, { payload: { success: true, current_status: one.status } }]
    }
    if (what === 'custom_attributes') one.custom_attributes = { ...one.custom_attributes, ...body.custom_attributes }
    if (what === 'labels') one.labels = body.labels
    return [200, {}]
  }

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
    conversations,
    statuses,
    cutNext: (path) => {
      cut = path
    },
    async customerWrites(id, text, status = 'open', customer = id) {
      const known = conversations.get(id)
      const one: Conversation = known ?? {
        id,
        status,
        assignee: undefined,
        labels: [],
        custom_attributes: {},
        last_activity_at: now(),
        sender: { id: 900 + customer, name: 'Bia', phone_number: `+551198765${String(1_000 + customer)}` },
        messages: [],
      }
      conversations.set(id, one)
      if (!known) await tell('conversation_created', shown(one))
      if (known?.status === 'resolved') await setStatus(one, 'open')
      await add(one, text, 0, false, { ...one.sender, type: 'contact' })
    },
    async retells(id) {
      const last = find(id).messages.at(-1)
      if (last) await tellMessage(find(id), last)
    },
    botOpens: (id) => setStatus(find(id), 'open'),
    resolves: (id) => setStatus(find(id), 'resolved'),
    assigns: (id, agent) =>
      setAssignee(
        find(id),
        agents.find((one) => one.id === agent),
      ),
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
