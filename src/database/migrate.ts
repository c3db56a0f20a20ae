import type { Connection } from 'mongoose'
import { StartError } from '../lib/start-error.js'
import { PROTOCOLO_INDEXES } from '../protocolos/model.js'
import { TAREFA_INDEXES } from '../tarefas/model.js'

interface Migration {
  readonly n: number
  readonly what: string
  /** Safe when two replicas run it at once, and when it is run again after a crash in its middle. */
  readonly up: (connection: Connection) => Promise<void>
}

const MIGRATIONS: readonly Migration[] = [
  {
    n: 1,
    what: 'indexes of protocolos and tarefas',
    up: async (connection) => {
      await connection.collection('protocolos').createIndexes([...PROTOCOLO_INDEXES].map((one) => ({ ...one })))
      await connection.collection('tarefas').createIndexes([...TAREFA_INDEXES].map((one) => ({ ...one })))
    },
  },
]

void StartError
export async function migrate(connection: Connection): Promise<void> {
  for (const migration of MIGRATIONS) await migration.up(connection)
}
