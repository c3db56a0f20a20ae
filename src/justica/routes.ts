import type { z } from 'zod'
import { replayPeriod } from '../eventos/replay-period.js'
import { type LedgerReader, wholeLedger } from '../eventos/step-back.js'
import { type AnyRoute, route } from '../http/route.js'
import type { LocalTime } from '../lib/local-time.js'
import { toNumero } from '../lib/numero.js'
import { nameOf } from '../protocolos/porque.js'
import { PeriodoDoRelatorio, toPeriod } from '../protocolos/report-schema.js'
import type { Vez } from '../vez/document.js'
import { Fairness, type FairnessReport } from './fairness.js'
import type { Mark } from './pairs.js'
import { Justica } from './schema.js'
import { differenceInWords, PROMISE, shareInWords } from './words.js'

export interface JusticaRoutes extends LedgerReader {
  readonly time: LocalTime
}

/** How fair it was, replayed from the ledger. */
export function justicaRoutes(deps: JusticaRoutes): AnyRoute[] {
  const { vez, clock, time } = deps
  return [
    route({
      method: 'get',
      path: '/relatorio/justica',
      tag: 'livro',
      lists: 'long',
      summary: 'Quão justa foi a vez, e por que alguém recebeu mais ou menos',
      description: [
        'Refaz o livro e conta o período: as vezes de cada um por idioma e equipe, a maior diferença entre duas pessoas',
        'que podiam receber as mesmas (a promessa é 1), quanto tempo cada um esteve online, em pausa ou fora, e quanto da diferença vem',
        'de equipes, idiomas, ausência ou limite. Sem `desde`, os últimos 30 dias; até 366 dias de cada vez. Um por vez em cada processo;',
        'os outros esperam ou recebem 429.',
      ].join(' '),
      scopes: ['leitura'],
      query: PeriodoDoRelatorio(time),
      returns: Justica,
      handler: async ({ query, isAlive }) => {
        const period = toPeriod(query, clock.now(), time)
        const snapshot = await vez.readFresh()
        const fairness = new Fairness(period, clock.now(), time)
        await replayPeriod(wholeLedger(deps), snapshot, period, fairness, isAlive)
        return { body: { ...toApi(fairness.end(), snapshot), ...period, fuso: time.zone } }
      },
    }),
  ]
}

type Answer = Omit<z.input<typeof Justica>, 'desde' | 'ate' | 'fuso'>

/** The report as the API tells it, with the names of today. */
export function toApi(report: FairnessReport, { consultores }: Pick<Vez, 'consultores'>): Answer {
  const quem = (consultor_id: number) => ({ consultor_id, nome: consultores.get(consultor_id)?.nome ?? null })
  const named = (id: number): string => nameOf(quem(id))
  const { known, unknown, ways, languages, teams, days, people, waits, worst } = report
  return {
    livro_desde: known ?? null,
    sem_livro: unknown,
    numeros: ways,
    por_idioma: byLanguage(languages),
    por_equipe: byTeam(teams),
    por_dia: [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([dia, total]) => ({ dia, total })),
    por_consultor: people.map(({ id, ways: own, times, share, ...one }) => ({
      ...quem(id),
      numeros: own,
      por_idioma: byLanguage(one.languages),
      por_equipe: byTeam(one.teams),
      tempo: times ?? null,
      ...share,
      frase: shareInWords(named(id), own.regra, share),
    })),
    maior_diferenca: {
      promessa: PROMISE,
      cumprida: (worst?.diferenca ?? 0) <= PROMISE,
      diferenca: worst?.diferenca ?? null,
      mais: worst ? quem(worst.mais) : null,
      menos: worst ? quem(worst.menos) : null,
      de: worst ? markOf(worst.de) : null,
      ate: worst ? markOf(worst.ate) : null,
      frase: differenceInWords(worst, named),
    },
    espera: { mediana_s: null, p95_s: null, pior_s: null, ...waits },
  }
}

const markOf = ({ n, em }: Mark) => ({ protocolo: toNumero(n), em })

const most = ([, one]: readonly [unknown, number], [, other]: readonly [unknown, number]): number => other - one

const byLanguage = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(most).map(([idioma, total]) => ({ idioma, total }))

const byTeam = (counts: ReadonlyMap<string | undefined, number>) =>
  [...counts].sort(most).map(([equipe, total]) => ({ equipe: equipe ?? null, total }))
