import type { Filter, Row } from './filter.js'

/** Numbers of one digest. */
export const DIGEST_SIZE = 1_000

/** What never changes of a protocol, as far as it is counted by. */
export type DigestRow = Pick<Row, 'n' | 'created_at' | 'consultor_id' | 'canal' | 'plataforma' | 'idioma'>

/** What never changes of the protocols of so many numbers in a row, small enough to be read by the thousand. */
export interface Digest {
  /** The first holds the numbers 1 to 1,000. */
  readonly _id: number
  /** The earliest and the latest protocol. */
  readonly de: Date
  readonly ate: Date
  /** What the columns name by its place here, from 1. */
  readonly nomes: readonly string[]
  readonly colunas: Buffer
}

/** Bytes of a row: number, instant (ms), consultor, canal, plataforma, idioma; 0 is absent. */
const WIDTH = 4 + 8 + 4 + 2 + 2 + 2

export const digestOf = (n: number): number => Math.floor((n - 1) / DIGEST_SIZE)

/** The numbers of a digest. */
export const numbersOf = (digest: number) => ({ from: digest * DIGEST_SIZE + 1, to: (digest + 1) * DIGEST_SIZE })

export function toDigest(_id: number, rows: readonly DigestRow[]): Digest {
  const places = new Map<string, number>()
  const placeOf = (name: string | undefined): number => {
    if (name === undefined) return 0
    const place = places.get(name) ?? places.size + 1
    places.set(name, place)
    return place
  }
  const colunas = Buffer.alloc(rows.length * WIDTH)
  let at = 0
  for (const { n, created_at, consultor_id = 0, canal, plataforma, idioma } of rows) {
    at = colunas.writeUInt32LE(n, at)
    at = colunas.writeDoubleLE(created_at.getTime(), at)
    at = colunas.writeUInt32LE(consultor_id, at)
    for (const name of [canal, plataforma, idioma]) at = colunas.writeUInt16LE(placeOf(name), at)
  }
  const instants = rows.map(({ created_at }) => created_at.getTime())
  // Imported numbers have gaps: one without any protocol is of no time.
  const [de, ate] = rows.length === 0 ? [0, 0] : [Math.min(...instants), Math.max(...instants)]
  return { _id, de: new Date(de), ate: new Date(ate), nomes: [...places.keys()], colunas }
}

export function fromDigest({ nomes, colunas }: Pick<Digest, 'nomes' | 'colunas'>): DigestRow[] {
  const rows: DigestRow[] = []
  for (let at = 0; at + WIDTH <= colunas.length; at += WIDTH) {
    const nameAt = (offset: number): string | undefined => nomes[colunas.readUInt16LE(at + offset) - 1]
    const consultorId = colunas.readUInt32LE(at + 12)
    const [canal, plataforma, idioma] = [nameAt(16), nameAt(18), nameAt(20)]
    rows.push({
      n: colunas.readUInt32LE(at),
      created_at: new Date(colunas.readDoubleLE(at + 4)),
      ...(consultorId > 0 && { consultor_id: consultorId }),
      ...(canal !== undefined && { canal }),
      ...(plataforma !== undefined && { plataforma }),
      ...(idioma !== undefined && { idioma }),
    })
  }
  return rows
}

/** A protocol, and its instant, ms: what a list is ordered by. */
export interface Place {
  readonly n: number
  readonly at: number
}

/** Those of a digest's protocols that were given to this consultor in this time, by number. */
export function placesIn({ colunas }: Pick<Digest, 'colunas'>, { consultor_id, desde, ate }: Filter): Place[] {
  const places: Place[] = []
  const [from, to] = [desde?.getTime() ?? Number.NEGATIVE_INFINITY, ate?.getTime() ?? Number.POSITIVE_INFINITY]
  for (let row = 0; row + WIDTH <= colunas.length; row += WIDTH) {
    if (consultor_id !== undefined && colunas.readUInt32LE(row + 12) !== consultor_id) continue
    const at = colunas.readDoubleLE(row + 4)
    if (at >= from && at < to) places.push({ n: colunas.readUInt32LE(row), at })
  }
  return places
}
