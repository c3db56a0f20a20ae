import type { Connection } from 'mongoose'
import { DUPLICATE_KEY, insertAll } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { type Evento, entryId, type Vez } from '../vez/document.js'
import { READ_PLACE } from '../vez/rules/decide.js'
import { portraitOf } from '../vez/rules/ledger.js'

/** People that one document of a roster holds. */
const PEOPLE_A_PART = 200

/** An event as the ledger keeps it. */
export interface EventoGuardado extends Omit<Evento, 'writeId' | 'recusada'> {
  /** `<write>:<place>`: nothing is written down twice. */
  readonly _id: string
  readonly lote: string
}

/** Somebody of a roster: what decides whether he is picked, and his place in the order. */
export interface Pessoa {
  readonly id: number
  readonly turno: number
  /** His open protocols, as far as they are counted. */
  readonly abertos?: number
  readonly [field: string]: unknown
}

/**
 * A part of the roster as it was when the ledger began, once more after a release that keeps none has written, or after a repair.
 * It counts where an event `inicio` of the next version names its `marca`; else that write never happened.
 */
export interface Quadro {
  readonly _id: string
  readonly tipo: 'quadro'
  readonly marca: string
  readonly versao: number
  readonly lugar: number
  readonly parte: number
  readonly partes: number
  readonly seq: number
  readonly pessoas: readonly Pessoa[]
  /** The chat accounts that had hours; with the first part. */
  readonly contas?: Vez['contas']
  /** What held for everybody; with the first part. */
  readonly politica?: Vez['politica']
  /** Who waited, in order; with the first part. */
  readonly espera?: readonly {
    readonly espera: string
    readonly idioma: string
    readonly equipe?: string
    readonly canal?: string
  }[]
}

export type Registro = EventoGuardado | Quadro

/** By version for a replay, by person for the question why, by time for people. */
export const EVENTO_INDEXES = [
  { name: 'versao', key: { versao: 1, lugar: 1 } },
  { name: 'consultor', key: { consultores: 1, versao: 1 } },
  { name: 'em', key: { em: 1 } },
] as const

export const eventoCollection = (connection: Connection) => connection.collection<Registro>('eventos')

export type EventoCollection = ReturnType<typeof eventoCollection>

export const toEventoGuardado = (evento: Evento): EventoGuardado => {
  const { writeId, recusada: _, ...rest } = evento
  return { ...rest, _id: entryId(evento), lote: writeId }
}

/**
 * Writes these events down; one that is there already is fine.
 *
 * @returns the refused ones: entry id → reason
 * @throws when the outcome is unknown
 */
export async function copyEventos(
  eventos: EventoCollection,
  entries: readonly Evento[],
): Promise<ReadonlyMap<string, string>> {
  const failed = await insertAll(eventos, entries.map(toEventoGuardado))
  const refused = new Map<string, string>()
  for (const [index, code] of failed) {
    const entry = entries[index]
    if (entry && code !== DUPLICATE_KEY) refused.set(entryId(entry), `codigo_${code}`)
  }
  return refused
}

/** Writes down the roster of this state, from which the ledger goes on; there already is fine. Throws when it could not. */
export async function writeRoster(eventos: EventoCollection, vez: Vez): Promise<void> {
  const pessoas = [...vez.consultores].map(([id, one]) => ({
    id,
    turno: one.turno,
    ...(one.abertos !== undefined && { abertos: one.abertos }),
    ...portraitOf(one),
  }))
  const partes = Math.max(1, Math.ceil(pessoas.length / PEOPLE_A_PART))
  const { versao, seq, previousWriteId: marca } = vez
  const documents = Array.from({ length: partes }, (_, parte): Quadro => {
    const own = pessoas.slice(parte * PEOPLE_A_PART, (parte + 1) * PEOPLE_A_PART)
    const at = { versao, lugar: READ_PLACE, parte, partes, seq }
    return {
      _id: `quadro:${marca}:${parte}`,
      tipo: 'quadro',
      marca,
      ...at,
      pessoas: own,
      ...(parte === 0 && { politica: vez.politica, contas: vez.contas, espera: waitingOf(vez) }),
    }
  })
  for (const code of (await insertAll(eventos, documents)).values()) {
    if (code !== DUPLICATE_KEY) throw new Error(`the roster was refused with code ${code}`)
  }
}

const waitingOf = ({ espera }: Vez) =>
  espera.map(({ id, idioma, equipe, canal }) => omitUndefined({ espera: id, idioma, equipe, canal }))
