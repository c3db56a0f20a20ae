import type { Pergunta } from '../../integrations/contract.js'
import { ofConversation, type Tarefa, tarefaId, toOrdem } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { canSend, toChave, toContato } from './ask.js'

/** What no turn carries: texts, and the assignment of a further conversation of who is being attended. */
export type Avulsa = 'texto_em_atendimento' | 'texto_indisponivel' | 'texto_online' | 'texto_offline' | 'atribuir'

/** Work that answers this message, where the account can do it. The same message never makes it twice. */
export function workOwed(
  canal: Canal,
  evento: Pergunta,
  tipo: Avulsa,
  agora: Date,
  about: Pick<Tarefa, 'protocolo' | 'consultor_nome'> = {},
): Tarefa | undefined {
  const { adapter, slug } = canal
  if (!canSend(canal) || !adapter[tipo === 'atribuir' ? 'atribuir' : 'enviar']) return undefined
  return {
    _id: tarefaId(toChave(canal, evento, agora), tipo),
    tipo,
    fila: 'chat',
    estado: 'pendente',
    criada_em: agora,
    vence_em: agora,
    ordem: toOrdem(agora),
    tentativas: 0,
    ...ofConversation({
      canal: slug,
      conversa: evento.conversa,
      idioma: evento.contato.idioma ?? canal.idioma,
      contato: toContato(canal, evento.contato),
    }),
    ...about,
  }
}
