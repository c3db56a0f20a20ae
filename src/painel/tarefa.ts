import { z } from 'zod'
import { ESTADOS } from '../tarefas/model.js'
import type { Tarefa } from './schema/telas.js'

/** Of a piece of work, as the API tells it, what the pages show. */
export const Lida = z.object({
  id: z.string(),
  tipo: z.string(),
  estado: z.enum(ESTADOS),
  motivo: z.string().nullable(),
  protocolo: z.string().nullable(),
  canal: z.string().nullable(),
  tentativas: z.int(),
  criada_em: z.string(),
  vence_em: z.string(),
  encerrada_em: z.string().nullable(),
})

const TITLES: Readonly<Record<string, string>> = {
  texto_atribuido: 'Texto ao cliente: quem vai atender',
  texto_em_espera: 'Texto ao cliente: está na espera',
  texto_em_atendimento: 'Texto ao cliente: já está com alguém',
  texto_responsavel_ausente: 'Texto ao cliente: o responsável está ausente',
  texto_indisponivel: 'Texto ao cliente: ninguém pode atender',
  texto_expirada: 'Texto ao cliente: a espera acabou',
  nota: 'Nota na conversa',
  atribuir: 'Entregar a conversa ao consultor',
  reatribuir: 'Passar a conversa a outro consultor',
  responsavel: 'Saber quem tem a conversa',
  avisar_consultor: 'Avisar o consultor no WhatsApp dele',
  pipedrive: 'Gravar no Pipedrive',
  pipedrive_status: 'Encerrar a atividade no Pipedrive',
  pipedrive_responsavel: 'Passar o negócio no Pipedrive',
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^incerta/, 'Ninguém sabe se saiu: repetida, pode chegar duas vezes'],
  [/^cancelada/, 'Cancelada por uma pessoa'],
  [/^(tentativas_esgotadas|prazo)/, 'Tentou até o fim do prazo, sem sucesso'],
  [/sem_telefone/, 'O consultor não tem telefone'],
  [/consultor_removido/, 'O consultor foi removido'],
  [/conta_removida/, 'A conta de chat foi removida'],
  [/conta_ilegivel/, 'Este processo não abre os segredos da conta: falta a mesma CHAVE_MESTRA em todos'],
  [/conta_inativa/, 'A conta de chat está desligada'],
  [/instancia_desconectada/, 'O WhatsApp da conta está desconectado'],
  [/:401|:403|chave_errada|token/, 'A plataforma recusou a chave'],
  [/:404/, 'A plataforma não conhece a conversa'],
  [/:429|limite/, 'A plataforma pediu para esperar'],
  [/:5\d\d|tempo|conexao|rede|dns/, 'A plataforma não respondeu'],
]

/** Why, in words; a reason that is not known here as it is: docs/motivos.md has all. */
const reasonOf = (motivo: string | null): string | null =>
  motivo === null ? null : (REASONS.find(([form]) => form.test(motivo))?.[1] ?? motivo.replaceAll('_', ' '))

export function toTarefa(one: z.output<typeof Lida>): Tarefa {
  const n = one.protocolo === null ? null : Number(one.protocolo.replace('#', ''))
  return {
    ...one,
    n,
    titulo: TITLES[one.tipo] ?? one.tipo.replaceAll('_', ' '),
    frase: reasonOf(one.motivo),
    incerta: one.motivo?.startsWith('incerta') === true,
  }
}
