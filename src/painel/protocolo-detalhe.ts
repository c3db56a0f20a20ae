import { z } from 'zod'
import type { Caller } from '../http/route.js'
import { toNumero } from '../lib/numero.js'
import type { Protocolo } from '../protocolos/model.js'
import { ProtocoloDaApi, toApi } from '../protocolos/schema.js'
import { conversationKeyOf, customerKeyOf, type Tarefa as Work } from '../tarefas/model.js'
import type { PainelDeps } from './deps.js'
import { historyOf } from './historia.js'
import { Lido, toLinha } from './protocolo.js'
import { Lida, toTarefa } from './tarefa.js'

/** A protocol as the API tells it, read. */
export const toLido = (protocolo: Protocolo): Lido => Lido.parse(ProtocoloDaApi.parse(toApi(protocolo)))

const Told = z.object({
  frase: z.string(),
  por: z.enum(['regra', 'preferido', 'numero', 'ajudou']).nullable(),
  candidatos: z.int().nullable(),
  antes: z.array(
    z.object({ consultor_id: z.int(), nome: z.string().nullable(), motivo: z.string(), desde: z.string().nullable() }),
  ),
  pulados_cortados: z.record(z.string(), z.int()).nullable(),
  depois: z.object({ consultor_id: z.int(), nome: z.string().nullable() }).nullable(),
  perguntado: z
    .object({ consultor_id: z.int(), nome: z.string().nullable(), motivo: z.string(), frase: z.string() })
    .nullable(),
})

/** Why a protocol went to whom it went; with an id, why not to this person. */
export async function whyOf({ api }: PainelDeps, n: number, caller: Caller, consultor_id?: number) {
  const query = consultor_id === undefined ? {} : { consultor_id: String(consultor_id) }
  const { body } = await api()('GET /protocolo/:id/porque', caller, { params: { id: String(n) }, query })
  const { pulados_cortados, ...why } = Told.parse(body)
  return { ...why, mais: pulados_cortados }
}

/** A protocol with why it went to whom, what became of it and what is owed for it. */
export async function detailOf(deps: PainelDeps, protocolo: Protocolo, caller: Caller) {
  const snapshot = await deps.vez.readFresh()
  const lido = toLido(protocolo)
  const [porque, trabalho] = await Promise.all([whyOf(deps, protocolo.n, caller), workOf(deps, protocolo)])
  const { pipedrive } = lido
  return {
    ...toLinha(lido, snapshot),
    descricao: lido.descricao,
    email: lido.contato?.email ?? null,
    tem_telefone: lido.contato?.telefone != null,
    ultimo_contato_em: lido.ultimo_contato_em,
    encerrado_em: lido.encerrado_em,
    anonimizado_em: lido.anonimizado_em,
    esperou_desde: lido.esperou_desde,
    porque,
    historia: historyOf(protocolo, snapshot),
    trabalho,
    pipedrive: pipedrive && {
      pessoa: pipedrive.pessoa_id?.toString() ?? null,
      negocio: pipedrive.negocio_id?.toString() ?? null,
      lead: pipedrive.lead_id,
      atividade: pipedrive.atividade_id?.toString() ?? null,
      situacao: pipedrive.negocio_situacao,
      motivo_da_perda: pipedrive.motivo_da_perda,
      avisos: [
        ...(pipedrive.pessoas_duplicadas.length > 0 ? ['Há outras pessoas no Pipedrive com este telefone'] : []),
        ...(pipedrive.sem_usuario ? ['O usuário do consultor não existe mais no Pipedrive'] : []),
        ...(pipedrive.dono_recusado == null ? [] : ['O Pipedrive não deixou passar o negócio ao responsável']),
      ],
    },
    conversa: conversationOf(deps, protocolo),
  }
}

/** Where the conversation is opened at its platform. */
export function conversationOf(
  { chat }: Pick<PainelDeps, 'chat'>,
  { canal: slug, conversa, contato }: Pick<Protocolo, 'canal' | 'conversa' | 'contato'>,
): string | null {
  const canal = slug === undefined ? undefined : chat.accountOf(slug)
  if (!canal || conversa === undefined) return null
  return canal.adapter.link?.(canal.conta, { conversa, telefone: contato?.telefone }) ?? null
}

/** What is owed to others for this protocol, or was: of the last 30 days. */
async function workOf({ outbox }: PainelDeps, protocolo: Protocolo) {
  const keys = [conversationKeyOf(protocolo), customerKeyOf(protocolo.contato)].filter((one) => one !== undefined)
  const found = (await Promise.all(keys.map((key) => outbox.recentOf(key)))).flat()
  return found
    .filter(({ payload }) => payload.protocolo === protocolo.n)
    .sort((one, other) => one.criada_em.getTime() - other.criada_em.getTime())
    .map((one) => toTarefa(Lida.parse(told(one))))
}

const told = ({ _id, tipo, estado, motivo, payload, tentativas, criada_em, vence_em, encerrada_em }: Work) => ({
  id: _id,
  tipo,
  estado,
  motivo: motivo ?? null,
  protocolo: payload.protocolo === undefined ? null : toNumero(payload.protocolo),
  canal: payload.canal ?? null,
  tentativas,
  criada_em: criada_em.toISOString(),
  vence_em: vence_em.toISOString(),
  encerrada_em: encerrada_em?.toISOString() ?? null,
})
