import { runCommand } from '../command.js'
import { migrate } from '../database/migrate.js'
import { importByCommand } from './command.js'

runCommand((connect, say) => {
  const open = async () => {
    const connection = await connect()
    await migrate(connection)
    return connection
  }
  const warn = (line: string): void => void process.stderr.write(`${line}\n`)
  return importByCommand({ args: process.argv.slice(2), connect: open, say, warn })
})
