import type { LocalTime } from '../lib/local-time.js'
import { toNumero } from '../lib/numero.js'
import { inWords, languageName, sinceWords, whenWords } from '../lib/words.js'
import type { Consultor } from '../vez/document.js'
import { atendenteOf, type Protocolo } from './model.js'

/** Somebody, with his name of today. */
export interface Somebody {
  readonly consultor_id: number
  /** Absent: he does not exist any more. */
  readonly nome?: string
}

/** Since when somebody was offline, in pause or outside his hours, by whom (`por` of the ledger), and what was said of it. */
export interface Since {
  readonly desde: Date
  readonly por?: string
  readonly motivo?: string
}

/** Somebody who stood before the chosen one and could not. */
export interface Skipped extends Somebody {
  readonly motivo: string
  /** Where that is known. */
  readonly desde?: Date
  readonly por?: string
  readonly detalhe?: string
}

/** What a protocol tells of its decision, with the names of today. */
export interface Reasons {
  readonly antes: readonly Skipped[]
  readonly depois?: Somebody
}

/** Whose names are told, and how instants are. */
export interface Seen {
  readonly consultores: ReadonlyMap<number, Consultor>
  readonly time: LocalTime
  readonly now: Date
}

/** A person by his id, with the name that he has in this roster. */
export function somebody({ consultores }: Pick<Seen, 'consultores'>, consultor_id: number): Somebody {
  const nome = consultores.get(consultor_id)?.nome
  return { consultor_id, ...(nome !== undefined && { nome }) }
}

/** How a sentence names somebody, who may be as the API tells him. @param one an id of `null` has a name */
export const nameOf = (one: { readonly consultor_id: number | null; readonly nome?: string | null }): string =>
  one.nome ?? `o consultor ${one.consultor_id} (removido)`

/** Those who are only offline first: mostly it is about them. */
const offlineFirst = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  Number(other === 'offline') - Number(one === 'offline')

/** Of whom it has to be looked up since when he was so: the state of today does not tell. */
export function unknownSince(protocolo: Protocolo, seen: Seen): readonly Skipped[] {
  return reasonsOf(protocolo, seen).antes.filter(
    ({ motivo, desde }) => COMES_AND_GOES.has(motivo) && desde === undefined,
  )
}

const COMES_AND_GOES: ReadonlySet<string> = new Set(['offline', 'pausa', 'horario'])

/**
 * Who was passed over and who would have been next, as the protocol keeps it.
 *
 * @param since what was looked up of those of whom today's state does not tell it
 */
export function reasonsOf(
  { pulados = {}, segundo, created_at }: Protocolo,
  seen: Seen,
  since: ReadonlyMap<number, Since> = new Map(),
): Reasons {
  const antes = Object.entries(pulados)
    .sort(offlineFirst)
    .flatMap(([motivo, ids]) => ids.map((id) => skipped(seen, id, motivo, created_at, since.get(id))))
  return { antes, ...(segundo !== undefined && { depois: somebody(seen, segundo) }) }
}

/** What today's state tells was the same then only if nothing has changed since. */
function skipped(seen: Seen, id: number, motivo: string, at: Date, found: Since | undefined): Skipped {
  const now = outSince(seen.consultores.get(id), motivo)
  const since = now && now.desde <= at ? now : found
  const { desde, por, motivo: detalhe } = since ?? {}
  return {
    ...somebody(seen, id),
    motivo,
    ...(desde !== undefined && { desde }),
    ...(por !== undefined && { por }),
    ...(detalhe !== undefined && { detalhe }),
  }
}

function outSince(consultor: Consultor | undefined, motivo: string): Since | undefined {
  if (motivo === 'pausa') return consultor?.pausa
  const { online, desde, desde_por: por, desde_motivo, horario } = consultor ?? {}
  if (motivo === 'horario') return horario?.dentro === false && horario.desde ? { desde: horario.desde } : undefined
  if (motivo !== 'offline' || online !== false || desde === undefined) return undefined
  return { desde, ...(por !== undefined && { por }), ...(desde_motivo !== undefined && { motivo: desde_motivo }) }
}

const WORDS: Readonly<Record<string, string>> = {
  pausa: 'em pausa',
  horario: 'fora do horário',
  limite: 'no limite de protocolos abertos',
}

/** Why one could not: `não fala inglês`, `offline desde 09:58, pelo WhatsApp`, `em pausa desde 12:00, pelo painel: almoço`. */
export function failureWords(
  { motivo, desde, por, detalhe, consultor_id }: Omit<Skipped, 'consultor_id'> & { readonly consultor_id?: number },
  protocolo: Protocolo,
  seen: Seen,
): string {
  const { idioma, equipe, created_at } = protocolo
  if (motivo === 'equipe') return equipe === undefined ? 'não é da equipe' : `não é da equipe ${equipe}`
  if (motivo === 'idioma') return idioma === undefined ? 'não fala o idioma' : `não fala ${languageName(idioma)}`
  const words = WORDS[motivo] ?? motivo.replaceAll('_', ' ')
  if (!desde) return words
  const by = byWhom(por, detalhe, consultor_id, seen)
  const said = detalhe === undefined || detalhe === PRESENCE ? '' : `: ${detalhe}`
  return `${words} ${sinceWords(seen.time, desde, created_at)}${by === undefined ? '' : `, ${by}`}${said}`
}

/** What is said of a presence that a chat platform told. */
export const PRESENCE = 'presenca'

/** By whom a presence was changed, from `por` of the ledger; `undefined` where that says nothing. @param about whom the change is about */
export function byWhom(
  por: string | undefined,
  motivo: string | undefined,
  about: number | undefined,
  { consultores }: Pick<Seen, 'consultores'>,
): string | undefined {
  const [kind = '', of = ''] = por?.split(/:(.*)/s) ?? []
  switch (kind) {
    case 'canal':
      // His own word comes from his telephone.
      return motivo === PRESENCE ? `pela presença na conta ${of}` : 'pelo WhatsApp'
    case 'eu':
      return Number(of) === about ? 'por ele mesmo' : `por ${consultores.get(Number(of))?.nome ?? 'um colega'}`
    case 'painel':
      return 'pelo painel'
    case 'chave':
      return 'pela API'
    case 'pipedrive':
      return 'pelo Pipedrive'
    default:
      return undefined
  }
}

/** Why this person has this protocol, in Portuguese, from what the protocol keeps. */
export function sentence(protocolo: Protocolo, reasons: Reasons, seen: Seen): string {
  return [head(protocolo, seen), ...because(protocolo, reasons, seen)].join(' ')
}

function head(protocolo: Protocolo, { time, now }: Seen): string {
  const { n, por, consultor_id, consultor_nome = `o consultor ${consultor_id}`, created_at, esperou_desde } = protocolo
  const numero = toNumero(n)
  const when = whenWords(time, created_at, now)
  const waited = esperou_desde ? `; o cliente esperava ${sinceWords(time, esperou_desde, created_at)}` : ''
  if (consultor_id !== undefined) return `${numero} foi para ${consultor_nome} ${when}${waited}.`
  const atendente = por === 'ajudou' ? atendenteOf({ ...protocolo, responsavel_id: null }) : undefined
  return atendente === undefined
    ? `${numero} foi gerado ${when}, sem consultor${waited}.`
    : `${numero} ficou com ${atendente}, que só a plataforma conhece, ${when}${waited}.`
}

function because(protocolo: Protocolo, reasons: Reasons, seen: Seen): string[] {
  switch (protocolo.por) {
    case 'regra':
      return [...notPreferred(protocolo, seen), before(protocolo, reasons, seen), after(reasons)]
    case 'preferido':
      return ['Fora da vez: o pedido o preferia, e ele podia atender. O lugar dele na fila não mudou.']
    case 'ajudou':
      return ['Uma pessoa atendeu o cliente na plataforma enquanto ele esperava: a vez de ninguém foi gasta.']
    case 'numero':
      return ['É um número sem vez: o lugar de ninguém na fila mudou, e a regra não escolheu.']
    default:
      return [
        protocolo.id_antigo === undefined
          ? 'O porquê não foi guardado: este protocolo foi feito pela versão 1.0.'
          : 'O porquê não foi guardado: este protocolo veio do sistema anterior.',
      ]
  }
}

/** Of a preferred person who could not. */
function notPreferred(protocolo: Protocolo, seen: Seen): string[] {
  const { consultor_id, seguida, motivo } = protocolo.preferencia ?? {}
  if (consultor_id == null || seguida || motivo === undefined) return []
  if (motivo === 'inexistente') return [`O pedido preferia o consultor ${consultor_id}, que não existe.`]
  return [`O pedido preferia ${nameOf(somebody(seen, consultor_id))} (${failureWords({ motivo }, protocolo, seen)}).`]
}

function before(protocolo: Protocolo, { antes }: Reasons, seen: Seen): string {
  const named = antes.map((one) => `${nameOf(one)} (${failureWords(one, protocolo, seen)})`)
  const cut = Object.entries(protocolo.pulados_cortados ?? {}).map(
    ([motivo, count]) => `mais ${count} (${failureWords({ motivo }, protocolo, seen)})`,
  )
  const all = [...named, ...cut]
  if (all.length === 0) return 'Antes dele não estava ninguém.'
  return `Antes dele ${all.length === 1 && cut.length === 0 ? 'estava' : 'estavam'} ${inWords(all)}.`
}

const after = ({ depois }: Reasons): string =>
  depois ? `Depois dele viria ${nameOf(depois)}.` : 'Ninguém mais podia receber.'
