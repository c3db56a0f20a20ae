import { omitUndefined } from '../lib/omit.js'
import { languageName } from '../lib/words.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Consultor, Espera, Vez } from '../vez/document.js'
import { failuresOf, outOf, sameLanguage, suits, type Wanted, wantedKey, whyNobody } from '../vez/rules/eligibility.js'
import { limitOf } from '../vez/rules/limit.js'
import { turnOrder } from '../vez/rules/line.js'
import { distinctTeams, sameTeam } from '../vez/rules/teams.js'
import type { TakenOut } from './fora.js'
import { authorInWords, outInWords } from './palavras.js'
import type { Esperando, Fila, Fora, Pessoa, Presenca, Turno, Vez as View } from './schema/vez.js'

/** Customers who wait that are told one by one, and turns that are. */
const MOST_WAITING = 20
export const MOST_TURNS = 10

/** A language, and a team of those that there are; without one, of all of them. */
export type LineOf = Pick<Wanted, 'idioma' | 'equipe'>

/** What a snapshot is made of. */
export interface Seen {
  readonly vez: Vez
  /** The last protocols, the newest first. */
  readonly last: readonly Protocolo[]
  readonly now: Date
  readonly esperaIntervaloMs: number
  /** Who was taken out of the sequence, when, by whom and why; absent: not looked up. */
  readonly takenOut?: ReadonlyMap<number, TakenOut | undefined>
  /** Who takes the next turns of a line: worked out once for all pages. */
  readonly orderOf: (line: LineOf) => readonly number[]
}

/** The state of a snapshot, at this time. */
export function seenOf(
  vez: Vez,
  last: readonly Protocolo[],
  now: Date,
  esperaIntervaloMs: number,
  takenOut?: Seen['takenOut'],
): Seen {
  const orders = new Map<string, readonly number[]>()
  const orderOf = (line: LineOf): readonly number[] => {
    const key = wantedKey(line, vez)
    const known = orders.get(key) ?? turnOrder(vez, line)
    orders.set(key, known)
    return known
  }
  return { vez, last, now, esperaIntervaloMs, orderOf, ...(takenOut && { takenOut }) }
}

export const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000)

/**
 * The whole state as the pages see it.
 *
 * @param customers whether customers are named: not on the wall
 */
export function toView(seen: Seen, { customers }: { readonly customers: boolean }): View {
  const { vez, last, now } = seen
  const inOrder = [...vez.consultores].sort(([a, one], [b, other]) => one.turno - other.turno || a - b)
  const [first] = vez.espera
  return omitUndefined({
    marca: vez.previousWriteId,
    versao: vez.versao,
    agora: seconds(now),
    pessoas: inOrder.map(([id, one]) => toPessoa(seen, id, one)),
    filas: filasOf(seen),
    esperando: vez.espera.length,
    espera_desde: first && seconds(first.desde),
    espera: vez.espera.slice(0, MOST_WAITING).map((one, index) => toEsperando(one, index, customers)),
    ultimos: last.slice(0, MOST_TURNS).map((one) => toTurno(one, customers)),
  })
}

/** One person as `Vez` shows him. */
export function toPessoa(seen: Seen, id: number, consultor: Consultor): Pessoa {
  const { vez, now, esperaIntervaloMs } = seen
  const { nome, idiomas, equipes, turno, ultimo_atendimento, espera_em, pausa, horario } = consultor
  const limite = limitOf(consultor, vez)
  const fora = foraOf(consultor, vez)
  const held = espera_em === undefined ? undefined : new Date(espera_em.getTime() + esperaIntervaloMs)
  return omitUndefined({
    id,
    nome,
    idiomas: [...idiomas],
    equipes: equipes && [...equipes],
    presenca: presenceOf(consultor),
    ...sinceOf(seen, id, consultor),
    ate: pausa?.ate && seconds(pausa.ate),
    fora: fora.length === 0 ? undefined : fora,
    turno,
    ultimo: ultimo_atendimento && seconds(ultimo_atendimento),
    // One that lies far ahead was written by a clock that was wrong: the rule takes it for none.
    retido_ate: held && held > now && held.getTime() - now.getTime() <= esperaIntervaloMs ? seconds(held) : undefined,
    ...(limite !== undefined && { abertos: consultor.abertos ?? 0, limite }),
    horario: horario && omitUndefined({ dentro: horario.dentro, ate: horario.ate && seconds(horario.ate) }),
  })
}

/** Whoever is offline is that first: a pause that lasts meanwhile keeps him out once he is back. */
export const presenceOf = ({ online, pausa }: Consultor): Presenca => (!online ? 'offline' : pausa ? 'pausa' : 'online')

/** Since when he is as he is, by whom and why: of what keeps him out longest, that he is out of the sequence. */
export function sinceOf({ vez, takenOut }: Seen, id: number, consultor: Consultor) {
  const { desde, desde_por, desde_motivo, pausa } = consultor
  const isPaused = presenceOf(consultor) === 'pausa' && pausa
  const own = isPaused ? { em: pausa.desde, ...pausa } : { em: desde, por: desde_por, motivo: desde_motivo }
  const since = takenOut?.get(id) ?? own
  return {
    desde: since.em && seconds(since.em),
    por: authorInWords(since.por, vez, id),
    motivo: since.motivo,
  }
}

/** All that keeps this person out, whatever is asked for. */
export const foraOf = (consultor: Consultor, vez: Vez): Fora[] =>
  failuresOf(consultor, vez).flatMap((one): Fora[] =>
    one === 'fora_da_sequencia' && consultor.fora_por !== undefined ? [one, consultor.fora_por] : [one],
  )

/** The languages that somebody of the line speaks, and those that somebody waits for. */
export function languagesOf({ consultores, espera }: Pick<Vez, 'consultores' | 'espera'>): string[] {
  const spoken = [...consultores.values()].flatMap(({ ativo, sequencial, idiomas }) =>
    ativo && sequencial ? idiomas : [],
  )
  const found = new Set([...spoken, ...espera.map(({ idioma }) => idioma)])
  return [...found].sort((one, other) => languageName(one).localeCompare(languageName(other), 'pt-BR'))
}

/** Each language of all teams together, and then of each team in which somebody speaks it, or for which somebody waits. */
export function linesOf(vez: Pick<Vez, 'consultores' | 'espera'>): LineOf[] {
  const people = [...vez.consultores.values()].filter(({ ativo, sequencial }) => ativo && sequencial)
  const asked = vez.espera.flatMap(({ equipe }) => (equipe === undefined ? [] : [equipe]))
  const teams = distinctTeams([...people.flatMap(({ equipes = [] }) => equipes), ...asked])
  teams.sort((one, other) => one.localeCompare(other, 'pt-BR'))
  return languagesOf(vez).flatMap((idioma) => [
    { idioma },
    ...teams
      .map((equipe) => ({ idioma, equipe }))
      .filter((line) => people.some((one) => suits(one, line)) || vez.espera.some((one) => isOfLine(one, line))),
  ])
}

/** Does somebody wait in this line? Without a team it is the line of whoever asked for none. */
export const isOfLine = (one: Espera, { idioma, equipe }: LineOf): boolean =>
  sameLanguage(one.idioma, idioma) &&
  (equipe === undefined ? one.equipe === undefined : one.equipe !== undefined && sameTeam(one.equipe, equipe))

function filasOf({ vez, orderOf }: Seen): Fila[] {
  return linesOf(vez).map((wanted) => {
    const { idioma, equipe } = wanted
    const ordem = [...orderOf(wanted)]
    const waiting = vez.espera.filter((one) => isOfLine(one, wanted))
    const nobody = ordem.length === 0
    return omitUndefined({
      idioma,
      equipe,
      ordem,
      esperando: waiting.length,
      espera_desde: waiting[0] && seconds(waiting[0].desde),
      motivo: nobody ? whyNobody(vez, wanted) : undefined,
      frase: nobody ? outInWords(outOf(vez, wanted), idioma) || 'não há consultores' : undefined,
    })
  })
}

const toEsperando = (one: Espera, index: number, customers: boolean): Esperando =>
  omitUndefined({
    id: one.id,
    posicao: index + 1,
    idioma: one.idioma,
    equipe: one.equipe,
    canal: one.canal,
    cliente: customers ? one.contato.nome : undefined,
    desde: seconds(one.desde),
    ate: seconds(one.ate),
  })

const toTurno = (protocolo: Protocolo, customers: boolean): Turno => {
  const { n, numero, created_at, consultor_id, consultor_nome, idioma, canal, contato } = protocolo
  const { por, candidatos, esperou_desde } = protocolo
  return omitUndefined({
    n,
    numero,
    em: seconds(created_at),
    consultor_id,
    nome: consultor_nome,
    idioma,
    canal,
    cliente: customers ? contato?.nome : undefined,
    por,
    candidatos,
    resumo: summary(protocolo),
    esperou_desde: esperou_desde && seconds(esperou_desde),
  })
}

/** Why a protocol went to whom it went, in one short sentence; `GET protocolos/:n` says it in full. */
export function summary(protocolo: Protocolo): string {
  const { por, idioma, candidatos = 0, pulados = {}, pulados_cortados = {}, id_antigo } = protocolo
  switch (por) {
    case 'regra': {
      const counts = new Map(Object.entries(pulados).map(([motivo, ids]) => [motivo, ids.length]))
      for (const [motivo, more] of Object.entries(pulados_cortados))
        counts.set(motivo, (counts.get(motivo) ?? 0) + more)
      const before = outInWords(Object.fromEntries(counts), idioma)
      const among = candidatos === 1 ? 'Era o único que podia' : `Era o primeiro de ${candidatos}`
      return before === '' ? `${among}.` : `${among}. Antes dele: ${before}.`
    }
    case 'preferido':
      return 'Fora da vez: o pedido o preferia. O lugar dele na fila não mudou.'
    case 'ajudou':
      return 'Atendido na plataforma enquanto esperava: a vez de ninguém foi gasta.'
    case 'numero':
      return 'Número sem vez: o lugar de ninguém na fila mudou.'
    default:
      return id_antigo === undefined ? 'Da versão 1.0, que não guardava o porquê.' : 'Veio do sistema anterior.'
  }
}
