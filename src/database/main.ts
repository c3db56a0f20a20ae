import { runCommand } from '../command.js'
import { migrate } from './migrate.js'

runCommand(async (connect, say) => {
  const applied = await migrate(await connect())
  say(applied.length > 0 ? `Migrações aplicadas: ${applied.join('; ')}.` : 'O banco já está em dia.')
})
