import { type Agent, type Conversation, listed, type Message, type Patch, type Release } from './chatwoot-payload.js'

const PER_PAGE = 25

interface State {
  readonly conversations: ReadonlyMap<number, Conversation>
  readonly agents: readonly Agent[]
  readonly release: Release
}

interface Acts {
  add(one: Conversation, message: Partial<Message>): Promise<Message>
  save(one: Conversation, patch: Patch): Promise<void>
  setAssignee(one: Conversation, agent: Agent | undefined): Promise<void>
}

/** The API of our Chatwoot. Opened by the token of an administrator, a conversation loses its robot, and nobody takes it. */
export function chatwootApi({ conversations, agents, release }: State, { add, save, setAssignee }: Acts) {
  const list = (query: URLSearchParams): object[] => {
    const wanted = query.get('assignee_type')
    const page = Number(query.get('page') ?? 1) - 1
    return [...conversations.values()]
      .filter((one) => one.status === query.get('status'))
      .filter((one) => wanted === null || (wanted === 'assigned') === Boolean(one.assignee ?? one.bot))
      .slice(page * PER_PAGE, (page + 1) * PER_PAGE)
      .map((one) => listed(one, release))
  }

  // biome-ignore lint/suspicious/noExplicitAny: as it came
  return async (method: string, path: string, query: URLSearchParams, body: any): Promise<[number, unknown]> => {
    const [, id, what] = /^\/api\/v1\/accounts\/1\/conversations\/(\d+)(?:\/(\w+))?$/.exec(path) ?? []
    if (path === '/api/v1/accounts/1/agents') return [200, agents]
    if (path === '/api/v1/accounts/1/conversations') return [200, { data: { meta: {}, payload: list(query) } }]
    const one = conversations.get(Number(id))
    if (!one) return [404, { error: 'Resource could not be found' }]
    if (what === undefined) return [200, listed(one, release)]
    if (what === 'messages' && method === 'GET') return [200, { meta: {}, payload: one.messages.slice(-20) }]
    if (what === 'messages') {
      const sender = { id: 99, name: 'Vez', type: 'user' }
      return [200, await add(one, { content: body.content, message_type: 1, private: body.private === true, sender })]
    }
    if (what === 'assignments') {
      const agent = agents.find((each) => each.id === body.assignee_id)
      await setAssignee(one, agent)
      return [200, agent ?? null]
    }
    if (what === 'toggle_status') {
      await save(one, { status: body.status })
      if (one.status === 'open') await save(one, { bot: undefined })
      return [200, { payload: { success: true, current_status: one.status } }]
    }
    if (what === 'custom_attributes') one.custom_attributes = { ...one.custom_attributes, ...body.custom_attributes }
    if (what === 'labels') one.labels = body.labels
    return [200, {}]
  }
}
