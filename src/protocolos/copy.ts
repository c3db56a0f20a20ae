import { DUPLICATE_KEY, insertAll, LIMIT } from '../lib/mongo.js'
import { toNumero } from '../lib/numero.js'
import { entryId, isProtocolo, type Pendente, PRIORIDADES, type ProtocoloPendente } from '../vez/document.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** The document of an entry of `pendentes`. */
export function toProtocolo(entry: ProtocoloPendente): Protocolo {
  const { tipo: _tipo, tarefas: _tarefas, recusada: _recusada, writeId, n, prioridade, atendente, ...rest } = entry
  return {
    _id: n,
    n,
    numero: toNumero(n),
    lote: writeId,
    ...rest,
    prioridade: PRIORIDADES.find((one) => one === prioridade) ?? 'normal',
    status: 'aberto',
    responsavel_id: entry.consultor_id ?? null,
    ultimo_contato_em: entry.created_at,
    historico:
      atendente === undefined ? [] : [{ em: entry.created_at, tipo: 'responsavel', de: null, para: atendente }],
    rev: 0,
  }
}

/**
 * Copies the protocols of these entries; one that is there already from the same write is fine.
 *
 * @returns the refused ones: entry id → reason
 * @throws when the outcome is unknown
 */
export async function copyProtocolos(
  protocolos: ProtocoloModel,
  entries: readonly Pendente[],
): Promise<ReadonlyMap<string, string>> {
  const pending = entries.filter(isProtocolo)
  const failed = await insertAll(protocolos.db.collection<Protocolo>('protocolos'), pending.map(toProtocolo))
  const taken = [...failed].flatMap(([index, code]) => (code === DUPLICATE_KEY ? (pending[index]?.n ?? []) : []))
  const there = await writesOf(protocolos, taken)
  const refused = new Map<string, string>()
  for (const [index, code] of failed) {
    const entry = pending[index]
    if (!entry || (code === DUPLICATE_KEY && there.get(entry.n) === entry.writeId)) continue
    refused.set(entryId(entry), code === DUPLICATE_KEY ? 'numero_ou_chave_em_uso' : `codigo_${code}`)
  }
  return refused
}

/** Which write made each of these numbers, of those that are there. */
async function writesOf(protocolos: ProtocoloModel, numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (numbers.length === 0) return new Map()
  const found = await protocolos.find({ _id: { $in: numbers } }, { lote: 1 }, LIMIT).lean()
  return new Map(found.map(({ _id, lote }) => [_id, lote]))
}
