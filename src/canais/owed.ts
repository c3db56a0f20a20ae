import type { InboundMessage } from '../../integrations/contract.js'
import { newTarefa, ofConversation, type Payload, type Tarefa, toConversationKey } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { canSend, toChave, toContato } from './ask.js'
import type { ChatDeps } from './deps.js'

const LATELY_MS = 600_000

/** What no turn carries: texts, and the assignment of a further conversation of who is being attended. */
export type Avulsa = 'texto_em_atendimento' | 'texto_indisponivel' | 'texto_online' | 'texto_offline' | 'atribuir'

type About = Pick<Payload, 'protocolo' | 'consultor_nome'>

/** Work that answers this message, where the account can do it. The same message never makes it twice. */
export function workOwed(
  canal: Canal,
  event: InboundMessage,
  tipo: Avulsa,
  now: Date,
  about: About = {},
): Tarefa | undefined {
  if (!canSend(canal) || !canal.adapter[tipo === 'atribuir' ? 'assign' : 'sendText']) return undefined
  return workFor(canal, event, tipo, now, about)
}

/** The same where the account may not be able to do it: to be stored as done, so that it is known to have been asked for. */
export function workFor(canal: Canal, event: InboundMessage, tipo: Avulsa, now: Date, about: About): Tarefa {
  const { payload, conversationKey } = ofConversation({
    canal: canal.slug,
    conversa: event.conversa,
    idioma: event.contato.idioma ?? canal.idioma,
    contato: toContato(canal, event.contato),
  })
  const origin = toChave(canal, event, now)
  return newTarefa({ origin, tipo, payload: { ...payload, ...about }, conversationKey, now })
}

/** Was such a text made for this conversation within the last ten minutes? */
export async function wasToldLately(
  { outbox, clock }: ChatDeps,
  { slug }: Canal,
  conversa: string,
  tipo: string,
): Promise<boolean> {
  const since = clock.now().getTime() - LATELY_MS
  const made = await outbox.recentOf(toConversationKey(slug, conversa))
  return made.some((one) => one.tipo === tipo && one.criada_em.getTime() > since)
}
