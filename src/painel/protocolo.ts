import { z } from 'zod'
import { STATUS } from '../protocolos/model.js'
import type { Vez } from '../vez/document.js'
import { PRIORIDADES } from '../vez/document.js'
import type { ProtocoloNaLista } from './schema/telas.js'

const text = z.string().nullable()
const id = z.int().nullable()

/** Of a protocol, as the API tells it, what the pages show. */
export const Lido = z.object({
  id: z.int(),
  numero: z.string(),
  created_at: z.string(),
  consultor_id: id,
  consultor_nome: text,
  responsavel_id: id,
  status: z.enum(STATUS),
  prioridade: z.enum(PRIORIDADES),
  descricao: text,
  idioma: text,
  plataforma: text,
  canal: text,
  contato: z.object({ nome: text, telefone: text, email: text }).nullable(),
  continua: id,
  esperou_desde: text,
  ultimo_contato_em: z.string(),
  encerrado_em: text,
  anonimizado_em: text,
  historico: z.array(
    z.object({
      em: z.string(),
      tipo: z.string(),
      de: z.union([z.string(), z.int()]).nullable(),
      para: z.union([z.string(), z.int()]).nullable(),
      motivo: text,
    }),
  ),
  pipedrive: z
    .object({
      pessoa_id: id,
      negocio_id: id,
      lead_id: text,
      atividade_id: id,
      negocio_situacao: text,
      motivo_da_perda: text,
      pessoas_duplicadas: z.array(z.int()),
      sem_usuario: z.boolean(),
      dono_recusado: z.unknown().nullable(),
    })
    .nullable(),
})
export type Lido = z.output<typeof Lido>

const DOTS = '•••••'

/** A telephone of which the middle is hidden: `+55 11 •••••-4321`. */
export function masked(telefone: string | null | undefined): string | null {
  if (telefone == null) return null
  const end = telefone.slice(-4)
  const begin = telefone.startsWith('+55') ? `+55 ${telefone.slice(3, 5)} ` : `${telefone.slice(0, 3)} `
  return telefone.length < 10 ? `${DOTS}${end.slice(-2)}` : `${begin}${DOTS}-${end}`
}

/** Where WhatsApp opens a conversation with this number. */
export const whatsappOf = (telefone: string | null | undefined): string | null =>
  telefone == null ? null : `https://wa.me/${telefone.replace(/\D/g, '')}`

/** A protocol in a list; the telephone masked. */
export function toLinha(one: Lido, { consultores }: Pick<Vez, 'consultores'>): ProtocoloNaLista {
  const { responsavel_id, consultor_id, pipedrive } = one
  const atendente = one.historico.findLast(({ tipo }) => tipo === 'responsavel')?.para
  const named = typeof atendente === 'string' ? { consultor_id: null, nome: atendente } : null
  return {
    n: one.id,
    numero: one.numero,
    em: one.created_at,
    cliente: one.contato?.nome ?? null,
    telefone: masked(one.contato?.telefone),
    consultor: consultor_id === null ? null : { consultor_id, nome: one.consultor_nome },
    responsavel:
      responsavel_id === null
        ? named
        : { consultor_id: responsavel_id, nome: consultores.get(responsavel_id)?.nome ?? null },
    idioma: one.idioma,
    canal: one.canal,
    plataforma: one.plataforma,
    status: one.status,
    prioridade: one.prioridade,
    continua: one.continua,
    negocio: pipedrive?.negocio_id?.toString() ?? pipedrive?.lead_id ?? null,
  }
}
