import type { Pergunta } from '../../integrations/contract.js'
import { type Tarefa, tarefaId, toFio, toOrdem } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { toChave, toContato } from './ask.js'

export type TextoAvulso = 'texto_em_atendimento' | 'texto_indisponivel' | 'texto_online' | 'texto_offline'

/** A text that answers this message, where the account can send one. The same message never makes it twice. */
export function textOwed(
  canal: Canal,
  evento: Pergunta,
  tipo: TextoAvulso,
  agora: Date,
  about: Pick<Tarefa, 'protocolo' | 'consultor_nome'> = {},
): Tarefa | undefined {
  const { adapter, conta, slug, plataforma } = canal
  if (!adapter.enviar || !(adapter.podeEnviar?.(conta.ajustes) ?? true)) return undefined
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
