import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { isProtocolo, type Vez } from '../vez/document.js'
import { toProtocolo } from './copy.js'
import type { Protocolo, ProtocoloModel } from './model.js'
import type { Pending } from './walk.js'

/** Documents that are read at once: few, since the database does nothing else meanwhile, some 30 ms. */
export const CHUNK = 100

/** Where protocols are read, and how readers are kept from holding turns up: `letPass` is awaited before each read. */
export interface Reader {
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  readonly letPass: () => Promise<void>
}

/** The protocols of a snapshot that are not copied yet, as documents; of the refused ones too. */
export const pendingOf = (vez: Vez): Protocolo[] => vez.pendentes.filter(isProtocolo).map(toProtocolo)

/** What a snapshot's `pendentes` are by now: the copy is right where there is one (docs/guarantees.md#readers). */
export async function settle(protocolos: ProtocoloModel, vez: Vez): Promise<Pending<Protocolo>> {
  const rows = new Map(pendingOf(vez).map((one) => [one.n, one]))
  const numbers = new Set(rows.keys())
  if (numbers.size > 0) {
    for (const one of await byNumbers(protocolos, [...numbers])) rows.set(one.n, one)
  }
  return { rows: [...rows.values()], numbers }
}

/** These numbers as documents, in this order: from `protocolos`, else from the snapshot. */
export async function readAll(
  { protocolos, letPass }: Pick<Reader, 'protocolos' | 'letPass'>,
  vez: Vez,
  numbers: readonly number[],
): Promise<Protocolo[]> {
  const byNumber = new Map(pendingOf(vez).map((one) => [one.n, one]))
  for (let start = 0; start < numbers.length; start += CHUNK) {
    await letPass()
    const chunk = numbers.slice(start, start + CHUNK)
    for (const one of await byNumbers(protocolos, chunk)) byNumber.set(one.n, one)
  }
  return numbers.flatMap((n) => byNumber.get(n) ?? [])
}

/** By a range where they follow each other: one by one, several hundred cost the local engine a second. */
async function byNumbers(protocolos: ProtocoloModel, numbers: readonly number[]): Promise<Protocolo[]> {
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)]
  if (to - from < numbers.length * 2) {
    const asked = new Set(numbers)
    const found = await protocolos.find({ n: { $gte: from, $lte: to } }, null, LIMIT).lean<Protocolo[]>()
    return found.filter(({ n }) => asked.has(n))
  }
  const found: Protocolo[] = []
  for (let start = 0; start < numbers.length; start += CHUNK) {
    const _id = { $in: numbers.slice(start, start + CHUNK) }
    found.push(...(await protocolos.find({ _id }, null, LIMIT).lean<Protocolo[]>()))
  }
  return found
}
