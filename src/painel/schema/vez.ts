import { z } from 'zod'

/** What `Vez` shows: the whole state, sent on each change. Small, since 200 people must fit in 5 kB compressed. */

/** Seconds since 1970, UTC. */
const instante = z.int()
const id = z.int()

/** Why somebody takes no turn: the conditions of the rule, in its order, and why the service took him out of the sequence. */
export const FORA = [
  'inativo',
  'fora_da_sequencia',
  'usuario_do_pipedrive_inativo',
  'equipe',
  'idioma',
  'horario',
  'pausa',
  'offline',
  'limite',
] as const

export const Fora = z.enum(FORA)

export const PRESENCAS = ['online', 'pausa', 'offline'] as const
export const Presenca = z.enum(PRESENCAS)

/** Fields that are absent hold nothing: `null` for each would double what is sent. */
export const Pessoa = z.strictObject({
  id,
  nome: z.string(),
  idiomas: z.array(z.string()),
  equipes: z.array(z.string()).optional(),
  presenca: Presenca,
  /** Since when he is so; absent: since before this was kept. */
  desde: instante.optional(),
  /** Who made him so, in words: `ele mesmo`, `painel`, `API`, `Chatwoot`, `horário`, `Pipedrive`. */
  por: z.string().optional(),
  /** Why he pauses, or was taken out. */
  motivo: z.string().optional(),
  /** When the pause ends by itself. */
  ate: instante.optional(),
  /** All that keeps him out, whatever the language; absent: he takes turns. */
  fora: z.array(Fora).optional(),
  /** The number of the protocol of his last turn: the lowest is next. */
  turno: z.int(),
  /** When that was. */
  ultimo: instante.optional(),
  /** He took one of those who wait, and takes no other one of them before this. */
  retido_ate: instante.optional(),
  /** Open protocols and how many he may have, where there is a limit. */
  abertos: z.int().optional(),
  limite: z.int().optional(),
  /** Inside his hours, and until when; absent: he has no hours. */
  horario: z.strictObject({ dentro: z.boolean(), ate: instante.optional() }).optional(),
})

/** The line of one language, of one team where there are teams. */
export const Fila = z.strictObject({
  idioma: z.string(),
  equipe: z.string().optional(),
  /** Who takes the next turns, by id and in order; the first is next. Empty: nobody can. */
  ordem: z.array(id),
  /** Customers who wait for it, and since when the first of them does. */
  esperando: z.int(),
  espera_desde: instante.optional(),
  /** Why there is nobody: `ninguem_ativo`, `ninguem_fala_o_idioma`, `ninguem_online` …; absent: somebody can. */
  motivo: z.string().optional(),
  /** The same in words. */
  frase: z.string().optional(),
})

/** One of the last turns. */
export const Turno = z.strictObject({
  n: z.int(),
  numero: z.string(),
  em: instante,
  /** Absent: a number without a consultor. */
  consultor_id: id.optional(),
  nome: z.string().optional(),
  idioma: z.string().optional(),
  canal: z.string().optional(),
  /** Absent on the wall. */
  cliente: z.string().optional(),
  por: z.enum(['regra', 'preferido', 'numero', 'ajudou']).optional(),
  /** Among how many. */
  candidatos: z.int().optional(),
  /** Why, in one short sentence. */
  resumo: z.string(),
  /** Since when the customer had waited. */
  esperou_desde: instante.optional(),
})

/** One of the customers who wait. */
export const Esperando = z.strictObject({
  id: z.string(),
  posicao: z.int(),
  idioma: z.string(),
  equipe: z.string().optional(),
  canal: z.string().optional(),
  /** Absent on the wall. */
  cliente: z.string().optional(),
  desde: instante,
  ate: instante,
})

export const Vez = z
  .strictObject({
    /** Version and write: another one is another state, and the lower number may be the newer one. */
    marca: z.string(),
    versao: z.int(),
    /** The server's clock when this was made. */
    agora: instante,
    /** Everybody once, in the order of their turns. */
    pessoas: z.array(Pessoa),
    filas: z.array(Fila),
    /** How many wait in all, and since when the first of them does. */
    esperando: z.int(),
    espera_desde: instante.optional(),
    /** The first 20 of them. */
    espera: z.array(Esperando),
    /** The last ten, the newest first. */
    ultimos: z.array(Turno),
  })
  .meta({ id: 'PainelVez' })

/** How many open protocols each person has, and since when the oldest: asked every 10 s while `Vez` is seen. */
export const Atendendo = z.strictObject({
  pessoas: z.array(z.strictObject({ consultor_id: id, abertos: z.int(), desde: instante })),
  /** Only the newest protocols were counted. */
  limitado: z.boolean(),
})

export type Vez = z.output<typeof Vez>
export type Pessoa = z.output<typeof Pessoa>
export type Fila = z.output<typeof Fila>
export type Turno = z.output<typeof Turno>
export type Esperando = z.output<typeof Esperando>
export type Presenca = z.output<typeof Presenca>
export type Fora = z.output<typeof Fora>
export type Atendendo = z.output<typeof Atendendo>
