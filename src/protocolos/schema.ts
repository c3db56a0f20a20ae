import { z } from 'zod'
import { whole } from '../http/text.js'
import { PRIORIDADES } from '../vez/document.js'
import { ContatoDaApi, descricao, prioridade } from '../vez/schema.js'
import { type Protocolo, STATUS } from './model.js'

const instant = z.iso.datetime()
const id = z.int()
const status = z.enum(STATUS)

export const Id = z.object({ id: whole(1).meta({ description: 'O número do protocolo', example: '1' }) })

export const NovoProtocolo = z
  .object({
    consultor_id: z.int().min(1),
    contato: ContatoDaApi.nullish(),
    descricao: descricao.nullish(),
    prioridade: prioridade.nullish(),
  })
  .meta({ id: 'NovoProtocolo' })

export const MudancaDeProtocolo = z
  .object({
    descricao: descricao.nullable(),
    prioridade,
    status: status.meta({ description: 'Onde está o atendimento' }),
    responsavel_id: z.int().min(1).nullable().meta({ description: 'Com quem está o cliente agora' }),
  })
  .partial()
  .meta({ id: 'MudancaDeProtocolo', description: 'Só o que muda' })

const when = z.iso
  .datetime({ offset: true, error: 'Use ISO 8601 com fuso, como 2026-01-31T00:00:00Z' })
  .transform((value) => new Date(value))

export const Filtro = z.object({
  consultor_id: whole(1).optional(),
  status: status.optional(),
  desde: when.optional().meta({ description: 'A partir deste instante (ISO 8601)', override: { type: 'string' } }),
  ate: when.optional().meta({ description: 'Antes deste instante (ISO 8601)', override: { type: 'string' } }),
  skip: whole(0).default(0),
  limit: whole(1, 500).default(100),
  ordem: z.enum(['asc', 'desc']).default('asc').meta({ description: 'Os mais antigos primeiro, ou os mais novos' }),
})

export const ProtocoloDaApi = z
  .object({
    id: z.int(),
    numero: z.string().meta({ example: '#00001' }),
    consultor_id: z.int().nullable().meta({ description: 'A quem o turno foi dado: não muda' }),
    created_at: instant,
    consultor_nome: z.string().nullable(),
    responsavel_id: z.int().nullable().meta({ description: 'Com quem está o cliente agora' }),
    status,
    prioridade: z.enum(PRIORIDADES),
    descricao: z.string().nullable(),
    idioma: z.string().nullable(),
    plataforma: z.string().nullable(),
    canal: z.string().nullable(),
    contato: z
      .object({
        nome: z.string().nullable(),
        telefone: z.string().nullable(),
        email: z.string().nullable(),
        ids: z.array(z.string()),
      })
      .nullable(),
    ultimo_contato_em: instant,
    encerrado_em: instant.nullable(),
    anonimizado_em: instant.nullable(),
    id_antigo: z.int().nullable().meta({ description: 'O id no sistema anterior' }),
    historico: z.array(
      z.object({
        em: instant,
        tipo: z.enum(['status', 'responsavel', 'anonimizado', 'pipedrive']),
        de: z.union([z.string(), z.int()]).nullable(),
        para: z.union([z.string(), z.int()]).nullable(),
        motivo: z.string().nullable(),
      }),
    ),
    pipedrive: z
      .object({
        pessoa_id: id.nullable(),
        negocio_id: id.nullable(),
        atividade_id: id.nullable(),
        nota_id: id.nullable(),
        negocio: z.enum(['criado', 'aproveitado', 'mantido_com_outro', 'transferido', 'novo']).nullable(),
        negocio_situacao: z.string().nullable().meta({ example: 'open', description: 'open, won, lost ou deleted' }),
        motivo_da_perda: z.string().nullable(),
        pessoas_duplicadas: z
          .array(id)
          .meta({ description: 'Outras pessoas de lá com este telefone: unir é com vocês' }),
        sem_usuario: z.boolean().meta({ description: 'O usuário do consultor não existe mais lá' }),
      })
      .nullable()
      .meta({ description: 'Os ids no Pipedrive, à medida que são conhecidos' }),
  })
  .meta({ id: 'Protocolo' })

/** A protocol as the API tells it; its keys and marks stay inside. */
export const toApi = (one: Protocolo): z.input<typeof ProtocoloDaApi> => ({
  id: one._id,
  numero: one.numero,
  consultor_id: one.consultor_id ?? null,
  created_at: one.created_at.toISOString(),
  consultor_nome: one.consultor_nome ?? null,
  responsavel_id: one.responsavel_id,
  status: one.status,
  prioridade: one.prioridade,
  descricao: one.descricao ?? null,
  idioma: one.idioma ?? null,
  plataforma: one.plataforma ?? null,
  canal: one.canal ?? null,
  contato: one.contato
    ? {
        nome: one.contato.nome ?? null,
        telefone: one.contato.telefone ?? null,
        email: one.contato.email ?? null,
        ids: [...one.contato.ids],
      }
    : null,
  ultimo_contato_em: one.ultimo_contato_em.toISOString(),
  encerrado_em: one.encerrado_em?.toISOString() ?? null,
  anonimizado_em: one.anonimizado_em?.toISOString() ?? null,
  id_antigo: one.id_antigo ?? null,
  historico: one.historico.map(({ em: at, tipo, de, para, motivo }) => ({
    em: at.toISOString(),
    tipo,
    de: de ?? null,
    para: para ?? null,
    motivo: motivo ?? null,
  })),
  pipedrive: one.pipedrive
    ? {
        pessoa_id: one.pipedrive.pessoa_id ?? null,
        negocio_id: one.pipedrive.negocio_id ?? null,
        atividade_id: one.pipedrive.atividade_id ?? null,
        nota_id: one.pipedrive.nota_id ?? null,
        negocio: one.pipedrive.negocio ?? null,
        negocio_situacao: one.pipedrive.negocio_situacao ?? null,
        motivo_da_perda: one.pipedrive.motivo_da_perda ?? null,
        pessoas_duplicadas: [...(one.pipedrive.duplicadas ?? [])],
        sem_usuario: one.pipedrive.sem_usuario ?? false,
      }
    : null,
})
