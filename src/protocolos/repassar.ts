import type { Clock } from '../lib/clock.js'
import { pendingNumbers } from '../vez/commit/store.js'
import type { FindOpen } from '../vez/rules/limit.js'
import type { VezService } from '../vez/service.js'
import { type Change, changeProtocolo, findProtocolo, isOver, toChange } from './change.js'
import type { Protocolo, ProtocoloModel } from './model.js'
import type { BeforeChanged } from './routes.js'

/** What one call moves at most, and how long it goes on, ms: the next call goes on with those that are left. */
const MOST = 200
const MOST_MS = 20_000
/** How long each waits for turns, at most, ms. */
const STEP_BACK_MS = 50

/** Why, in a protocol's history, where whoever asks says nothing. */
const MOTIVO = 'repasse'

export interface HandOver {
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  readonly findOpen: FindOpen
  readonly beforeChanged: BeforeChanged
}

export interface HandedOver {
  readonly movidos: number
  /** Open ones that he has still, those that failed included; from 1,000 on at least so many. */
  readonly restantes: number
  /** Numbers that could not be moved now. */
  readonly falharam: readonly number[]
}

/** What is asked for. */
export interface Asked {
  readonly from: number
  /** In turn. */
  readonly to: readonly number[]
  readonly motivo?: string
}

/**
 * Moves a consultor's open protocols to others, in turn and one by one, as if each were changed by hand. It may end at any
 * protocol and be called again, also twice at once: what is moved is no longer his.
 *
 * @param isAlive false: whoever asked has gone, and it stops
 */
export async function handOver(
  deps: HandOver,
  { from, to, motivo = MOTIVO }: Asked,
  isAlive: () => boolean,
): Promise<HandedOver> {
  const { vez, clock } = deps
  const numbers = await openNumbers(deps, from)
  const end = clock.elapsed() + MOST_MS
  const falharam: number[] = []
  let movidos = 0
  for (const n of numbers.slice(0, MOST)) {
    const responsavel_id = to[movidos % to.length]
    if (responsavel_id === undefined || !isAlive() || clock.elapsed() > end) break
    await vez.letPass(STEP_BACK_MS)
    try {
      if (await move(deps, n, { from, responsavel_id, motivo })) movidos += 1
    } catch {
      falharam.push(n)
    }
  }
  return { movidos, restantes: (await openNumbers(deps, from)).length, falharam }
}

/** In order. */
async function openNumbers({ vez, findOpen }: HandOver, from: number): Promise<number[]> {
  await vez.drainAll()
  const { byConsultor } = await findOpen([from], pendingNumbers(await vez.readFresh()))
  return (byConsultor.get(from) ?? []).toSorted((one, other) => one - other)
}

/** False: it is not his any more, or over. */
async function move(
  { vez, protocolos, clock, beforeChanged }: HandOver,
  n: number,
  { from, responsavel_id, motivo }: { from: number; responsavel_id: number; motivo: string },
): Promise<boolean> {
  const isHis = (one: Protocolo): boolean => one.responsavel_id === from && !isOver(one.status)
  const found = await findProtocolo(protocolos, vez, n)
  if (!isHis(found)) return false
  await beforeChanged(found, { responsavel_id })
  let moved = false
  await changeProtocolo(protocolos, vez, n, (before): Change | undefined => {
    const change = isHis(before) ? toChange(before, { responsavel_id }, clock.now()) : undefined
    moved = change !== undefined
    return change && { ...change, eventos: change.eventos.map((one) => ({ ...one, motivo })) }
  })
  return moved
}
