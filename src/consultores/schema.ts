import { z } from 'zod'
import { fromGuardado, HorarioDaApi, toGuardado } from '../agenda/schema.js'
import { laxBoolean, laxInteger } from '../http/lax.js'
import { instant, language, orNull, personName, TELEPHONE, telephone, text } from '../http/text.js'
import { omitUndefined } from '../lib/omit.js'
import type { Consultor, Politica } from '../vez/document.js'
import type { ConsultorChange, ConsultorData } from '../vez/rules/commands.js'
import { MAX_CONSULTORES, MAX_LIMITE } from '../vez/rules/draft.js'
import { limitOf } from '../vez/rules/limit.js'
import { MAX_MOTIVO, MAX_PAUSA_MIN } from '../vez/rules/pause.js'
import { distinctTeams, MAX_EQUIPES } from '../vez/rules/teams.js'
import { Equipe } from '../vez/schema.js'

const nome = personName.meta({ description: 'Nome completo', example: 'João Silva' })
const idiomas = z
  .array(language)
  .min(1)
  .max(20)
  .transform((codes) => [...new Set(codes)])
  .meta({ description: 'Códigos dos idiomas que fala', example: ['pt', 'en'] })
const equipes = z
  .array(Equipe)
  .max(MAX_EQUIPES)
  .transform(distinctTeams)
  .meta({ description: 'As equipes dele; maiúsculas e acentos não contam', example: ['vendas'] })
const email = text(3, 254)
  .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, { message: 'Não é um endereço de e-mail, como ana@exemplo.com.br' })
  .meta({ description: 'Único entre os consultores', example: 'joao@exemplo.com.br' })
const telefone = telephone.meta({ ...TELEPHONE, example: '+5511912345678' })
const id_pipedrive = laxInteger(1).meta({ description: 'Id do usuário no Pipedrive', example: 456 })
const LIMITE = {
  description:
    'Quantos protocolos abertos (nem concluídos nem cancelados) ele tem no máximo; com eles, não recebe a vez. `null`: vale o de `/politica`',
  example: 20,
} as const
const limite = laxInteger(1, MAX_LIMITE)
const status_ativo = laxBoolean.meta({ description: 'Trabalha aqui' })
const status_ativo_sequencial = laxBoolean.meta({ description: 'Participa da vez' })
const status_online = laxBoolean.meta({ description: 'Pode atender agora' })

const horario = HorarioDaApi.nullish().meta({
  description:
    'O expediente dele; fora dele não recebe a vez. O que falta vem de `PUT /politica`, e sem nada lá ele está sempre dentro. `null` apaga',
})

const absent = <T>(value: T | null | undefined): T | undefined => value ?? undefined

export const NovoConsultor = z
  .strictObject({
    nome,
    idiomas,
    equipes: equipes.default([]),
    email: email.nullish().transform(absent),
    telefone: telefone.nullish().transform(absent),
    id_pipedrive: id_pipedrive.nullish().transform(absent),
    limite: limite.nullish().transform(absent).meta(LIMITE),
    status_ativo: status_ativo.default(true),
    status_ativo_sequencial: status_ativo_sequencial.default(true),
    status_online: status_online.default(false),
    horario,
  })
  .meta({ id: 'NovoConsultor' })

export const MudancaDeConsultor = z
  .strictObject({
    nome,
    idiomas,
    equipes: equipes.nullable(),
    email: email.nullable(),
    telefone: telefone.nullable(),
    id_pipedrive: id_pipedrive.nullable(),
    limite: limite.nullable().meta(LIMITE),
    status_ativo,
    status_ativo_sequencial,
    status_online,
    horario,
  })
  .partial()
  .meta({ id: 'MudancaDeConsultor', description: 'Só o que muda; `null` apaga um campo opcional' })

export const NovaPausaDaApi = z
  .strictObject({
    minutos: z.int().min(1).max(MAX_PAUSA_MIN).nullish().transform(absent).meta({ description: 'Por quantos minutos' }),
    ate: z.iso
      .datetime({ offset: true, error: 'Use ISO 8601 com fuso, como 2026-01-31T14:30:00-03:00' })
      .transform((written) => new Date(written))
      .nullish()
      .transform(absent)
      .meta({ description: 'Até que instante, em vez de `minutos`: nas próximas 24 horas' }),
    motivo: text(1, MAX_MOTIVO).nullish().transform(absent).meta({ description: 'Para as pessoas', example: 'almoço' }),
  })
  .refine(({ minutos, ate }) => minutos === undefined || ate === undefined, {
    path: ['ate'],
    message: 'Diga `minutos` ou `ate`, não os dois',
  })
  .meta({ id: 'NovaPausa', description: 'Sem `minutos` nem `ate`, dura até que alguém a acabe' })

export const ConsultorDaApi = z
  .object({
    id: z.int(),
    nome: z.string(),
    email: orNull(z.string()),
    telefone: orNull(z.string()),
    idiomas: z.array(z.string()),
    equipes: z.array(z.string()),
    id_pipedrive: orNull(z.int()),
    status_ativo: z.boolean(),
    status_ativo_sequencial: z.boolean(),
    status_online: z.boolean(),
    ultimo_atendimento: orNull(instant),
    limite: orNull(z.int(), LIMITE),
    abertos: orNull(z.int(), {
      description:
        'Quantos protocolos abertos ele tem, a partir de 1.000 ao menos tantos; `null` onde nenhum limite vale para ele: então não são contados',
    }),
    pausa: orNull(
      z.object({
        motivo: orNull(z.string(), { example: 'almoço' }),
        desde: instant,
        ate: orNull(instant, { description: 'Quando acaba sozinha; `null`: até que alguém a acabe' }),
        por: z.string().meta({ description: 'Quem a pediu: `chave:<id>`, `canal:<slug>` …', example: 'canal:vendas' }),
      }),
      { description: 'A pausa dele: enquanto dura não recebe a vez, mesmo com `status_online`' },
    ),
    horario: orNull(HorarioDaApi, { description: 'O expediente que é dele, e não o de todos' }),
    dentro_do_horario: z.boolean().meta({ description: 'Está dentro do expediente; quem não tem nenhum está sempre' }),
    dentro_do_horario_ate: orNull(instant, { description: 'Até quando isso fica assim; `null`: sem fim' }),
  })
  .meta({ id: 'Consultor' })

export const TOO_MANY = `Limite de ${MAX_CONSULTORES} consultores atingido`

/** A consultor as the API tells it. */
export const toApi = (id: number, consultor: Consultor, politica: Politica) => {
  const { ativo, sequencial, online, equipes = [], abertos = 0, agenda, horario: now, ...rest } = consultor
  return {
    ...rest,
    equipes: [...equipes],
    horario: agenda && fromGuardado(agenda),
    dentro_do_horario: now?.dentro !== false,
    dentro_do_horario_ate: now?.ate,
    id,
    ...(limitOf(consultor, { politica }) !== undefined && { abertos }),
    status_ativo: ativo,
    status_ativo_sequencial: sequencial,
    status_online: online,
  }
}

type Novo = z.output<typeof NovoConsultor>
/** The old system knew neither teams, limits nor hours. */
type NovoOuAntigo = Omit<Novo, 'equipes' | 'limite' | 'horario'> & Partial<Pick<Novo, 'equipes' | 'limite' | 'horario'>>

/** A new consultor, in the names of the roster. Hours that say nothing are none: a `null` in the state could not be read. */
export function fromNovo({ horario, ...body }: NovoOuAntigo): ConsultorData {
  const { status_ativo: ativo, status_ativo_sequencial: sequencial, status_online: online, ...rest } = body
  const agenda = horario ? toGuardado(horario) : null
  return omitUndefined({ ...rest, ativo, sequencial, online, agenda: agenda ?? undefined })
}

/** What changes of a consultor, in the names of the roster; `null` clears. */
export function fromApi(body: z.output<typeof MudancaDeConsultor>): ConsultorChange {
  const {
    status_ativo: ativo,
    status_ativo_sequencial: sequencial,
    status_online: online,
    horario: hours,
    ...rest
  } = body
  const agenda = hours === undefined ? undefined : hours && toGuardado(hours)
  return omitUndefined({ ...rest, ativo, sequencial, online, agenda })
}
