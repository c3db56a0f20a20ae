import { LIMIT } from '../lib/mongo.js'
import { CLIENTES, clienteHash } from '../tarefas/cliente.js'
import { conversationKeyOf, customerKeyOf } from '../tarefas/model.js'
import type { Outbox } from '../tarefas/outbox.js'
import type { VezService } from '../vez/service.js'
import { type Change, changeProtocolo, findProtocolo } from './change.js'
import { forgetOurs } from './conversas-nossas.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** Contact, texts and keys go; number, consultor and instant stay. `undefined` when that has been done. */
export function toAnonymous(before: Protocolo, at: Date): Change | undefined {
  if (before.anonimizado_em) return undefined
  return {
    $set: { anonimizado_em: at },
    $unset: ['contato', 'conversa', 'outros_fios', 'referencia', 'descricao', 'chave', 'impressao', 'pipedrive'],
    eventos: [{ em: at, tipo: 'anonimizado' }],
  }
}

/** Where what is known of a customer stands. */
export interface Anonymising {
  readonly protocolos: ProtocoloModel
  readonly outbox: Pick<Outbox, 'anonymise'>
  readonly vez: VezService
}

/** Anonymises a protocol and what the `tarefas` of its conversations know of the customer. Idempotent. Throws 404. */
export async function anonymise({ protocolos, outbox, vez }: Anonymising, n: number, at: Date): Promise<Protocolo> {
  const before = await findProtocolo(protocolos, vez, n)
  const { contato, outros_fios = [] } = before
  const keys = [conversationKeyOf(before), ...outros_fios, customerKeyOf(contato)]
  await outbox.anonymise(keys.filter((key) => key !== undefined))
  await forgetOurs(protocolos.db, contato?.ids ?? [])
  const hash = contato && clienteHash(contato)
  if (hash !== undefined) {
    await protocolos.db.collection<{ _id: string }>(CLIENTES).deleteOne({ _id: hash }, LIMIT)
  }
  return changeProtocolo(protocolos, vez, n, (now) => toAnonymous(now, at))
}
