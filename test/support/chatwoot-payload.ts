/** A Chatwoot's release: what it calls the owner of a conversation, and what it tells of it. */
export type Release = 'before-4.8' | 'current'

export interface Agent {
  readonly id: number
  readonly name: string
  readonly email: string
  availability_status: 'online' | 'offline'
}

/** A robot. Its id is of another series than the agents'. */
export interface Bot {
  readonly id: number
  readonly name: string
  readonly kind: 'AgentBot' | 'Captain::Assistant'
}

export interface Message {
  readonly id: number
  readonly content: string | null
  readonly message_type: 0 | 1 | 2
  readonly private: boolean
  readonly content_type: string
  readonly content_attributes: object
  readonly created_at: number
  readonly sender: object | null
}

export interface Conversation {
  readonly id: number
  status: 'open' | 'pending' | 'resolved' | 'snoozed'
  assignee: Agent | undefined
  bot: Bot | undefined
  labels: string[]
  custom_attributes: Record<string, unknown>
  last_activity_at: number
  /** Unix seconds with a fraction. */
  updated_at: number
  readonly sender: { id: number; name: string; phone_number: string | null; identifier?: string }
  readonly messages: Message[]
}

/** What a save of a conversation may change. */
export type Patch = Partial<Pick<Conversation, 'status' | 'assignee' | 'bot'>>

const WORDS = ['incoming', 'outgoing', 'activity'] as const

const person = ({ id, name }: Agent) => ({
  id,
  name,
  available_name: name,
  avatar_url: '',
  type: 'user',
  thumbnail: '',
})
const robot = ({ id, name, kind }: Bot) => ({
  id,
  name,
  avatar_url: '',
  type: kind === 'AgentBot' ? 'agent_bot' : 'captain_assistant',
})

/** A conversation as webhooks have it (docs/vendors/chat.md#chatwoot-webhooks): of its messages the last one that is no note. */
export function told(one: Conversation, release: Release) {
  const sender = { identifier: null, ...one.sender, type: 'contact' }
  const base = {
    id: one.id,
    inbox_id: 3,
    channel: 'Channel::Api',
    contact_inbox: { id: 70 + one.id, contact_id: one.sender.id, inbox_id: 3, source_id: `fonte-${one.sender.id}` },
    status: one.status,
    labels: one.labels,
    custom_attributes: one.custom_attributes,
    waiting_since: one.messages[0]?.created_at ?? 0,
    last_activity_at: one.last_activity_at,
    messages: one.messages.filter((message) => !message.private && message.message_type !== 2).slice(-1),
  }
  if (release === 'before-4.8')
    return { ...base, meta: { sender, assignee: one.assignee ? person(one.assignee) : null, team: null } }
  const owner = one.bot ? robot(one.bot) : one.assignee && person(one.assignee)
  const type = one.bot?.kind ?? (one.assignee ? 'User' : null)
  const meta = { sender, assignee: owner ?? null, assignee_type: type, team: null }
  return { ...base, updated_at: one.updated_at, meta }
}

/** A conversation as the API has it: its robots do not say by themselves that they are robots. */
export function listed(one: Conversation, release: Release) {
  const shown = told(one, release)
  const { assignee, ...meta } = shown.meta
  const { type: _type, ...owner } = assignee ?? { type: undefined }
  return { ...shown, meta: assignee === null ? meta : { ...meta, assignee: owner } }
}

/** A message as its own event has it. */
export const toldMessage = (one: Conversation, message: Message, release: Release) => ({
  ...message,
  message_type: WORDS[message.message_type],
  created_at: new Date(message.created_at * 1_000).toISOString(),
  inbox: { id: 3 },
  conversation: told(one, release),
})

/** `changed_attributes` of a save: each field that changed, alone. */
export function changesOf(before: Conversation, after: Conversation, release: Release) {
  const columns = (one: Conversation): Record<string, unknown> => ({
    status: one.status,
    assignee_id: one.assignee?.id ?? null,
    ...(release === 'current' && {
      assignee_agent_bot_id: one.bot?.id ?? null,
      ai_assignee_type: one.bot?.kind ?? null,
    }),
  })
  const now = columns(after)
  const changed = Object.entries(columns(before)).filter(([field, value]) => now[field] !== value)
  const fields = changed.map(([field, value]) => ({ [field]: { previous_value: value, current_value: now[field] } }))
  const time = (seconds: number): string => new Date(seconds * 1_000).toISOString()
  const updated = { previous_value: time(before.updated_at), current_value: time(after.updated_at) }
  return fields.length === 0 ? [] : [...fields, { updated_at: updated }]
}
