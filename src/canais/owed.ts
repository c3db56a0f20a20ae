import type { InboundMessage } from '../../integrations/contract.js'
import { ofConversation, type Tarefa, tarefaId, toOrdem } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { canSend, toChave, toContato } from './ask.js'

/** What no turn carries: texts, and the assignment of a further conversation of who is being attended. */
export type Avulsa = 'texto_em_atendimento' | 'texto_indisponivel' | 'texto_online' | 'texto_offline' | 'atribuir'

/** Work that answers this message, where the account can do it. The same message never makes it twice. */
export function workOwed(
  canal: Canal,
  evento: InboundMessage,
  tipo: Avulsa,
  agora: Date,
  about: Pick<Tarefa, 'protocolo' | 'consultor_nome'> = {},
): Tarefa | undefined {
  if (!canSend(canal) || !canal.adapter[tipo === 'atribuir' ? 'assign' : 'sendText']) return undefined
  return workFor(canal, evento, tipo, agora, about)
}

/** The same, though nobody may be able to do it: what is done already is remembered so. */
export function workFor(
  canal: Canal,
  evento: InboundMessage,
  tipo: Avulsa,
  agora: Date,
  about: Pick<Tarefa, 'protocolo' | 'consultor_nome'>,
): Tarefa {
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
      canal: canal.slug,
      conversa: evento.conversa,
      idioma: evento.contato.idioma ?? canal.idioma,
      contato: toContato(canal, evento.contato),
    }),
    ...about,
  }
}
