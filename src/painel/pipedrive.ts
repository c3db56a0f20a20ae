import { z } from 'zod'
import type { Caller } from '../http/route.js'
import type { PainelDeps } from './deps.js'
import type { Pipedrive } from './schema/gestao.js'

const text = z.string().nullable()
const motivo = z.object({ motivo: z.string() })
const named = z.object({ nome: text }).nullable()

/** Of `GET /pipedrive/estado` what the page shows. */
const Estado = z.object({
  ligado: z.boolean(),
  conta: z.object({ dominio: z.string(), nome: z.string().optional() }).nullable(),
  usuario: z.union([z.object({ id: z.int(), nome: text }), motivo]).nullable(),
  orcamento: z.object({ restante: z.int(), limite: z.int().nullable(), em: text }).nullable(),
  pausas: z.array(z.object({ motivo: z.string(), ate: z.string(), alcance: z.string() })).nullable(),
  fila: z
    .object({
      pendentes: z.int(),
      em_curso: z.int(),
      mortas: z.int(),
      limitada: z.boolean(),
      motivos: z.array(
        z.object({
          estado: z.enum(['morta', 'pendente']),
          tipo: z.string(),
          motivo: z.string(),
          quantas: z.int(),
          desde: z.string(),
          protocolos: z.array(z.string()),
        }),
      ),
    })
    .nullable(),
  ultimo_erro: z.object({ em: z.string(), motivo: z.string() }).nullable(),
  ultima_sincronizacao: z.object({ em: z.string(), protocolo: z.string() }).nullable(),
  em_uso: z
    .union([
      z.object({ funil: named, etapa: named, etiqueta: named, tipo_atividade: z.string(), criar: z.string() }),
      motivo,
    ])
    .nullable(),
  webhooks: z
    .union([
      z.array(
        z.object({ objeto: z.string(), acao: z.string(), ativo: z.boolean(), ultimo_status: z.int().nullable() }),
      ),
      motivo,
    ])
    .nullable(),
  consultores_sem_usuario: z
    .union([z.array(z.object({ consultor_id: z.int(), nome: z.string(), sugestao: z.int().nullable() })), motivo])
    .nullable(),
  recomendacoes: z.array(z.string()).nullable(),
  reconciliado_em: text,
})

/** How the connection to Pipedrive is doing. */
export async function pipedriveOf({ api }: Pick<PainelDeps, 'api'>, caller: Caller): Promise<Pipedrive> {
  const state = Estado.parse((await api()('GET /pipedrive/estado', caller)).body)
  const { conta, usuario, em_uso, webhooks, consultores_sem_usuario: lacking } = state
  const inUse = em_uso === null || 'motivo' in em_uso ? undefined : em_uso
  const places: [string, string | null | undefined][] = [
    ['Cria', inUse?.criar === 'lead' ? 'leads' : 'negócios'],
    ['Funil', inUse?.funil?.nome],
    ['Etapa', inUse?.etapa?.nome],
    ['Etiqueta', inUse?.etiqueta?.nome],
    ['Tipo de atividade', inUse?.tipo_atividade],
  ]
  return {
    ligado: state.ligado,
    conta: conta && (conta.nome ?? conta.dominio),
    usuario: usuario && ('motivo' in usuario ? usuario.motivo : usuario.nome),
    orcamento: state.orcamento,
    pausas: (state.pausas ?? []).map(({ motivo: frase, ate, alcance }) => ({ frase, ate, tudo: alcance === 'tudo' })),
    fila: state.fila,
    ultimo_erro: state.ultimo_erro && { em: state.ultimo_erro.em, frase: state.ultimo_erro.motivo },
    ultima_sincronizacao: state.ultima_sincronizacao,
    webhooks:
      webhooks === null || 'motivo' in webhooks
        ? []
        : webhooks.map(({ objeto, acao, ativo, ultimo_status: status }) => ({ objeto, acao, ativo, status })),
    webhooks_motivo: webhooks !== null && 'motivo' in webhooks ? webhooks.motivo : null,
    sem_usuario: lacking === null || 'motivo' in lacking ? [] : lacking,
    reconciliado_em: state.reconciliado_em,
    em_uso: inUse ? places.flatMap(([nome, valor]) => (valor == null ? [] : [{ nome, valor }])) : [],
    recomendacoes: state.recomendacoes ?? [],
  }
}
