import { z } from 'zod'
import type { Claims } from './claims.js'
import type { Vez } from './state.js'

/** Rooms for a field that a newer release adds: an older one beside it must hand it on, not lose it. */
const consultor = z.looseObject({
  nome: z.string(),
  email: z.string().exactOptional(),
  telefone: z.string().exactOptional(),
  id_pipedrive: z.number().exactOptional(),
  ativo: z.boolean(),
  sequencial: z.boolean(),
  online: z.boolean(),
  idiomas: z.array(z.string()),
  turno: z.number(),
  ultimo_atendimento: z.date().exactOptional(),
  espera_em: z.date().exactOptional(),
  fora_por: z.literal('usuario_do_pipedrive_inativo').exactOptional(),
})

const contato = z.looseObject({
  ids: z.array(z.string()),
  nome: z.string().exactOptional(),
  telefone: z.string().exactOptional(),
  email: z.string().exactOptional(),
})

const origem = {
  idioma: z.string().exactOptional(),
  plataforma: z.string().exactOptional(),
  canal: z.string().exactOptional(),
  contato: contato.exactOptional(),
  conversa: z.string().exactOptional(),
  referencia: z.string().exactOptional(),
  chave: z.string().exactOptional(),
  impressao: z.string().exactOptional(),
  descricao: z.string().exactOptional(),
  prioridade: z.string().exactOptional(),
}

const tarefas = z.array(z.string())

const espera = z.looseObject({
  ...origem,
  id: z.string(),
  chave: z.string(),
  idioma: z.string(),
  contato,
  desde: z.date(),
  ate: z.date(),
  tarefas: z
    .looseObject({
      atribuido: tarefas.exactOptional(),
      servido: tarefas.exactOptional(),
      em_espera: tarefas.exactOptional(),
      expirada: tarefas.exactOptional(),
    })
    .exactOptional(),
})

const devido = {
  ...origem,
  lote: z.string(),
  lugar: z.number(),
  created_at: z.date(),
  tarefas: tarefas.exactOptional(),
  recusada: z.string().exactOptional(),
}

const pendente = z.discriminatedUnion('tipo', [
  z.looseObject({
    ...devido,
    tipo: z.literal('protocolo'),
    n: z.number(),
    versao: z.number(),
    consultor_id: z.number().exactOptional(),
    consultor_nome: z.string().exactOptional(),
  }),
  z.looseObject({
    ...devido,
    tipo: z.literal('aviso'),
    motivo: z.enum(['em_espera', 'expirada']),
    posicao: z.number().exactOptional(),
  }),
])

const document = z.object({
  versao: z.number(),
  marca: z.string(),
  autores: z.record(z.string(), z.looseObject({ lote: z.string(), em: z.date() })),
  seq: z.number(),
  base: z.number(),
  ultimo_consultor_id: z.number(),
  consultores: z
    .record(z.string().regex(/^\d+$/), consultor)
    .transform((byId) => new Map(Object.entries(byId).map(([id, one]) => [Number(id), one]))),
  espera: z.array(espera),
  pendentes: z.array(pendente),
})

/** The image of a stored document. Throws a ZodError when it is not one. */
export const fromDocument = (stored: unknown): Vez => document.parse(stored)

const claims = z.object({ querem: z.record(z.string(), z.object({ ms: z.number(), n: z.number() })) })

/** The claims on a stored document, which are no part of its image; none where there is nothing that could be one. */
export const toClaims = (stored: unknown): Claims => claims.safeParse(stored).data?.querem ?? {}

/** The document of a whole state, for the first write and for a rebuilt one. */
export const toDocument = (
  vez: Vez,
): Omit<Vez, 'consultores'> & { _id: 'vez'; consultores: Record<string, unknown> } => ({
  _id: 'vez',
  ...vez,
  consultores: Object.fromEntries(vez.consultores),
})
