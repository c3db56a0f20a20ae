import { DUPLICATE_KEY, insertAll } from '../lib/mongo.js'
import { entryId, type Pendente } from '../vez/document.js'
import { type TarefaCollection, toDocument, toTarefas } from './model.js'

/**
 * Inserts the tarefas that these entries name; one that is there already is fine.
 *
 * @returns the refused ones: entry id → reason
 * @throws when the outcome is unknown
 */
export async function copyTarefas(
  tarefas: TarefaCollection,
  entries: readonly Pendente[],
): Promise<ReadonlyMap<string, string>> {
  const owed = entries.flatMap((entry) => toTarefas(entry).map((tarefa) => ({ entry, document: toDocument(tarefa) })))
  const documents = owed.map(({ document }) => document)
  const refused = new Map<string, string>()
  for (const [index, code] of await insertAll(tarefas, documents)) {
    const entry = owed[index]?.entry
    if (entry && code !== DUPLICATE_KEY) refused.set(entryId(entry), `codigo_${code}`)
  }
  return refused
}
