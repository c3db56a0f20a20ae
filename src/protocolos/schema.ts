import { z } from 'zod'
import { laxInteger } from '../http/lax.js'
import { instant, integer, integerOr, orNull } from '../http/text.js'
import { PRIORIDADES } from '../vez/document.js'
import { ContatoComExtras, descricao, prioridade } from '../vez/schema.js'
import { type Protocolo, STATUS } from './model.js'

const id = z.int()
const status = z.enum(STATUS)

export const Id = z.object({ id: integer(1).meta({ description: 'O número do protocolo, sem o `#`' }) })

export const NovoProtocolo = z
  .object({
    consultor_id: laxInteger(1),
    contato: ContatoComExtras.nullish(),
    descricao: descricao.nullish(),
    prioridade: prioridade.nullish(),
  })
  .meta({ id: 'NovoProtocolo' })

export const NumeroDeProtocolo = z
  .object({ numero_protocolo: z.string().meta({ example: '#00001' }) })
  .meta({ id: 'NumeroDeProtocolo' })

export const MudancaDeProtocolo = z
  .strictObject({
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
  consultor_id: integer(1).optional(),
  status: status.optional(),
  desde: when.optional().meta({ description: 'A partir deste instante (ISO 8601)', override: { type: 'string' } }),
  ate: when.optional().meta({ description: 'Antes deste instante (ISO 8601)', override: { type: 'string' } }),
  skip: integerOr(0, 0).meta({ description: 'Quantos pular' }),
  limit: integerOr(100, 1, 500).meta({ description: 'Quantos, no máximo' }),
  ordem: z.enum(['asc', 'desc']).default('asc').meta({ description: 'Os mais antigos primeiro, ou os mais novos' }),
})

export const ProtocoloDaApi = z
  .object({
    id: z.int(),
    numero: z.string().meta({ example: '#00001' }),
    consultor_id: orNull(z.int(), { description: 'A quem o turno foi dado: não muda' }),
    created_at: instant,
    consultor_nome: orNull(z.string()),
    responsavel_id: orNull(z.int(), { description: 'Com quem está o cliente agora' }),
    status,
    prioridade: z.enum(PRIORIDADES),
    descricao: orNull(z.string()),
    idioma: orNull(z.string()),
    plataforma: orNull(z.string()),
    canal: orNull(z.string()),
    contato: orNull(
      z.object({
        nome: orNull(z.string()),
        telefone: orNull(z.string()),
        email: orNull(z.string()),
        ids: z.array(z.string()),
      }),
    ),
    continua: orNull(id, { description: 'O protocolo que este continua: o responsável dele estava ausente' }),
    preferencia: orNull(
      z.object({
        consultor_id: orNull(id),
        seguida: z.boolean(),
        motivo: z.string().meta({
          description:
            'Seguida: quem o pediu (`pedido`, ou onde foi achado). Não seguida: por quê (`offline`, `idioma`, `inativo` …)',
          example: 'pedido',
        }),
      }),
      { description: 'Se o pedido preferia alguém: quem, e se foi ele' },
    ),
    ultimo_contato_em: instant,
    encerrado_em: orNull(instant),
    anonimizado_em: orNull(instant),
    id_antigo: orNull(z.int(), { description: 'O id no sistema anterior' }),
    historico: z.array(
      z.object({
        em: instant,
        tipo: z.enum(['status', 'responsavel', 'anonimizado', 'pipedrive']),
        de: orNull(z.union([z.string(), z.int()])),
        para: orNull(z.union([z.string(), z.int()])),
        motivo: orNull(z.string()),
        protocolo: id.optional().meta({ description: 'O protocolo que continua este, quando `motivo` é `continuado`' }),
      }),
    ),
    pipedrive: orNull(
      z.object({
        pessoa_id: orNull(id),
        negocio_id: orNull(id),
        atividade_id: orNull(id),
        nota_id: orNull(id),
        negocio: orNull(z.enum(['criado', 'aproveitado', 'mantido_com_outro', 'transferido', 'novo'])),
        negocio_situacao: orNull(z.string(), { example: 'open', description: 'open, won, lost, archived ou deleted' }),
        motivo_da_perda: orNull(z.string()),
        pessoas_duplicadas: z
          .array(id)
          .meta({ description: 'Outras pessoas de lá com este telefone: unir é com vocês' })
          .prefault([]),
        sem_usuario: z.boolean().meta({ description: 'O usuário do consultor não existe mais lá' }).prefault(false),
        dono_recusado: orNull(z.object({ em: instant, status: z.int(), codigo: orNull(z.string()) }), {
          description:
            'O Pipedrive não deixou dar o negócio, a atividade ou a pessoa ao responsável: lá está com quem estava',
        }),
      }),
      { description: 'Os ids no Pipedrive, à medida que são conhecidos' },
    ),
  })
  .meta({ id: 'Protocolo' })

/** A protocol as the API tells it; its keys and marks stay inside. */
export const toApi = ({ pipedrive, ...rest }: Protocolo) => ({
  ...rest,
  id: rest._id,
  pipedrive: pipedrive && { ...pipedrive, pessoas_duplicadas: pipedrive.duplicadas },
})
