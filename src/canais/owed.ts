import { newTarefa, ofConversation, type Payload, type Tarefa, toConversationKey } from '../tarefas/model.js'
import { canSend, toChave, toContato } from './ask.js'
import type { Arrival, ChatDeps } from './deps.js'

const TEN_MINUTES_MS = 600_000

/** What no turn carries: texts, and the assignment of a further conversation of who is being attended. */
export type Avulsa =
  | 'texto_em_atendimento'
  | 'texto_responsavel_ausente'
  | 'texto_indisponivel'
  | 'texto_online'
  | 'texto_offline'
  | 'texto_pausa'
  | 'texto_pausa_sem_fim'
  | 'texto_fila'
  | 'texto_fora_da_fila'
  | 'texto_ajuda'
  | 'atribuir'

type About = Pick<Payload, 'protocolo' | 'consultor_nome' | 'posicao' | 'ate' | 'abre'>

/** Work that answers this message, where the account can do it. The same message never makes it twice. */
export function workOwed(arrival: Arrival, tipo: Avulsa, about: About = {}): Tarefa | undefined {
  const { canal } = arrival
  if (!canSend(canal) || !canal.adapter[tipo === 'atribuir' ? 'assign' : 'sendText']) return undefined
  return workFor(arrival, tipo, about)
}

/**
 * The same where the account may not be able to do it: to be stored as done, so that it is known to have been asked for.
 *
 * @param origin what it is made of once; this message when absent
 */
export function workFor(arrival: Arrival, tipo: Avulsa, about: About, origin?: string): Tarefa {
  const { canal, event, now } = arrival
  const { payload, conversationKey } = ofConversation({
    canal: canal.slug,
    conversa: event.conversa,
    idioma: event.contato.idioma ?? canal.idioma,
    contato: toContato(canal, event.contato),
  })
  return newTarefa({
    origin: origin ?? toChave(canal, event, now),
    tipo,
    payload: { ...payload, ...about },
    conversationKey,
    now,
  })
}

/** Work that is not to be done, as a text that is read in our answer, is stored as done, so that it is not made again. */
export const asDone = (tarefa: Tarefa, now: Date): Tarefa => ({ ...tarefa, estado: 'feita', encerrada_em: now })

/** Was such a text made for this conversation lately: within the last ten minutes, where no other time is given? */
export async function wasToldLately(
  { outbox }: ChatDeps,
  { canal, event, now }: Arrival,
  tipo: Avulsa,
  withinMs = TEN_MINUTES_MS,
): Promise<boolean> {
  const since = now.getTime() - withinMs
  const made = await outbox.recentOf(toConversationKey(canal.slug, event.conversa))
  return made.some((one) => one.tipo === tipo && one.criada_em.getTime() > since)
}
