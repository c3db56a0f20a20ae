import { LIMIT } from '../lib/mongo.js'
import type { Protocolo } from '../protocolos/model.js'
import type { PipedriveCore } from './connect.js'
import { accountDocuments } from './model.js'

/** So many deals in a row that were given away at once are probably the work of a rule. */
const ROW = 3
/** How far around a protocol the deals before and after its own are looked for, in numbers. */
const AROUND = 40

/**
 * Reports that a rule of the account probably gives our deals away: no event says so
 * (docs/vendors/pipedrive.md#automatic-assignment), but several in a row that change hands within a minute of their birth do.
 * Each of these changes is followed as any other.
 */
export async function reportAutomatic(
  { connection, protocolos, clock, logger }: Pick<PipedriveCore, 'connection' | 'protocolos' | 'clock' | 'logger'>,
  { n, pipedrive: its }: Protocolo,
): Promise<void> {
  const ours = await protocolos.db
    .collection<Protocolo>('protocolos')
    .find(
      { n: { $gte: n - AROUND, $lte: n + AROUND }, 'pipedrive.negocio': { $in: ['criado', 'novo'] } },
      { projection: { n: 1, 'pipedrive.dono_trocado_logo': 1 }, ...LIMIT },
    )
    .toArray()
  if (its?.negocio_id === undefined || rowAt(n, ours) < ROW) return
  const found = { em: clock.now(), negocio_id: its.negocio_id }
  const before = await accountDocuments(connection, 'atribuicao_automatica').findOneAndUpdate(
    { _id: 'atribuicao_automatica' },
    { $set: found },
    { upsert: true, ...LIMIT },
  )
  const { negocio_id: negocio } = found
  if (!before) logger.error({ negocio }, 'a rule of automatic assignment probably gives our deals to somebody else')
}

/** How many in a row were given away at once, this one among them. */
function rowAt(n: number, all: readonly Pick<Protocolo, 'n' | 'pipedrive'>[]): number {
  const sorted = all.toSorted((a, b) => a.n - b.n)
  const place = sorted.findIndex((one) => one.n === n)
  const given = (one: Pick<Protocolo, 'pipedrive'>): boolean => one.pipedrive?.dono_trocado_logo === true
  const upTo = sorted.slice(0, place + 1).toReversed()
  const after = sorted.slice(place + 1)
  const run = (list: typeof sorted): number => {
    const end = list.findIndex((one) => !given(one))
    return end < 0 ? list.length : end
  }
  return run(upTo) === 0 ? 0 : run(upTo) + run(after)
}
