import type { Pergunta, Resultado } from '../../integrations/contract.js'
import { phoneForms } from '../lib/phone.js'
import type { Consultor, Vez } from '../vez/state.js'
import type { Canal } from './accounts.js'
import type { ReceiveDeps } from './deps.js'
import { textOwed } from './owed.js'
import { ignored } from './result.js'
import { plainText } from './trigger.js'

/** Whose own phone this is, in any of its forms; `undefined` when it is a customer's. */
export function consultorOfPhone(
  vez: Vez,
  telefone: string | undefined,
): { readonly id: number; readonly consultor: Consultor } | undefined {
  if (telefone === undefined) return undefined
  const forms = new Set(phoneForms(telefone))
  for (const [id, consultor] of vez.consultores) {
    if (consultor.telefone !== undefined && phoneForms(consultor.telefone).some((form) => forms.has(form)))
      return { id, consultor }
  }
  return undefined
}

/** A consultor never takes a turn of his own; `online` and `offline` switch him, where the account allows it. */
export async function obey(
  deps: ReceiveDeps,
  canal: Canal,
  { id, consultor }: { readonly id: number; readonly consultor: Consultor },
  evento: Pergunta,
): Promise<Resultado> {
  const word = plainText(evento.texto ?? '')
  if (!canal.comandos || (word !== 'online' && word !== 'offline')) return ignored('consultor')
  const { vez, clock, insertTarefa } = deps
  await vez.submit({ tipo: 'alterar', id, mudanca: { online: word === 'online' } })
  const tarefa = textOwed(canal, evento, `texto_${word}`, clock.now(), { consultor_nome: consultor.nome })
  if (tarefa) await insertTarefa(tarefa)
  return ignored('comando')
}
