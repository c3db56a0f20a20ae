import { z } from 'zod'
import { instant, language, orNull, TELEPHONE, telephone, text } from '../http/text.js'
import { toNumero } from '../lib/numero.js'
import { omitUndefined } from '../lib/omit.js'
import { type Consultor, type Contato, PRIORIDADES, type Vez } from './document.js'
import type { CommandResult, Position } from './rules/commands.js'
import { MAX_NOME } from './rules/draft.js'
import { failuresOf, type Wanted } from './rules/eligibility.js'
import { turnOrder } from './rules/line.js'
import { distinctTeams, isOfTeam, MAX_EQUIPE } from './rules/teams.js'
import type { Upcoming } from './rules/upcoming.js'

export const Idioma = language.meta({ description: 'Código do idioma (pt, en, es, pt-BR …)', example: 'pt' })

export const Equipe = text(1, MAX_EQUIPE).meta({
  description: 'Uma equipe; maiúsculas e acentos não contam',
  example: 'vendas',
})

export const descricao = text(1, 500).meta({ description: 'O que o cliente quer' })
export const prioridade = z.enum(PRIORIDADES).meta({ description: 'Quando não vem: normal' })

/** Its length first: a pattern may take long on a long text. */
const email = z.string().max(255, { abort: true }).check(z.email())

export const ContatoDaApi = z
  .strictObject({
    nome: text(1, 255)
      .transform((nome) => nome.slice(0, MAX_NOME))
      .nullish(),
    telefone: telephone.nullish().meta(TELEPHONE),
    email: email.nullish(),
    id: text(1, 128).nullish().meta({ description: 'O id do cliente no sistema que chama' }),
  })
  .meta({ id: 'Contato', description: 'O cliente' })

/** The same on a call of the old system, which ignores what it does not know. */
export const ContatoComExtras = z.object(ContatoDaApi.shape).meta({ id: 'ContatoComExtras', description: 'O cliente' })

export const PedidoDaApi = z
  .strictObject({
    idioma: Idioma,
    contato: ContatoDaApi.nullish(),
    equipe: Equipe.nullish().meta({ description: 'Só alguém desta equipe; quando não vem, qualquer um' }),
    descricao: descricao.nullish(),
    prioridade: prioridade.nullish(),
    preferido: z.int().min(1).nullish().meta({
      description:
        'O id de um consultor: se ele pode atender agora, é dele, e ele não perde o lugar na fila; se não, a vez é de quem a regra escolhe. O protocolo diz em `preferencia` o que aconteceu',
    }),
  })
  .meta({ id: 'PedidoDeVez' })

/** The customer as a protocol remembers him; `undefined` when nothing is known of him. */
export function toContato(given: z.output<typeof ContatoDaApi> | null | undefined): Contato | undefined {
  const { nome, telefone, email, id } = given ?? {}
  const ids = [...(id == null ? [] : [`api:${id}`]), ...(telefone == null ? [] : [`tel:${telefone}`])]
  if (ids.length === 0 && nome == null && email == null) return undefined
  return { ids, ...(nome != null && { nome }), ...(telefone != null && { telefone }), ...(email != null && { email }) }
}

export const ConsultorDaVez = z
  .object({
    consultor_id: z.int().meta({ example: 1 }),
    consultor_nome: z.string().meta({ example: 'João Silva' }),
    consultor_email: z.string().nullable().meta({ example: 'joao@exemplo.com.br' }),
    consultor_telefone: z.string().nullable().meta({ example: '+5511987654321' }),
    consultor_idiomas: z
      .array(z.string())
      .nullable()
      .meta({ example: ['pt', 'en'] }),
    consultor_status_online: z.boolean().nullable(),
    consultor_atendimento_iso: z.iso.datetime().meta({ description: 'O instante do turno (UTC)' }),
    consultor_id_pipedrive: z.int().nullable().meta({ example: 456 }),
    protocolo: z.string().meta({ example: '#00001' }),
    numero_protocolo: z.string().meta({ example: '#00001', description: 'O mesmo que `protocolo`' }),
  })
  .meta({ id: 'ConsultorDaVez' })

const people = z.int().min(1).optional()

/** How many of the consultores each condition keeps out of a turn, as the first one that fails of them. */
export const Fora = z
  .strictObject({
    inativo: people,
    fora_da_sequencia: people,
    equipe: people,
    idioma: people,
    horario: people,
    pausa: people,
    offline: people,
    limite: people,
  })
  .meta({
    id: 'Fora',
    description: 'Quantos consultores não podem, pelo primeiro motivo de cada um',
    example: { offline: 2, idioma: 1 },
  })

/** Why nobody can. */
export const MOTIVOS = [
  'ninguem_ativo',
  'ninguem_da_equipe',
  'ninguem_fala_o_idioma',
  'fora_do_horario',
  'todos_em_pausa',
  'ninguem_online',
  'todos_no_limite',
] as const
const Motivo = z.enum(MOTIVOS)

export const NinguemDisponivel = z
  .object({
    detail: z.string(),
    motivo: Motivo.meta({ description: 'docs/motivos.md diz o que fazer', example: 'ninguem_online' }),
    fora: Fora,
    abre_em: instant.optional().meta({ description: 'De `fora_do_horario`: quando alguém está lá de novo' }),
  })
  .meta({ id: 'NinguemDisponivel' })

type Atribuido = Extract<CommandResult, { situacao: 'atribuido' }>

/** A replay tells person, number and instant of the turn; the rest is as it is today, or `null` when the person is gone. */
export function toConsultorDaVez({ atribuicao, consultor }: Atribuido): z.input<typeof ConsultorDaVez> {
  const numero = toNumero(atribuicao.n)
  return {
    consultor_id: atribuicao.consultor_id ?? 0,
    consultor_nome: atribuicao.consultor_nome ?? '',
    consultor_email: consultor?.email ?? null,
    consultor_telefone: consultor?.telefone ?? null,
    consultor_idiomas: consultor ? [...consultor.idiomas] : null,
    consultor_status_online: consultor?.online ?? null,
    consultor_atendimento_iso: atribuicao.created_at.toISOString(),
    consultor_id_pipedrive: consultor?.id_pipedrive ?? null,
    protocolo: numero,
    numero_protocolo: numero,
  }
}

/** How many the next ones are that are shown at once. */
export const MAX_PREVIA = 100

export const Previa = z
  .object({
    versao: z.int(),
    idioma: z.string(),
    equipe: orNull(z.string()),
    proximos: z
      .array(z.object({ posicao: z.int().min(1), consultor_id: z.int(), nome: z.string() }))
      .meta({ description: 'Na ordem; depois do último da equipe vem de novo o primeiro. Vazio: ninguém pode agora' }),
    motivo: orNull(Motivo, { description: 'Por que não há ninguém' }),
    fora: orNull(Fora),
    abre_em: orNull(instant, { description: 'De `fora_do_horario`: quando alguém está lá de novo' }),
  })
  .meta({ id: 'Previa' })

/** Whom the next turns would go to. */
export function toPrevia(vez: Vez, wanted: Wanted, { ids, nobody }: Upcoming): z.input<typeof Previa> {
  const proximos = ids.map((consultor_id, place) => ({
    posicao: place + 1,
    consultor_id,
    nome: vez.consultores.get(consultor_id)?.nome ?? '',
  }))
  const { motivo, fora, abre } = nobody ?? {}
  return { versao: vez.versao, ...wanted, proximos, motivo, fora, abre_em: abre?.em }
}

const Lugar = z.object({
  consultor_id: z.int(),
  nome: z.string(),
  turno: z.int().meta({ description: 'Número do protocolo do último turno: o menor é o próximo' }),
  ultimo_atendimento: z.iso.datetime().nullable(),
})

const Ordens = z.array(z.object({ idioma: z.string(), ordem: z.array(Lugar) }))

export const Fila = z
  .object({
    versao: z.int(),
    ultimo_protocolo: z.string().nullable().meta({ example: '#00042' }),
    idiomas: Ordens,
    equipes: z
      .array(z.object({ equipe: z.string(), idiomas: Ordens }))
      .meta({ description: 'A ordem de cada idioma entre os de uma equipe, para os pedidos com `equipe`' }),
    fora: z
      .array(
        z.object({
          consultor_id: z.int(),
          nome: z.string(),
          motivos: z.array(
            z.enum([
              'inativo',
              'fora_da_sequencia',
              'horario',
              'pausa',
              'offline',
              'limite',
              'usuario_do_pipedrive_inativo',
            ]),
          ),
          desde: orNull(instant, { description: 'Desde quando está em pausa, ou se não em pausa, offline' }),
          ate: orNull(instant, { description: 'Quando a pausa acaba sozinha' }),
          por: orNull(z.string(), {
            description: 'Quem o pôs em pausa ou offline: `chave:<id>`, `canal:<slug>`, `sistema` …',
            example: 'canal:vendas',
          }),
          motivo: orNull(z.string(), { description: 'O que essa pessoa disse disso', example: 'almoço' }),
          horario_desde: instant.optional().meta({ description: 'De quem está fora do horário: desde quando' }),
          horario_ate: instant.optional().meta({ description: 'De quem está fora do horário: até quando' }),
        }),
      )
      .meta({ description: 'Quem não recebe a vez agora, e por quê' }),
    em_espera: z.int().meta({ description: 'Clientes que esperam por um consultor' }),
  })
  .meta({ id: 'Fila' })

/** The queue as it is: the order of each language that somebody speaks, and who is out. */
export function toFila(vez: Vez): z.input<typeof Fila> {
  const roster = [...vez.consultores].sort(([a], [b]) => a - b)
  return {
    versao: vez.versao,
    ultimo_protocolo: vez.seq === 0 ? null : toNumero(vez.seq),
    idiomas: ordersOf(vez, roster),
    equipes: distinctTeams(roster.flatMap(([, { equipes = [] }]) => equipes))
      .sort()
      .map((equipe) => ({ equipe, idiomas: ordersOf(vez, roster, equipe) })),
    fora: roster.flatMap(([consultor_id, consultor]) => {
      const motivos = whyOut(consultor, vez)
      return motivos.length > 0
        ? [{ consultor_id, nome: consultor.nome, motivos, ...presenceOf(consultor), ...outsideOf(consultor) }]
        : []
    }),
    em_espera: vez.espera.length,
  }
}

/** All that keeps this person out, and next to `fora_da_sequencia` why the service took him out of it. */
const whyOut = (consultor: Consultor, vez: Vez): z.input<typeof Fila>['fora'][number]['motivos'] =>
  failuresOf(consultor, vez).flatMap((one) =>
    one === 'fora_da_sequencia' && consultor.fora_por !== undefined ? [one, consultor.fora_por] : [one],
  )

const outsideOf = ({ horario }: Consultor): { horario_desde?: Date; horario_ate?: Date } =>
  horario?.dentro === false ? omitUndefined({ horario_desde: horario.desde, horario_ate: horario.ate }) : {}

/** Since when, until when, by whom and why somebody is in pause or, where he is not, offline. */
function presenceOf({ pausa, online, desde, desde_por, desde_motivo }: Consultor) {
  if (pausa) return pausa
  return online ? {} : { desde, por: desde_por, motivo: desde_motivo }
}

/** The order of each language that somebody speaks, of a team or of all. */
function ordersOf(
  vez: Vez,
  roster: readonly (readonly [number, Consultor])[],
  equipe?: string,
): z.input<typeof Ordens> {
  const members = roster.filter(([, one]) => isOfTeam(one, equipe))
  const idiomas = [...new Set(members.flatMap(([, one]) => one.idiomas))].sort()
  return idiomas.map((idioma) => ({ idioma, ordem: order(vez, omitUndefined({ idioma, equipe })) }))
}

function order(vez: Vez, wanted: Wanted): z.input<typeof Lugar>[] {
  return turnOrder(vez, wanted).flatMap((consultor_id) => {
    const consultor = vez.consultores.get(consultor_id)
    if (!consultor) return []
    const { nome, turno, ultimo_atendimento } = consultor
    return [{ consultor_id, nome, turno, ultimo_atendimento: ultimo_atendimento?.toISOString() ?? null }]
  })
}

/** The header by which a history can be sorted and replayed (docs/guarantees.md#the-order-of-turns). */
export const toHeader = ({ versao, lugar }: Position): { 'X-Vez-Versao': string } => ({
  'X-Vez-Versao': `${versao}.${lugar}`,
})
