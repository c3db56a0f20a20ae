import { omitUndefined } from '../lib/omit.js'
import { languageName } from '../lib/words.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Consultor, Espera, Vez } from '../vez/document.js'
import { failuresOf, outOf, sameLanguage, whyNobody } from '../vez/rules/eligibility.js'
import { turnOrder } from '../vez/rules/line.js'
import type { TakenOut } from './fora.js'
import { authorInWords, outInWords } from './palavras.js'
import type { Esperando, Fila, Fora, Pessoa, Presenca, Turno, Vez as View } from './schema/vez.js'

/** Customers who wait that are told one by one, and turns that are. */
const MOST_WAITING = 20
export const MOST_TURNS = 10

/** What a snapshot is made of. */
export interface Seen {
  readonly vez: Vez
  /** The last protocols, the newest first. */
  readonly last: readonly Protocolo[]
  readonly now: Date
  readonly esperaIntervaloMs: number
  /** Who was taken out of the sequence, when, by whom and why; absent: not looked up. */
  readonly takenOut?: ReadonlyMap<number, TakenOut | undefined>
  /** Who takes the next turns in a language: worked out once for all pages. */
  readonly orderOf: (idioma: string) => readonly number[]
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
  const orderOf = (idioma: string): readonly number[] => {
    const known = orders.get(idioma) ?? turnOrder(vez, { idioma })
    orders.set(idioma, known)
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
  const { nome, idiomas, turno, ultimo_atendimento, espera_em, pausa } = consultor
  const fora = foraOf(consultor, vez)
  const held = espera_em === undefined ? undefined : new Date(espera_em.getTime() + esperaIntervaloMs)
  return omitUndefined({
    id,
    nome,
    idiomas: [...idiomas],
    presenca: presenceOf(consultor),
    ...sinceOf(seen, id, consultor),
    ate: pausa?.ate && seconds(pausa.ate),
    fora: fora.length === 0 ? undefined : fora,
    turno,
    ultimo: ultimo_atendimento && seconds(ultimo_atendimento),
    // One that lies far ahead was written by a clock that was wrong: the rule takes it for none.
    retido_ate: held && held > now && held.getTime() - now.getTime() <= esperaIntervaloMs ? seconds(held) : undefined,
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

function filasOf({ vez, orderOf }: Seen): Fila[] {
  return languagesOf(vez).map((idioma) => {
    const wanted = { idioma }
    const ordem = [...orderOf(idioma)]
    const waiting = vez.espera.filter((one) => sameLanguage(one.idioma, idioma))
    const nobody = ordem.length === 0
    return omitUndefined({
      idioma,
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
