import { z } from 'zod'
import { laxInteger } from '../http/lax.js'
import { instant, integer, integerOr, orNull, text } from '../http/text.js'
import { addDays, isDay, type LocalTime } from '../lib/local-time.js'
import { PRIORIDADES } from '../vez/document.js'
import { MAX_EQUIPE } from '../vez/rules/teams.js'
import { ContatoComExtras, descricao, prioridade } from '../vez/schema.js'
import { toContactQuery } from './contact-query.js'
import { type Protocolo, STATUS } from './model.js'
import type { Continua } from './search-part.js'

const id = z.int()
const status = z.enum(STATUS)

export const Id = z.object({
  id: z
    .string()
    .transform((written) => written.replace(/^#/, ''))
    .pipe(integer(1))
    .meta({
      description: 'O número do protocolo, como `1`, `00001` ou `%2300001`',
      override: { type: 'integer', minimum: 1 },
    }),
})

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

/** Days outside of these are taken for the nearest of them: no protocol is older or newer. */
const FIRST_DAY = '1990-01-01'
const LAST_DAY = '2200-01-01'

/** A day there, or an instant. As an end a day counts whole. */
const when = (local: LocalTime, place: 'begin' | 'end') =>
  z
    .string()
    .trim()
    .max(40, { abort: true })
    .transform((written, ctx) => {
      if (isDay(written)) {
        const day = written < FIRST_DAY ? FIRST_DAY : written > LAST_DAY ? LAST_DAY : written
        return local.startOf(place === 'begin' ? day : addDays(day))
      }
      // In a query a `+` that is not escaped is a space.
      const instant = z.iso.datetime({ offset: true }).safeParse(written.replace(/ (?=\d\d:\d\d$)/, '+'))
      if (instant.success) return new Date(instant.data)
      const message = 'Use um dia, como 2026-01-31, ou um instante com fuso, como 2026-01-31T00:00:00Z'
      ctx.addIssue({ code: 'custom', message })
      return z.NEVER
    })
    .meta({
      description:
        place === 'begin'
          ? 'A partir deste dia (`2026-01-01`, no fuso do serviço) ou instante (ISO 8601)'
          : 'Até este dia, inteiro (`2026-01-31`, no fuso do serviço), ou antes deste instante (ISO 8601)',
      override: { type: 'string' },
    })

const contato = text(1, 128)
  .transform((written, ctx) => {
    const query = toContactQuery(written)
    if (query) return query
    ctx.addIssue({ code: 'custom', message: 'Escreva um telefone ou o começo de um nome' })
    return z.NEVER
  })
  .meta({
    description:
      'Um telefone, em qualquer forma, como `(11) 98765-4321`, ou o começo de uma palavra do nome (sem importar acentos)',
    override: { type: 'string' },
  })

/** A whole number as a query has it, or as a body. */
type Int = (min: number, max?: number) => z.ZodType<number>
const inBody: Int = (min, max = Number.MAX_SAFE_INTEGER) => z.int().min(min).max(max)

/** `desde` and `ate`. */
export const periodo = (local: LocalTime) => ({
  desde: when(local, 'begin').optional(),
  ate: when(local, 'end').optional(),
})

const filters = (local: LocalTime, int: Int) => ({
  contato: contato.optional(),
  consultor_id: int(1).optional().meta({ description: 'A quem o turno foi dado' }),
  responsavel_id: int(1).optional().meta({ description: 'Com quem está o cliente agora' }),
  status: status.optional(),
  canal: text(1, 64).optional().meta({ description: 'O slug da conta de chat' }),
  plataforma: text(1, 64).optional().meta({ description: 'Como `evolution`' }),
  idioma: text(2, 16).optional().meta({ description: '`pt` acha também `pt-BR`, e o contrário' }),
  equipe: text(1, MAX_EQUIPE).optional().meta({ description: 'A equipe pedida; maiúsculas e acentos não contam' }),
  ...periodo(local),
  ordem: z.enum(['asc', 'desc']).optional().meta({
    description:
      'Os mais antigos primeiro (`asc`), ou os mais novos. Quando não vem: `asc`; com nome, canal, plataforma, idioma ou equipe, `desc`',
  }),
})

const CONTINUA = /^([1-9]\d{0,14})(?::(\d{1,15}))?$/

/** Where a list goes on, as a request writes it: a number, and how many are still to be skipped where that is not none. */
const continua = z
  .union([z.string(), z.number()])
  .transform((written, ctx): Continua => {
    const [, n, pular = '0'] = CONTINUA.exec(String(written).trim()) ?? []
    if (n !== undefined) return { n: Number(n), pular: Number(pular) }
    ctx.addIssue({ code: 'custom', message: 'Use o valor de X-Continua da resposta anterior' })
    return z.NEVER
  })
  .meta({
    description: 'Continuar dali: o `X-Continua` da resposta anterior, como veio. `skip` então não conta mais',
    example: '181200',
    override: {
      anyOf: [
        { type: 'string', pattern: CONTINUA.source },
        { type: 'integer', minimum: 1, maximum: 1e15 - 1 },
      ],
    },
  })

export const fromContinua = ({ n, pular }: Continua): string => (pular === 0 ? String(n) : `${n}:${pular}`)

const skip = { description: 'Quantos pular' }
const limit = { description: 'Quantos, no máximo' }

/** What a list is asked for: in the query, and in a body. */
export const Filtro = (local: LocalTime) =>
  z.object({
    ...filters(local, integer),
    skip: integerOr(0, 0).meta(skip),
    limit: integerOr(100, 1, 500).meta(limit),
    continua: continua.optional(),
  })
export const Busca = (local: LocalTime) =>
  z
    .strictObject({
      ...filters(local, inBody),
      skip: inBody(0).default(0).meta(skip),
      limit: inBody(1, 500).default(100).meta(limit),
      continua: continua.optional(),
    })
    .meta({ id: 'Busca', description: 'Os filtros de `GET /protocolos`, fora do endereço' })
/** All that pass. */
export const FiltroDeTodos = (local: LocalTime) => z.object(filters(local, integer))

/** How it was decided who has the customer. */
export const POR = orNull(z.enum(['regra', 'preferido', 'numero', 'ajudou']), {
  description:
    'Como foi decidido: pela vez (`regra`), o pedido o preferia (`preferido`), um número sem vez (`numero`), atendido na plataforma enquanto esperava (`ajudou`). `null`: não foi guardado',
})

/** What became of a request's wish for somebody. */
export const Preferencia = orNull(
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
)

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
    equipe: orNull(z.string(), { description: 'A equipe pedida' }),
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
    por: POR,
    conta: orNull(z.boolean(), { description: 'Se o consultor foi com ele para o fim da fila' }),
    candidatos: orNull(z.int(), { description: 'Pela regra: quantos podiam receber' }),
    segundo: orNull(id, { description: 'Pela regra: quem viria depois' }),
    pulados: orNull(z.record(z.string(), z.array(id)), {
      description:
        'Pela regra: quem estava antes na fila e não podia, por motivo e na ordem da fila; no máximo 40. `null`: ninguém',
      example: { offline: [3, 7], idioma: [9] },
    }),
    pulados_cortados: orNull(z.record(z.string(), z.int()), { description: 'Quantos mais, por motivo' }),
    esperou_desde: orNull(instant, { description: 'Desde quando o cliente esperava' }),
    preferencia: Preferencia,
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
        lead_id: orNull(z.string(), { description: 'O lead que é, ou que era antes de virar negócio' }),
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
  conta: rest.por === undefined ? undefined : rest.por === 'regra',
  pipedrive: pipedrive && { ...pipedrive, pessoas_duplicadas: pipedrive.duplicadas },
})
