import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import type { LocalTime } from '../lib/local-time.js'
import { toNumero } from '../lib/numero.js'
import { BOM, toCell, toLine } from '../protocolos/csv.js'
import type { Vez } from '../vez/document.js'
import { eventInWords, personName, type Told } from './event-words.js'
import { FiltroDoArquivo, FiltroDoHistorico, fromContinua, Passo } from './historico-schema.js'
import { endOf, type HistorySource } from './history.js'
import { isQuadro, type LedgerRow, type Place, type Step } from './replay.js'
import { type LedgerReader, wholeLedger } from './step-back.js'
import { type Asked, pass, timeline } from './timeline.js'

const tag = 'livro'
/** How long each read waits for turns, ms at most. */
const STEP_BACK_MS = 100
/** A page that is not full after this says where it stopped, ms. */
const LOOKED_MS = 600

export interface HistoricoRoutes extends LedgerReader {
  readonly time: LocalTime
}

/** The history of the line: who was given what, who came and went, and who did it. */
export function historicoRoutes(deps: HistoricoRoutes): AnyRoute[] {
  const { vez, connection, clock, time } = deps
  const page = { connection, letPass: () => vez.letPass(STEP_BACK_MS) }
  return [
    route({
      method: 'get',
      path: '/vez/historico',
      tag,
      lists: true,
      summary: 'O que aconteceu com a fila: turnos e mudanças, na ordem em que foram decididos',
      description:
        'Nenhum dado de cliente além do número do protocolo. Um pedido olha a história por cerca de 0,6 s: se a página não encheu, `X-Continua` diz onde parou.',
      scopes: ['leitura'],
      query: FiltroDoHistorico(time),
      returns: z.array(Passo),
      returnsHeaders: { 'X-Continua': 'Onde este pedido parou: `continua=` com este valor traz o resto' },
      handler: async ({ query }) => {
        const { limit, ...asked } = query
        const snapshot = await vez.readFresh()
        const found = await pageOf(page, snapshot, asked, limit, clock)
        const told = { consultores: snapshot.consultores, time }
        return {
          body: found.steps.map((step) => toApi(step, told)),
          headers: { ...(found.continua && { 'X-Continua': fromContinua(found.continua) }) },
        }
      },
    }),
    route({
      method: 'get',
      path: '/vez/historico.csv',
      tag,
      lists: 'long',
      summary: 'A história da fila, como CSV para planilhas',
      description: [
        'Separado por `;`, em UTF-8 com BOM, com os horários no fuso do serviço. Vem aos poucos e inteiro: se algo falhar no meio, a',
        'conexão cai antes do fim. Um arquivo por vez em cada processo; os outros esperam ou recebem 429.',
      ].join(' '),
      scopes: ['leitura'],
      query: FiltroDoArquivo(time),
      returns: z.custom<AsyncIterable<string>>().meta({ override: { type: 'string' } }),
      streams: 'text/csv; charset=utf-8',
      returnsHeaders: { 'Content-Disposition': 'O nome do arquivo' },
      handler: async ({ query, isAlive }) => {
        const snapshot = await vez.readFresh()
        const name = `historico-${time.dayOf(clock.now())}.csv`
        return {
          body: toCsv(wholeLedger(deps), snapshot, query, { consultores: snapshot.consultores, time }, isAlive),
          headers: { 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'no-store' },
        }
      },
    }),
  ]
}

/** So many steps at most, and where the history is to be looked at next, unless this is its end. */
async function pageOf(source: HistorySource, vez: Vez, asked: Asked, limit: number, clock: Clock) {
  const began = clock.elapsed()
  const descending = asked.ordem === 'desc'
  const steps: Step[] = []
  let at: Place = asked.continua ?? (descending ? endOf(vez) : { versao: 0, lugar: 0, n: vez.base })
  for await (const { steps: found, looked } of timeline(source, vez, asked)) {
    for (const step of found) {
      if (steps.length === limit) return { steps, continua: at }
      steps.push(step)
      at = pass(at, step, descending)
    }
    at = looked
    if (clock.elapsed() - began > LOOKED_MS) return { steps, continua: at }
  }
  return { steps }
}

function toApi(step: Step, told: Told): z.input<typeof Passo> {
  const place = { versao: step.versao, lugar: step.lugar }
  const named = (ids: readonly number[]) =>
    ids.map((consultor_id) => ({ consultor_id, nome: told.consultores.get(consultor_id)?.nome }))
  if ('protocolo' in step) {
    const { n, created_at: em, consultor_id, por, preferencia, idioma, equipe, canal } = step.protocolo
    const said = { tipo: kindOf(step.protocolo), frase: turnInWords(step.protocolo, told), protocolo: toNumero(n) }
    const consultores = named(consultor_id === undefined ? [] : [consultor_id])
    return { ...place, em, ...said, consultores, por, motivo: preferencia?.motivo, idioma, equipe, canal }
  }
  const { registro } = step
  if (isQuadro(registro)) throw new Error('a roster is no step of the history')
  const { em, tipo, consultores: ids = [], por, motivo, idioma, equipe, canal } = registro
  const said = { tipo, frase: eventInWords(registro, told) }
  return { ...place, em, ...said, consultores: named(ids), por, motivo, idioma, equipe, canal }
}

const kindOf = ({ por, consultor_id }: LedgerRow): string => {
  if (por === 'numero' || por === 'ajudou') return por
  return consultor_id === undefined ? 'numero' : 'turno'
}

const HOW: Readonly<Record<string, string>> = {
  preferido: ', fora da vez: o pedido o preferia',
  numero: ', sem gastar a vez',
  ajudou: ', que já o atendia na plataforma',
}

function turnInWords({ n, consultor_id, por, candidatos, esperou_desde }: LedgerRow, told: Told): string {
  if (consultor_id === undefined) return `${toNumero(n)} foi gerado, sem consultor.`
  const how =
    por === 'regra' ? (candidatos === 1 ? ', o único que podia' : `, o primeiro de ${candidatos}`) : HOW[por ?? '']
  const waited = esperou_desde === undefined ? '' : '; o cliente esperava'
  return `${toNumero(n)} foi para ${personName(consultor_id, told)}${how ?? ''}${waited}.`
}

const COLUMNS = [
  'em',
  'tipo',
  'protocolo',
  'consultores',
  'por',
  'motivo',
  'idioma',
  'equipe',
  'canal',
  'frase',
  'versao',
  'lugar',
] as const

async function* toCsv(
  source: HistorySource,
  vez: Vez,
  asked: Asked,
  told: Told,
  isAlive: () => boolean,
): AsyncGenerator<string> {
  let text = BOM + toLine([...COLUMNS])
  for await (const { steps } of timeline(source, vez, asked)) {
    for (const step of steps) {
      const { em, consultores, ...rest } = toApi(step, told)
      const names = consultores.map(({ consultor_id }) => personName(consultor_id, told)).join(', ')
      const cells = { ...rest, em: told.time.write(em), consultores: names }
      text += toLine(COLUMNS.map((column) => toCell(cells[column] ?? undefined)))
    }
    if (text !== '') yield text
    text = ''
    if (!isAlive()) return
  }
  if (text !== '') yield text
}
