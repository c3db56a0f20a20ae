import { z } from 'zod'
import type { DeepReadonly } from '../lib/deep-readonly.js'

/**
 * An object whose unknown fields stay in it, though the types do not tell of them: a newer release that runs beside this one
 * may have added some, and this one must hand them on.
 */
const open = <S extends z.core.$ZodShape>(shape: S): z.ZodType<z.output<z.ZodObject<S>>> => z.looseObject(shape)

export const PRIORIDADES = ['baixa', 'normal', 'alta', 'urgente'] as const
export type Prioridade = (typeof PRIORIDADES)[number]

const text = z.string().exactOptional()

/** A person's pause. */
const pausa = open({
  motivo: text,
  /** When it ends by itself; absent: it does not. */
  ate: z.date().exactOptional(),
  desde: z.date(),
  /** By whom (`por` of the ledger). */
  por: z.string(),
})

/** When somebody works, as it was set for him, for an account or for everybody. */
const agenda = open({
  /** `seg 08:00-12:00 13:00-18:00; ter 08:00-12:00`; absent: what is common, else always. */
  semana: text,
  /** Days off: `2026-12-24`, `2026-12-24/2027-01-02`. */
  folgas: z.array(z.string()).exactOptional(),
  /** `false`: is in on holidays too. */
  feriados: z.boolean().exactOptional(),
  fuso: text,
})

/** Whether somebody is inside his hours. Only a boundary and a change of hours move it: no turn reads a clock. */
const horario = open({
  dentro: z.boolean(),
  /** By his hours; absent: for longer than they were looked back. */
  desde: z.date().exactOptional(),
  /** The next boundary; absent: none. */
  ate: z.date().exactOptional(),
})

/** The hours of a chat account, and of which change of the account they are. */
const conta = open({ agenda, horario: horario.exactOptional(), criado_em: z.date(), rev: z.number() })

const consultor = open({
  nome: z.string(),
  email: text,
  telefone: text,
  id_pipedrive: z.number().exactOptional(),
  ativo: z.boolean(),
  sequencial: z.boolean(),
  online: z.boolean(),
  /** When `online` last changed; absent: before this was kept. */
  desde: z.date().exactOptional(),
  /** Who changed it then (`por` of the ledger), and what he said of it. */
  desde_por: text,
  desde_motivo: text,
  /** He gets no turn while he has one, online or not. */
  pausa: pausa.exactOptional(),
  agenda: agenda.exactOptional(),
  /** Absent: he has no hours. */
  horario: horario.exactOptional(),
  idiomas: z.array(z.string()),
  /** How many open protocols he has at most; absent: as the policy says. */
  limite: z.number().exactOptional(),
  /**
   * Open protocols whose responsável he is: raised by each number that he is given. It is exact only where a limit holds for him,
   * since only then changes of protocols are counted anew.
   */
  abertos: z.number().exactOptional(),
  /** The teams that he is of; absent: of none. */
  equipes: z.array(z.string()).exactOptional(),
  /** The number of the protocol of the last turn: the order of the queue. */
  turno: z.number(),
  /** For people to read; nothing is ordered by it. */
  ultimo_atendimento: z.date().exactOptional(),
  /** When this person last took a customer who had waited. */
  espera_em: z.date().exactOptional(),
  /** Why the service took this person out of the sequence; cleared when a person puts him back or gives him another user. */
  fora_por: z.literal('usuario_do_pipedrive_inativo').exactOptional(),
})

const contato = open({
  /** Every id by which the platform may name this customer, the one that changes least first. */
  ids: z.array(z.string()),
  nome: text,
  telefone: text,
  email: text,
})

/** Whom a request would rather have, and who says so; or why it is not known. */
const preferido = open({
  consultor_id: z.number().exactOptional(),
  /** Who says so: `pedido`, or one of the reasons of whoever looked for him. */
  motivo: z.string(),
})

/** What became of a preference. */
const preferencia = open({
  consultor_id: z.number().nullable(),
  seguida: z.boolean(),
  /** Followed: who said so. Not followed: why not. */
  motivo: z.string(),
})

/** What a request says beyond its language, carried unchanged from the request to the protocol. */
const origem = {
  idioma: text,
  /** The team that it has to be somebody of; absent: of any, or of none. */
  equipe: text,
  plataforma: text,
  canal: text,
  contato: contato.exactOptional(),
  /** Where at the platform an answer goes. */
  conversa: text,
  /** The advertisement that brought the customer. */
  referencia: text,
  /** Idempotency key. */
  chave: text,
  /** SHA-256 of what was asked for; of an Idempotency-Key only. */
  impressao: text,
  descricao: text,
  prioridade: text,
  /** The number of the protocol that this one takes the place of, whose responsável is absent: its copy ends that one. */
  continua: z.number().exactOptional(),
}

const tipos = z.array(z.string())

/** The types of the `tarefas` that each outcome owes, decided with the turn so that a drainer reads no settings. */
const tarefasDevidas = open({
  atribuido: tipos.exactOptional(),
  /** Of a customer who had to wait first; absent: as `atribuido`. */
  servido: tipos.exactOptional(),
  em_espera: tipos.exactOptional(),
  expirada: tipos.exactOptional(),
  /** Of a customer who waited, and was helped by somebody at the platform. */
  ajudou: tipos.exactOptional(),
})

/** A customer who waits for someone to come online. */
const espera = open({
  ...origem,
  /** Opaque: a hash of the key. */
  id: z.string(),
  chave: z.string(),
  idioma: z.string(),
  contato,
  /** Further conversations in which he asked while he waited. */
  outras_conversas: z.array(z.string()).exactOptional(),
  desde: z.date(),
  ate: z.date(),
  tarefas: tarefasDevidas.exactOptional(),
  preferido: preferido.exactOptional(),
})

/** What a write owes to other collections, until the drain has copied it. `lote` and `lugar` together are its identity. */
const devido = {
  ...origem,
  /** The id of the write, in code `writeId`. */
  lote: z.string(),
  /** Place among the events of its write, from 1. */
  lugar: z.number(),
  created_at: z.date(),
  tarefas: tipos.exactOptional(),
  /** Why the database refused it; it stays here until it is accepted. */
  recusada: text,
}

const protocoloPendente = open({
  ...devido,
  tipo: z.literal('protocolo'),
  n: z.number(),
  versao: z.number(),
  consultor_id: z.number().exactOptional(),
  consultor_nome: text,
  /** How it was decided who has the customer; absent: made by release 1.0, which did not keep it. */
  por: z.enum(['regra', 'preferido', 'numero', 'ajudou']).exactOptional(),
  /** By the rule: how many could have got it. */
  candidatos: z.number().exactOptional(),
  /** By the rule: who would have been next. */
  segundo: z.number().exactOptional(),
  /** By the rule: the chosen one's `turno` before it, by which it can be told who stood before him. */
  turno_antes: z.number().exactOptional(),
  /** By the rule: who stood before the chosen one and was passed over, by reason, in the order of the line. */
  pulados: z.record(z.string(), z.array(z.number())).exactOptional(),
  /** How many more there were than `pulados` names, by reason. */
  pulados_cortados: z.record(z.string(), z.number()).exactOptional(),
  /** Since when the customer had waited, and as which entry of the line. */
  esperou_desde: z.date().exactOptional(),
  espera_id: text,
  /** `false`: the consultor's `turno` did not move with it. */
  conta: z.literal(false).exactOptional(),
  preferencia: preferencia.exactOptional(),
  /** Who has him at the platform, where that is no consultor here. */
  atendente: text,
})

/** When it opens, and by which zone's clock that is told. */
const abre = open({ em: z.date(), fuso: z.string() })
export type Abre = DeepReadonly<z.output<typeof abre>>

/** A text owed to a customer who has no protocol (yet). */
const aviso = open({
  ...devido,
  tipo: z.literal('aviso'),
  motivo: z.enum(['em_espera', 'expirada']),
  posicao: z.number().exactOptional(),
  /** When it opens, where nobody is there because of the hour. */
  abre: abre.exactOptional(),
})

/** An entry of a later release: neither copied nor dropped here, but handed on. */
const unknownEntry = open({
  tipo: z.string().refine((tipo) => tipo !== 'protocolo' && tipo !== 'aviso'),
  lote: z.string(),
  lugar: z.number(),
})

/** What a change of the line keeps in the ledger of who was changed, before and after: only what decides whether he is picked. */
const retrato = z.record(z.string(), z.unknown())

/**
 * An event of the ledger: a change of who may be picked, or of who waits. Together with the protocols these are the whole
 * history, in the order of (`versao`, `lugar`). Unlike an entry of `pendentes` it may be of any type: what a later release
 * writes is copied as it stands.
 */
const evento = open({
  lote: z.string(),
  lugar: z.number(),
  versao: z.number(),
  em: z.date(),
  tipo: z.string(),
  /** Whom it is about. */
  consultores: z.array(z.number()).exactOptional(),
  de: retrato.exactOptional(),
  para: retrato.exactOptional(),
  /** By whom: `chave:<id>`, `canal:<slug>`, `eu:<consultor>`, `painel:<session>`, `pipedrive`, `agenda`, `sistema`. */
  por: text,
  motivo: text,
  ate: z.date().exactOptional(),
  /** Of a customer who waits: the id of his entry, never who he is. */
  espera: text,
  canal: text,
  /** The chat accounts whose hours changed by themselves. */
  canais: z.array(z.string()).exactOptional(),
  idioma: text,
  equipe: text,
  /** Of `inicio`: the write after which the roster was as it is told beside. */
  marca: text,
  recusada: text,
})

/** What holds for everybody, and is changed by a command of the line. */
const politica = open({
  /** How many open protocols a consultor has at most, where he has no limit of his own; absent: as many as come. */
  limite: z.number().exactOptional(),
  /** The hours of each consultor who has none of his own. */
  agenda: agenda.exactOptional(),
  feriados: open({
    nacionais: z.boolean().exactOptional(),
    carnaval: z.boolean().exactOptional(),
    corpus_christi: z.boolean().exactOptional(),
    /** `2026-01-25`, or `01-25` of every year. */
    dias: z.array(z.string()).exactOptional(),
  }).exactOptional(),
  /** The time zone of hours that name none; absent: the configured one. */
  fuso: text,
})

const named = <T extends { lote: string }>({ lote, ...rest }: T): Omit<T, 'lote'> & { writeId: string } => ({
  writeId: lote,
  ...rest,
})

const pendente = z.union([protocoloPendente.transform(named), aviso.transform(named), unknownEntry.transform(named)])

const document = z
  .object({
    /** Raised by every write, and with `marca` the guard of the next. */
    versao: z.number(),
    /** The id of the write that made this version: two histories may reach one number, but not one id. */
    marca: z.string(),
    /** The last write of each process, by which it finds out what became of it. */
    autores: z.record(z.string(), open({ lote: z.string(), em: z.date() })),
    /** The last protocol number given. */
    seq: z.number(),
    /** The highest imported number, else 0. */
    base: z.number(),
    /** The highest consultor id ever given: ids are not given twice. */
    ultimo_consultor_id: z.number(),
    consultores: z
      .record(z.string().regex(/^\d+$/), consultor)
      .transform((byId) => new Map(Object.entries(byId).map(([id, one]) => [Number(id), one]))),
    espera: z.array(espera),
    politica: politica.default({}),
    /** Chat accounts that have hours, by slug. */
    contas: z.record(z.string(), conta).default({}),
    pendentes: z.array(pendente),
    /** Events of the ledger that are not copied yet; absent: written by a release that keeps none. */
    eventos: z.array(evento.transform(named)).default([]),
    /**
     * The version of the last write that kept the ledger. Another one than `versao`: a release that keeps none has written
     * since, or nobody has begun yet.
     */
    livro: z.number().exactOptional(),
  })
  .transform(({ marca, autores, ...rest }) => ({
    previousWriteId: marca,
    lastWrites: Object.fromEntries(
      Object.entries(autores).map(([processId, { lote, em: at }]) => [processId, { writeId: lote, at }]),
    ),
    ...rest,
  }))

/** The sequencer's document, `counters/_id: 'vez'`, as the program holds it: immutable, a change is a new object. */
export type Vez = DeepReadonly<z.output<typeof document>>

export type LastWrite = Vez['lastWrites'][string]
export type Consultor = DeepReadonly<z.output<typeof consultor>>
export type Pausa = DeepReadonly<z.output<typeof pausa>>
export type Agenda = DeepReadonly<z.output<typeof agenda>>
export type Horario = DeepReadonly<z.output<typeof horario>>
export type Conta = DeepReadonly<z.output<typeof conta>>
export type ForaPor = NonNullable<Consultor['fora_por']>
export type Politica = DeepReadonly<z.output<typeof politica>>
export type Contato = DeepReadonly<z.output<typeof contato>>
export type Preferido = DeepReadonly<z.output<typeof preferido>>
export type Preferencia = DeepReadonly<z.output<typeof preferencia>>
export type Origem = DeepReadonly<z.output<z.ZodObject<typeof origem>>>
export type TarefasDevidas = DeepReadonly<z.output<typeof tarefasDevidas>>
export type Espera = DeepReadonly<z.output<typeof espera>>
export type Entry = Vez['pendentes'][number]
export type ProtocoloPendente = DeepReadonly<Named<z.output<typeof protocoloPendente>>>
/** What a protocol keeps of how it was decided who has the customer. */
export type Decided = Pick<
  ProtocoloPendente,
  | 'por'
  | 'conta'
  | 'preferencia'
  | 'candidatos'
  | 'segundo'
  | 'turno_antes'
  | 'pulados'
  | 'pulados_cortados'
  | 'esperou_desde'
  | 'espera_id'
>
export type Evento = Vez['eventos'][number]
export type Aviso = DeepReadonly<Named<z.output<typeof aviso>>>
/** What the drain copies. */
export type Pendente = ProtocoloPendente | Aviso

type Named<T extends { lote: string }> = ReturnType<typeof named<T>>

export const isProtocolo = (entry: Entry): entry is ProtocoloPendente => entry.tipo === 'protocolo'

/** Is this an entry that this release copies? */
export const isPendente = (entry: Entry): entry is Pendente => isProtocolo(entry) || entry.tipo === 'aviso'

/** The identity of an entry or an event: no two writes share an id, and within one no two of them a place. */
export const entryId = ({ writeId, lugar }: Pick<Entry, 'writeId' | 'lugar'>): string => `${writeId}:${lugar}`

/** The state of a database in which nothing has happened yet. */
export const emptyVez = (previousWriteId: string): Vez => ({
  versao: 0,
  previousWriteId,
  lastWrites: {},
  seq: 0,
  base: 0,
  ultimo_consultor_id: 0,
  consultores: new Map(),
  espera: [],
  politica: {},
  contas: {},
  pendentes: [],
  eventos: [],
  livro: 0,
})

/** Does the ledger hold all that led to this state? Where not, it begins anew with the roster as it is. */
export const isInLedger = ({ versao, livro }: Pick<Vez, 'versao' | 'livro'>): boolean => versao === livro

/** The snapshot of a stored document. Throws a ZodError when it is not one. */
export const fromDocument = (stored: unknown): Vez => document.parse(stored)

/** Names of stored fields, where they are not those of the code. */
export const toStoredEntry = <T extends Entry | Evento>({ writeId, ...rest }: T) => ({ ...rest, lote: writeId })
export const toStoredWrite = ({ writeId, at }: LastWrite) => ({ lote: writeId, em: at })

/** The document of a whole state, for the first write and for a rebuilt one. */
export function toDocument({ previousWriteId, lastWrites, consultores, pendentes, eventos, ...rest }: Vez) {
  return {
    _id: 'vez' as const,
    ...rest,
    marca: previousWriteId,
    autores: Object.fromEntries(Object.entries(lastWrites).map(([name, write]) => [name, toStoredWrite(write)])),
    consultores: Object.fromEntries(consultores),
    pendentes: pendentes.map(toStoredEntry),
    eventos: eventos.map(toStoredEntry),
  }
}

/** A process asks the others to let it write first. `ms`: how long its attempt takes. `n`: tells two of its claims apart. */
export interface Claim {
  readonly ms: number
  readonly n: number
}

/** By process. */
export type Claims = Readonly<Record<string, Claim>>

const claims = z.object({ querem: z.record(z.string(), z.object({ ms: z.number(), n: z.number() })) })

/** The claims on a stored document, which are no part of its snapshot; none where there is nothing that could be one. */
export const toClaims = (stored: unknown): Claims => claims.safeParse(stored).data?.querem ?? {}
