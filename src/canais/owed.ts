import type { Pergunta } from '../../integrations/contract.js'
import { type Tarefa, tarefaId, toFio, toOrdem } from '../tarefas/model.js'
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
  const { adapter, slug, plataforma } = canal
  if (!canSend(canal) || !adapter[tipo === 'atribuir' ? 'atribuir' : 'enviar']) return undefined
  const chave = toChave(canal, evento, agora)
  return {
    _id: tarefaId(chave, tipo),
    tipo,
    estado: 'pendente',
    criada_em: agora,
    vence_em: agora,
    ordem: toOrdem(agora),
    tentativas: 0,
    fio: toFio(slug, evento.conversa),
    chave,
    plataforma,
    canal: slug,
    conversa: evento.conversa,
    idioma: evento.contato.idioma ?? canal.idioma,
    contato: toContato(canal, evento.contato),
    ...about,
  }
}
