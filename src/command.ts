import type { Connection } from 'mongoose'
import { type Config, readConfig } from './config.js'
import { connect, LONG_WORK } from './database/connect.js'
import { openDatabase } from './database/local.js'
import { describe } from './lib/logger.js'
import { StartError } from './lib/start-error.js'

/** Opens the service's database; nothing is opened before. */
type Connect = () => Promise<Connection>
type Say = (line: string) => void

/**
 * Runs one command on the service's database, local or not. Ends with 0 or the number that it gives back, or with 1 and one line of
 * cause and remedy.
 */
export function runCommand(command: (connect: Connect, say: Say, config: Config) => Promise<unknown>): void {
  const say: Say = (line) => void process.stdout.write(`${line}\n`)
  const ends: (() => Promise<void>)[] = []
  const open: Connect = async () => {
    const database = await openDatabase(readConfig(process.env), { env: process.env, notify: say, onGiveUp: fail })
    ends.push(database.stop)
    const connection = await connect(database.uri, undefined, LONG_WORK)
    ends.push(() => connection.close())
    return connection
  }
  const end = async (code: number): Promise<never> => {
    for (const one of ends.reverse()) await one().catch(() => undefined)
    process.exit(code)
  }
  const fail = (error: unknown): Promise<never> => {
    process.stderr.write(`${error instanceof StartError ? error.message : JSON.stringify(describe(error))}\n`)
    return end(1)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(130))
  Promise.resolve()
    .then(() => command(open, say, readConfig(process.env)))
    .then((code) => end(typeof code === 'number' ? code : 0), fail)
}
