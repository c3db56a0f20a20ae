import { randomBytes } from 'node:crypto'
import { type Connection, mongo } from 'mongoose'
import { EVENTO_INDEXES } from '../eventos/model.js'
import { isDuplicateKey, LONG_LIMIT } from '../lib/mongo.js'
import { CLIENTE_INDEXES, LEAD_INDEX } from '../pipedrive/model.js'
import { CONVERSAS_NOSSAS, CONVERSAS_NOSSAS_INDEX } from '../protocolos/conversas-nossas.js'
import { ABERTOS_INDEX, BUSCA_INDEXES, PIPEDRIVE_INDEX, PROTOCOLO_INDEXES } from '../protocolos/model.js'
import { SESSAO_INDEXES } from '../sessoes/model.js'
import { CLIENTES } from '../tarefas/cliente.js'
import { TAREFA_INDEXES } from '../tarefas/model.js'
import { counters } from '../vez/commit/store.js'
import { emptyVez, toDocument } from '../vez/document.js'
import { connect, LONG_WORK } from './connect.js'
import { checkSequence, hasProtocolos } from './sequence.js'

const INDEX_NOT_FOUND = 27

interface Migration {
  readonly n: number
  readonly nome: string
  /** Safe when two replicas run it at once, and when it is run again after a crash in its middle. */
  readonly up: (connection: Connection) => Promise<void>
}

interface Applied {
  readonly _id: number
  readonly nome: string
  readonly em: Date
}

/** In order; one that has been released is never changed. */
const MIGRATIONS: readonly Migration[] = [
  {
    n: 1,
    nome: 'indices de protocolos e tarefas',
    up: async (connection) => {
      await connection.collection('protocolos').createIndexes(PROTOCOLO_INDEXES.map((one) => ({ ...one })))
      await connection.collection('tarefas').createIndexes(TAREFA_INDEXES.map((one) => ({ ...one })))
    },
  },
  { n: 2, nome: 'o documento vez', up: createVez },
  {
    n: 3,
    nome: 'indices do pipedrive, e uma fila para cada trabalhador',
    up: async (connection) => {
      const tarefas = connection.collection('tarefas')
      await tarefas.updateMany({ fila: { $exists: false } }, { $set: { fila: 'chat' } })
      await tarefas.createIndexes(TAREFA_INDEXES.map((one) => ({ ...one })))
      // The index without `fila` found the work of both queues, and made each copy slower.
      await tarefas.dropIndex('estado').catch(ignoreAbsent)
      await connection.collection('protocolos').createIndexes([{ ...PIPEDRIVE_INDEX }])
      await connection.collection(CLIENTES).createIndexes(CLIENTE_INDEXES.map((one) => ({ ...one })))
    },
  },
  {
    n: 4,
    nome: 'responsavel_ausente das contas de chat que existem',
    up: async (connection) => {
      const before = { responsavel_ausente: 'manter', ausente_min: 15 }
      await connection.collection('canais').updateMany({ responsavel_ausente: { $exists: false } }, { $set: before })
    },
  },
  {
    n: 5,
    nome: 'as conversas que nós começamos vencem',
    up: async (connection) => {
      await connection.collection(CONVERSAS_NOSSAS).createIndexes([{ ...CONVERSAS_NOSSAS_INDEX }])
    },
  },
  {
    n: 6,
    nome: 'indices para achar protocolos pelo telefone e pelo responsavel',
    up: async (connection) => {
      await connection.collection('protocolos').createIndexes(BUSCA_INDEXES.map((one) => ({ ...one })))
    },
  },
  {
    n: 7,
    nome: 'indice dos leads dos clientes',
    up: async (connection) => {
      await connection.collection(CLIENTES).createIndexes([{ ...LEAD_INDEX }])
    },
  },
  {
    n: 8,
    nome: 'indices do livro',
    up: async (connection) => {
      await connection.collection('eventos').createIndexes(EVENTO_INDEXES.map((one) => ({ ...one })))
    },
  },
  {
    n: 9,
    nome: 'indices das sessoes',
    up: async (connection) => {
      await connection.collection('sessoes').createIndexes(SESSAO_INDEXES.map((one) => ({ ...one })))
    },
  },
  {
    n: 10,
    nome: 'indice para contar os protocolos abertos de um responsavel',
    up: async (connection) => {
      await connection.collection('protocolos').createIndexes([{ ...ABERTOS_INDEX }])
    },
  },
]

/**
 * Brings the database to this release's shape, and makes sure that its sequence can be trusted. Any number of replicas may
 * do it at once. A database of a newer release is left as it is: migrations only add, so an older release beside it works.
 *
 * @returns the names of those that were applied now
 * @throws StartError when `vez` is missing beside protocols, or behind them
 */
export async function migrate(connection: Connection, now = new Date()): Promise<string[]> {
  const records = connection.collection<Applied>('migracoes')
  const applied = new Set((await records.find({}, LONG_LIMIT).toArray()).map(({ _id }) => _id))
  const names: string[] = []
  for (const { n, nome, up } of MIGRATIONS) {
    if (applied.has(n)) continue
    await up(connection)
    await records.insertOne({ _id: n, nome, em: now }).catch(ignoreDuplicate)
    names.push(nome)
  }
  await checkSequence(connection)
  return names
}

/** Migrates on a connection of its own, whose limits leave time for an index over many protocols; throws as `connect` and `migrate`. */
export async function migrateAt(uri: string): Promise<string[]> {
  const connection = await connect(uri, undefined, LONG_WORK)
  try {
    return await migrate(connection)
  } finally {
    await connection.close()
  }
}

/** The first `vez`; not where there are protocols, whose numbers it would give again. */
async function createVez(connection: Connection): Promise<void> {
  if (await counters(connection).findOne({ _id: 'vez' }, LONG_LIMIT)) return
  if (await hasProtocolos(connection)) return
  await insertFirstVez(connection)
}

/** The `vez` of a database in which nobody has had a turn yet. */
export async function insertFirstVez(connection: Connection): Promise<void> {
  const first = toDocument(emptyVez(randomBytes(12).toString('base64url')))
  await counters(connection).insertOne(first).catch(ignoreDuplicate)
}

/** Another replica was first, or it has never been there. */
function ignoreAbsent(error: unknown): void {
  if (!(error instanceof mongo.MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
}

/** Another replica was first. */
function ignoreDuplicate(error: unknown): void {
  if (!isDuplicateKey(error)) throw error
}
