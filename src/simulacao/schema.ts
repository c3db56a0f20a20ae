import { z } from 'zod'
import { instant, language, orNull, personName } from '../http/text.js'
import { unprocessable } from '../lib/errors.js'
import type { LocalTime } from '../lib/local-time.js'
import type { Period } from '../protocolos/report.js'
import { toPeriod as toPeriodOfReport } from '../protocolos/report-schema.js'
import { periodo } from '../protocolos/schema.js'
import { MAX_LIMITE } from '../vez/rules/draft.js'
import { distinctTeams, MAX_EQUIPES } from '../vez/rules/teams.js'
import { Equipe } from '../vez/schema.js'
import type { Change } from './changes.js'

/** Days that one simulation covers at most. */
const MOST_DAYS = 31
const MAX_MUDANCAS = 20

const consultor_id = z.int().min(1).meta({ description: 'Id do consultor' })
const idiomas = z
  .array(language)
  .min(1)
  .max(20)
  .meta({ example: ['pt', 'es'] })
const equipes = z
  .array(Equipe)
  .max(MAX_EQUIPES)
  .transform(distinctTeams)
  .meta({ example: ['vendas'] })
const limite = z.int().min(1).max(MAX_LIMITE)

/** One change, strictly as its kind has it; without `desde` and `ate` it holds for the whole period. */
const Mudanca = (time: LocalTime) => {
  const quando = periodo(time)
  return z.discriminatedUnion('tipo', [
    z
      .strictObject({
        tipo: z.literal('novo'),
        nome: personName,
        idiomas,
        equipes: equipes.default([]),
        limite: limite.optional(),
        ...quando,
      })
      .meta({ id: 'MaisUmConsultor', description: 'Mais um consultor, online: entra no fim da fila' }),
    z.strictObject({ tipo: z.enum(['ausencia', 'pausa', 'presenca', 'saida']), consultor_id, ...quando }).meta({
      id: 'OutraPresenca',
      description:
        '`ausencia`: offline; `pausa`: em pausa; `presenca`: online, sem pausa e dentro do horário; `saida`: fora da sequência',
    }),
    z.strictObject({ tipo: z.literal('idiomas'), consultor_id, idiomas, ...quando }).meta({ id: 'OutrosIdiomas' }),
    z.strictObject({ tipo: z.literal('equipes'), consultor_id, equipes, ...quando }).meta({ id: 'OutrasEquipes' }),
    z
      .strictObject({
        tipo: z.literal('limite'),
        consultor_id: consultor_id.optional().meta({ description: 'Sem ele: de todos os que não têm um seu' }),
        limite: limite.nullable().meta({ description: 'De protocolos abertos; `null`: sem limite' }),
        ...quando,
      })
      .meta({ id: 'OutroLimite' }),
  ])
}

export const PedidoDeSimulacao = (time: LocalTime) =>
  z
    .strictObject({
      ...periodo(time),
      mudancas: z.array(Mudanca(time)).max(MAX_MUDANCAS).meta({
        description:
          'O que teria sido diferente, na ordem em que vale; a última ganha. Vazia: confere o próprio modelo',
      }),
    })
    .meta({ id: 'PedidoDeSimulacao' })

type Asked = z.output<ReturnType<typeof PedidoDeSimulacao>>

const Esperas = z
  .object({
    esperaram: z.int(),
    mediana_s: orNull(z.int(), { description: 'Segundos, de todos os `clientes` que foram atendidos' }),
    p95_s: orNull(z.int()),
    pior_s: orNull(z.int()),
    desistiram: z.int().meta({ description: 'Saíram da espera sem ser atendidos pela vez' }),
    ainda_esperam: z.int().meta({ description: 'No fim do período' }),
  })
  .meta({ id: 'Esperas' })

export const Simulacao = z
  .object({
    desde: instant,
    ate: instant.meta({ description: 'Este instante já não conta' }),
    fuso: z.string().meta({ example: 'America/Sao_Paulo' }),
    turnos: z.object({ antes: z.int(), depois: z.int() }),
    consultores: z
      .array(
        z.object({
          consultor_id: orNull(z.int(), { description: '`null`: só existe na simulação' }),
          nome: orNull(z.string(), { description: '`null`: não existe mais' }),
          antes: z.int().meta({ description: 'Os turnos que teve, pela regra ou preferido' }),
          depois: z.int().meta({ description: 'Os que teria tido' }),
          diferenca: z.int(),
        }),
      )
      .meta({ description: 'Todos os que estavam na fila no período' }),
    espera: z.object({
      clientes: z.int().meta({ description: 'Os que esperaram, de verdade ou na simulação' }),
      antes: Esperas,
      depois: Esperas,
    }),
    sem_consultor: z.int().meta({ description: 'Pedidos da API que teriam dado 404' }),
    avisos: z.array(z.string()).meta({ description: 'O que a simulação não pode saber' }),
    frase: z.string().meta({
      example: 'Com estas mudanças, Ana teria recebido 9 turnos em vez de 12, e Zé 3.',
    }),
  })
  .meta({ id: 'Simulacao' })

/** The period asked for, until now at most. Throws a 422 where it is empty, too long or still to come. */
export function toPeriod(asked: Asked, now: Date, time: LocalTime): Period {
  const { desde, ate } = toPeriodOfReport(asked, now, time, { loc: 'body', mostDays: MOST_DAYS })
  if (desde > now) throw refused(['desde'], 'O período ainda não começou')
  return { desde, ate: ate < now ? ate : now }
}

/**
 * The changes as the simulation takes them.
 *
 * @param lastId the highest id ever given: whoever is new gets one above it
 */
export function toChanges({ mudancas }: Asked, { desde, ate }: Period, lastId: number): Change[] {
  return mudancas.map((one, place) => {
    const wrong = (name: string, msg: string) => refused(['mudancas', place, name], msg)
    const span = { from: (one.desde ?? desde).getTime(), to: (one.ate ?? ate).getTime() }
    if (span.from >= span.to) throw wrong('desde', 'Fica depois do fim da mudança')
    if (one.tipo === 'novo') return { ...span, ...toNewcomer(one), id: lastId + 1 + place }
    const { consultor_id: id } = one
    if (id !== undefined && id > lastId) throw wrong('consultor_id', 'Consultor não encontrado')
    if (one.tipo === 'limite') {
      const { limite } = one
      return id === undefined ? { tipo: 'limite_comum', ...span, limite } : { tipo: 'limite', ...span, id, limite }
    }
    if (one.tipo === 'idiomas') return { tipo: one.tipo, ...span, id: one.consultor_id, idiomas: one.idiomas }
    if (one.tipo === 'equipes') return { tipo: one.tipo, ...span, id: one.consultor_id, equipes: one.equipes }
    return { tipo: one.tipo, ...span, id: one.consultor_id }
  })
}

const toNewcomer = ({ nome, idiomas, equipes, limite }: Extract<Asked['mudancas'][number], { tipo: 'novo' }>) => ({
  tipo: 'novo' as const,
  nome,
  idiomas,
  equipes,
  ...(limite !== undefined && { limite }),
})

const refused = (loc: readonly (string | number)[], msg: string) =>
  unprocessable([{ loc: ['body', ...loc], msg, type: 'value_error' }])
