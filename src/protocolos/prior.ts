import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import type { PriorProtocol } from '../vez/rules/commands.js'
import type { FindPrior } from '../vez/rules/prior-protocols.js'
import { atendenteOf, type Protocolo, type ProtocoloModel } from './model.js'

/** Looks up what `protocolos` knows of keys and contact ids, by one query each. */
export const priorProtocolos =
  (protocolos: ProtocoloModel): FindPrior =>
  async (keys, contactIds) => {
    const [byKey, byContact] = await Promise.all([
      find(protocolos, 'chave', keys),
      find(protocolos, 'contato.ids', contactIds),
    ])
    return {
      byKey: new Map(byKey.flatMap((one) => (one.chave === undefined ? [] : [[one.chave, one]]))),
      byContact: latestByContact(byContact),
    }
  }

/** By the driver, not by Mongoose: this is on the way of each turn. */
async function find(protocolos: ProtocoloModel, field: string, values: readonly string[]): Promise<PriorProtocol[]> {
  if (values.length === 0) return []
  const found = await protocolos.collection.find<Protocolo>({ [field]: { $in: values } }, LIMIT).toArray()
  return found.map((one) => omitUndefined({ ...one, contato_ids: one.contato?.ids ?? [], atendente: atendenteOf(one) }))
}

function latestByContact(found: readonly PriorProtocol[]): Map<string, PriorProtocol> {
  const latest = new Map<string, PriorProtocol>()
  for (const one of found) {
    for (const id of one.contato_ids) if (one.n > (latest.get(id)?.n ?? 0)) latest.set(id, one)
  }
  return latest
}
