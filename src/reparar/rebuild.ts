import type { Protocolo } from '../protocolos/model.js'
import { type Consultor, type Entry, emptyVez, isProtocolo, type Vez } from '../vez/document.js'

/** The highest number of a consultor that stands for a turn of his; 0 where none does. */
export interface LastNumber {
  readonly nome: string
  readonly last: number
}

/** Of `protocolos`: the highest number, and of each consultor the last. */
export interface Found {
  readonly highest: number
  /** How many there are. */
  readonly count: number
  readonly byConsultor: ReadonlyMap<number, LastNumber>
  /** Protocols whose number is claimed by an entry of `pendentes` of another write. */
  readonly claimed: ReadonlyMap<number, Pick<Protocolo, 'lote'>>
}

export interface Rebuilt {
  /** Absent: nothing is wrong. */
  readonly vez?: Vez
  readonly says: readonly string[]
}

/**
 * A document that gives no number twice. The roster stays; people whom only protocols know come back offline and not ativo,
 * so that an administrator completes them. An entry of `pendentes` whose number another protocol has was never copied and
 * cannot be: it gets a number of its own after the highest, and who asks by its key gets that one. A restore may leave gaps up to
 * the highest number, so that one becomes the `base`, as after an import.
 */
export function rebuild(before: Vez | undefined, found: Found, writeId: string): Rebuilt {
  const isBehind = before !== undefined && found.highest > before.seq
  const clashes = before?.pendentes.filter((entry) => clashesWith(entry, found)) ?? []
  const isMissing = before === undefined
  if (!isMissing && !isBehind && clashes.length === 0) return { says: [] }
  const old = before ?? emptyVez(writeId)
  let seq = Math.max(old.seq, found.highest)
  const pendentes = old.pendentes.map((entry): Entry => {
    if (!isProtocolo(entry) || !clashes.includes(entry)) return entry
    seq += 1
    const { recusada: _, ...rest } = entry
    return { ...rest, n: seq }
  })
  const consultores = isMissing ? remembered(found) : old.consultores
  const ids = [old.ultimo_consultor_id, ...consultores.keys(), ...found.byConsultor.keys()]
  return {
    vez: {
      ...old,
      versao: old.versao + 1,
      previousWriteId: writeId,
      seq,
      base: found.highest,
      pendentes,
      consultores: isMissing ? consultores : caughtUp(consultores, found),
      ultimo_consultor_id: Math.max(...ids),
    },
    says: [
      ...(isMissing
        ? [`o documento vez será feito de novo, com ${consultores.size} consultores fora da sequência`]
        : []),
      ...(seq > old.seq ? [`o último número passa de ${old.seq} para ${seq}`] : []),
      ...(clashes.length > 0 ? [`${clashes.length} protocolos não copiados recebem outro número`] : []),
    ],
  }
}

/** Notes whose protocol this is, in whatever order they come. One by which he kept his place in the line does not move him. */
export function noteLast(
  byConsultor: Map<number, LastNumber>,
  { n, consultor_id, consultor_nome, conta }: Pick<Protocolo, 'n' | 'consultor_id' | 'consultor_nome' | 'conta'>,
): void {
  if (consultor_id === undefined) return
  const before = byConsultor.get(consultor_id)
  const last = Math.max(before?.last ?? 0, conta === false ? 0 : n)
  byConsultor.set(consultor_id, { nome: consultor_nome ?? before?.nome ?? `Consultor ${consultor_id}`, last })
}

const clashesWith = (entry: Entry, { claimed }: Found): boolean => {
  const stored = isProtocolo(entry) ? claimed.get(entry.n) : undefined
  return stored !== undefined && stored.lote !== entry.writeId
}

const remembered = ({ byConsultor }: Found): Map<number, Consultor> =>
  new Map(
    [...byConsultor].map(([id, { nome, last }]) => [
      id,
      { nome, ativo: false, sequencial: true, online: false, idiomas: ['pt'], turno: last },
    ]),
  )

/** The roster with the turns that `protocolos` knows and the restored document does not. */
function caughtUp(consultores: Vez['consultores'], { byConsultor }: Found): Map<number, Consultor> {
  const turnoOf = (id: number, turno: number): number => Math.max(turno, byConsultor.get(id)?.last ?? turno)
  return new Map([...consultores].map(([id, one]) => [id, { ...one, turno: turnoOf(id, one.turno) }]))
}
