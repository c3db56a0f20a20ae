import type { ChatReply } from '../../integrations/contract.js'
import { phoneForms } from '../lib/phone.js'
import type { Tarefa } from '../tarefas/model.js'
import type { Consultor, Vez } from '../vez/document.js'
import type { Arrival, ChatDeps } from './deps.js'
import { workFor, workOwed } from './owed.js'
import { ignored } from './result.js'
import { plainText } from './trigger.js'

/** Whose own phone this is, in any of its forms; `undefined` when it is a customer's. */
export function consultorOfPhone(vez: Vez, telefone: string | undefined): readonly [number, Consultor] | undefined {
  const forms = new Set(telefone === undefined ? [] : phoneForms(telefone))
  const isHis = (his: string | undefined): boolean =>
    his !== undefined && phoneForms(his).some((form) => forms.has(form))
  return [...vez.consultores].find(([, consultor]) => isHis(consultor.telefone))
}

/** An older command is ignored: a platform that was away delivers all at once, and he may have changed his mind since. */
const MAX_AGE_MS = 300_000

/**
 * A consultor never takes a turn of his own; `online` and `offline` switch him, where the account allows it: once a message, so
 * that one delivered again does not undo the next.
 */
export async function obey(
  deps: ChatDeps,
  arrival: Arrival,
  [id, consultor]: readonly [number, Consultor],
): Promise<ChatReply> {
  const { canal, event, now } = arrival
  const word = plainText(event.texto ?? '')
  if (!canal.comandos || (word !== 'online' && word !== 'offline')) return ignored('consultor')
  const { vez, outbox } = deps
  if (event.enviado_em && now.getTime() - event.enviado_em.getTime() > MAX_AGE_MS) return ignored('antiga')
  const tipo = `texto_${word}` as const
  const about = { consultor_nome: consultor.nome }
  // Where he cannot be answered the message is stored all the same, as done: delivered again it is known.
  const tarefa: Tarefa = workOwed(arrival, tipo, about) ?? {
    ...workFor(arrival, tipo, about),
    estado: 'feita',
    encerrada_em: now,
  }
  if (await outbox.has(tarefa._id)) return ignored('comando')
  await vez.submit({ tipo: 'alterar', id, mudanca: { online: word === 'online' } })
  await outbox.insert(tarefa)
  return ignored('comando')
}
