import { notFound, unavailable } from '../lib/errors.js'
import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { isOpenStatus, type OpenState } from '../vez/rules/limit.js'
import type { VezService } from '../vez/service.js'
import type { HistoryEntry, NoPipedrive, Protocolo, ProtocoloModel, Status } from './model.js'
import { pendingOf } from './reader.js'

const MAX_TRIES = 5

export const unknownProtocolo = () => notFound('Protocolo não encontrado')

/**
 * One protocol: the snapshot's `pendentes` first, then `protocolos`, and the latter is right
 * (docs/guarantees.md#readers). Throws 404.
 */
export async function findProtocolo(protocolos: ProtocoloModel, vez: VezService, n: number): Promise<Protocolo> {
  return findIn(protocolos, await vez.readFresh(), n)
}

async function findIn(protocolos: ProtocoloModel, vez: Vez, n: number): Promise<Protocolo> {
  const pending = pendingOf(vez).find((one) => one.n === n)
  const stored = await protocolos.findById(n).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
  const found = stored ?? pending
  if (!found) throw unknownProtocolo()
  return found
}

/** What a change makes of a protocol: fields to set, fields to take away, and what is told of it. */
export interface Change {
  readonly $set: Partial<Omit<Protocolo, '_id'>>
  readonly $unset: readonly (keyof Protocolo)[]
  readonly eventos: readonly HistoryEntry[]
  /** Of what it is at Pipedrive: field by field, since the sync writes others of them at the same time. */
  readonly pipedrive?: NoPipedrive
}

/**
 * Changes a protocol where it stands: copies it there first if need be, and writes only upon the state that was read.
 *
 * @param decide pure; `undefined` when there is nothing to change
 * @throws 404; 503 when others change it again and again, or its copy is refused
 */
export async function changeProtocolo(
  protocolos: ProtocoloModel,
  vez: VezService,
  n: number,
  decide: (before: Protocolo) => Change | undefined,
): Promise<Protocolo> {
  const snapshot = await vez.readFresh()
  if (pendingOf(snapshot).some((one) => one.n === n)) await vez.drainAll()
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await protocolos.findById(n).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
    if (!before) throw n <= snapshot.seq && n > snapshot.base ? unavailable() : unknownProtocolo()
    const change = decide(before)
    if (!change) return before
    const people = countedAnew(before, change)
    try {
      if (!(await writeChange(protocolos, before, change))) continue
      const after = await vez.readFresh()
      if (people.length > 0) await vez.recount(people, after)
      return await findIn(protocolos, after, n)
    } catch (error) {
      if (people.length > 0) vez.recountLater(people)
      throw error
    }
  }
  throw unavailable()
}

/** Writes a change upon the state that it was decided on; false when that is not the state any more. */
export async function writeChange(
  protocolos: ProtocoloModel,
  { n, rev }: Pick<Protocolo, 'n' | 'rev'>,
  { $set, $unset, eventos, pipedrive }: Change,
): Promise<boolean> {
  const { modifiedCount } = await protocolos.db.collection<Protocolo>('protocolos').updateOne(
    { _id: n, rev },
    {
      $set: { ...$set, ...dotted(pipedrive) },
      $inc: { rev: 1 },
      ...($unset.length > 0 && { $unset: Object.fromEntries($unset.map((name) => [name, ''])) }),
      ...(eventos.length > 0 && { $push: { historico: { $each: [...eventos] } } }),
    },
    LIMIT,
  )
  return modifiedCount === 1
}

/** Field by field, as an update sets them. */
export const dotted = (given: { readonly [K in keyof NoPipedrive]?: unknown } = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).map(([field, value]) => [`pipedrive.${field}`, value]))

export interface Asked {
  readonly descricao?: string | null | undefined
  readonly prioridade?: Protocolo['prioridade'] | undefined
  readonly status?: Status | undefined
  readonly responsavel_id?: number | null | undefined
}

export const isOver = (status: Status): boolean => !isOpenStatus(status)

/** Whose open protocols this change makes more or fewer. */
export function countedAnew({ status, responsavel_id }: OpenState, { $set }: Pick<Change, '$set'>): number[] {
  const after = { status, responsavel_id, ...$set }
  if (isOpenStatus(after.status) === isOpenStatus(status) && after.responsavel_id === responsavel_id) return []
  return [...new Set([responsavel_id, after.responsavel_id])].filter((id) => id !== null)
}

/** What a request changes, at this instant. */
export function toChange(before: Protocolo, asked: Asked, at: Date): Change | undefined {
  const { descricao, prioridade, status = before.status, responsavel_id = before.responsavel_id } = asked
  const movesStatus = status !== before.status
  const movesOwner = responsavel_id !== before.responsavel_id
  const clears = descricao === null && before.descricao !== undefined
  const $set: Change['$set'] = {
    ...(descricao != null && descricao !== before.descricao && { descricao }),
    ...(prioridade !== undefined && prioridade !== before.prioridade && { prioridade }),
    ...(movesOwner && { responsavel_id }),
    ...(movesStatus && { status }),
    ...(movesStatus && isOver(status) && { encerrado_em: at }),
  }
  if (Object.keys($set).length === 0 && !clears) return undefined
  return {
    $set,
    $unset: [
      ...(clears ? ['descricao' as const] : []),
      ...(movesStatus && !isOver(status) && before.encerrado_em ? ['encerrado_em' as const] : []),
    ],
    eventos: [
      ...(movesStatus ? [{ em: at, tipo: 'status' as const, de: before.status, para: status }] : []),
      ...(movesOwner
        ? [{ em: at, tipo: 'responsavel' as const, de: before.responsavel_id, para: responsavel_id }]
        : []),
    ],
  }
}
