import { runCommand } from '../command.js'
import { setUpByCommand } from './setup-command.js'

runCommand((connect, say, config) => setUpByCommand({ args: process.argv.slice(2), config, connect, say }))
