import type { AssignedTo, ConversationChange } from '../contract.js'
import type { ConversaDoChatwoot, Mudancas } from './schema.js'

/** Who has a conversation, and who that is where it is a person. */
export interface Holder {
  readonly assignedTo: AssignedTo
  readonly responsavel?: ConversationChange['responsavel']
}

/**
 * Who has a conversation. Since 4.8 the assignee may be a robot (`AgentBot`, `Captain::Assistant`), whose id is of another series
 * than people's: whatever is called anything but a user is one (docs/vendors/chat.md#chatwoot-robots).
 */
export function holderOf({ meta }: Pick<ConversaDoChatwoot, 'meta'>, changed: Mudancas = []): Holder {
  const { assignee, assignee_type } = meta ?? {}
  const kinds = [assignee_type, assignee?.type].flatMap((one) => (one === undefined ? [] : [one.toLowerCase()]))
  if (kinds.some((one) => one !== 'user')) return { assignedTo: 'robot' }
  if (assignee?.id === undefined) return { assignedTo: 'nobody' }
  // An assignee without any kind is a person, unless this very change names him as the robot.
  const robot = changeOf(changed, 'assignee_agent_bot_id')?.now
  if (kinds.length === 0 && robot != null && String(robot) === assignee.id) return { assignedTo: 'robot' }
  const { id, email, name } = assignee
  return { assignedTo: 'person', responsavel: { id, email, nome: name } }
}

/** What became of a field, by `changed_attributes`; `undefined` where it did not change. */
export function changeOf(changed: Mudancas, field: string): { before: unknown; now: unknown } | undefined {
  const one = changed.find((each) => field in each)?.[field]
  if (typeof one !== 'object' || one === null) return undefined
  return {
    before: 'previous_value' in one ? one.previous_value : undefined,
    now: 'current_value' in one ? one.current_value : undefined,
  }
}

/** Did a robot take the conversation, or let it go? From 4.17 on `ai_assignee_type` stands beside the robot's id. */
export function robotChange(changed: Mudancas): 'taken' | 'let-go' | undefined {
  const changes = ['assignee_agent_bot_id', 'ai_assignee_type'].flatMap((field) => changeOf(changed, field) ?? [])
  if (changes.some(({ now }) => now != null)) return 'taken'
  return changes.some(({ before }) => before != null) ? 'let-go' : undefined
}
