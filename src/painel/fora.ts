import type { Connection } from 'mongoose'
import { type EventoGuardado, eventoCollection } from '../eventos/model.js'
import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import type { Vez } from '../vez/document.js'

/** Versions of the first slice that is looked at. */
const FIRST_VERSIONS = 10_000
/** People who are looked up at once; further ones are shown without a reason until the next change. */
const MOST_AT_ONCE = 20

/** That somebody was taken out of the sequence. */
export interface TakenOut {
  readonly em: Date
  readonly por?: string
  readonly motivo?: string
}

type Taken = Pick<EventoGuardado, 'tipo' | 'em' | 'por' | 'motivo' | 'para' | 'versao' | 'consultores'>

/** Who took people out of the sequence, when and why: by the ledger, each looked up once. */
export class TakenOuts {
  readonly #connection: Connection
  /** `undefined`: the ledger does not tell. */
  #known = new Map<number, TakenOut | undefined>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Of those who are out in this state. */
  async of(vez: Vez): Promise<ReadonlyMap<number, TakenOut | undefined>> {
    const out = [...vez.consultores].flatMap(([id, { ativo, sequencial }]) => (ativo && !sequencial ? [id] : []))
    const known = new Map(out.flatMap((id) => (this.#known.has(id) ? [[id, this.#known.get(id)] as const] : [])))
    for (const id of out.filter((one) => !known.has(one)).slice(0, MOST_AT_ONCE))
      known.set(id, pendingOf(vez, id) ?? (await this.#find(id, vez.versao)))
    this.#known = known
    return known
  }

  async #find(id: number, versao: number): Promise<TakenOut | undefined> {
    const find = (low: number, high: number, limit: number): Promise<Taken[]> =>
      eventoCollection(this.#connection)
        .find<Taken>({ consultores: id, versao: { $gte: low, $lte: high } }, { ...LIMIT, limit })
        .toArray()
    const range = { from: 0, to: versao, descending: true, width: FIRST_VERSIONS }
    for await (const { found } of slices(range, find)) {
      const last = found.filter(tookOut).sort((one, other) => other.versao - one.versao)[0]
      if (last) return toTakenOut(last)
    }
    return undefined
  }
}

/** One that is not copied yet. */
const pendingOf = ({ eventos }: Vez, id: number): TakenOut | undefined => {
  const found = eventos.findLast((one) => one.consultores?.includes(id) && tookOut(one))
  return found && toTakenOut(found)
}

const tookOut = ({ tipo, para }: Pick<Taken, 'tipo' | 'para'>): boolean =>
  tipo !== 'inicio' && para?.sequencial === false

const toTakenOut = ({ em, por, motivo }: Pick<Taken, 'em' | 'por' | 'motivo'>): TakenOut => ({
  em,
  ...(por !== undefined && { por }),
  ...(motivo !== undefined && { motivo }),
})
