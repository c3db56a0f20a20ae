import { LIMIT } from '../lib/mongo.js'
import type { FindOpen, OpenState } from '../vez/rules/limit.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** Of one person and status: more than any limit, with room for those of them that are counted by their numbers anyway. */
const MOST = 1_000
const OPEN = ['aberto', 'em_andamento'] as const

/** Looks up open protocols by responsável and status, and the state of single numbers; by the driver, since turns wait meanwhile. */
export function openProtocolos(protocolos: ProtocoloModel): FindOpen {
  const { collection } = protocolos

  const numbersOf = async (responsavel_id: number): Promise<[number, number[]]> => {
    const found = await Promise.all(
      OPEN.map((status) =>
        collection
          .find<{ _id: number }>({ responsavel_id, status }, { projection: { _id: 1 }, limit: MOST, ...LIMIT })
          .toArray(),
      ),
    )
    return [responsavel_id, found.flat().map(({ _id }) => _id)]
  }

  const statesOf = async (numbers: readonly number[]): Promise<[number, OpenState][]> => {
    if (numbers.length === 0) return []
    const options = { projection: { responsavel_id: 1, status: 1 }, ...LIMIT }
    const found = await protocolos.db
      .collection<Protocolo>('protocolos')
      .find({ _id: { $in: [...numbers] } }, options)
      .toArray()
    return found.map(({ _id, responsavel_id, status }) => [_id, { responsavel_id, status }])
  }

  return async (people, numbers) => {
    const [own, states] = await Promise.all([Promise.all(people.map(numbersOf)), statesOf(numbers)])
    return { byConsultor: new Map(own), copied: new Map(states) }
  }
}
