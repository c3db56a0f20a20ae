import { fioOf, ofCustomer, type TarefaModel } from '../tarefas/model.js'
import type { VezService } from '../vez/service.js'
import { type Change, changeProtocolo, findProtocolo } from './change.js'
import { CLIENTES, clienteHash } from './cliente.js'
import type { Protocolo, ProtocoloModel } from './model.js'

const MAX_TIME_MS = 3_000

/** Contact, texts and keys go; number, consultor and instant stay. `undefined` when that has been done. */
export function toAnonymous(before: Protocolo, em: Date): Change | undefined {
  if (before.anonimizado_em) return undefined
  return {
    $set: { anonimizado_em: em },
    $unset: ['contato', 'conversa', 'outros_fios', 'referencia', 'descricao', 'chave', 'impressao', 'pipedrive'],
    eventos: [{ em, tipo: 'anonimizado' }],
  }
}

/** Anonymises a protocol and what the `tarefas` of its conversations know of the customer. Idempotent. Throws 404. */
export async function anonymise(
  protocolos: ProtocoloModel,
  tarefas: TarefaModel,
  vez: VezService,
  n: number,
  em: Date,
): Promise<Protocolo> {
  const before = await findProtocolo(protocolos, vez, n)
  const { contato, outros_fios = [] } = before
  const fios = [fioOf(before), ...outros_fios].filter((fio) => fio !== undefined)
  if (fios.length > 0) {
    await tarefas.collection.updateMany(
      { fio: { $in: fios } },
      { $unset: { contato: '', chave: '', descricao: '', conversa: '', fio: '' } },
      { maxTimeMS: MAX_TIME_MS },
    )
  }
  const hash = contato && clienteHash(contato)
  if (hash !== undefined) {
    const { fio } = ofCustomer(contato)
    await tarefas.collection.updateMany({ fio }, { $unset: { fio: '' } }, { maxTimeMS: MAX_TIME_MS })
    await tarefas.db.collection<{ _id: string }>(CLIENTES).deleteOne({ _id: hash }, { maxTimeMS: MAX_TIME_MS })
  }
  return changeProtocolo(protocolos, vez, n, (now) => toAnonymous(now, em))
}
