import { runCommand } from '../command.js'
import { migrate } from '../database/migrate.js'
import { setUpByCommand } from './setup-command.js'

runCommand((connect, say, config) => {
  const open = async () => {
    const connection = await connect()
    await migrate(connection)
    return connection
  }
  return setUpByCommand({ args: process.argv.slice(2), config, connect: open, say })
})
