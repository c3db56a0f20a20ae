// Runs Jest on a real engine: the one of MONGODB_URI, else a local one of its own that is gone afterwards.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalDatabase } from '../dist/src/database/local.js'

const say = (line) => process.stderr.write(`${line}\n`)

async function engine() {
  if (process.env.MONGODB_URI) return { uri: process.env.MONGODB_URI, end: async () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'consultor-da-vez-'))
  const onGiveUp = (error) => say(error.message)
  const database = await startLocalDatabase({ folder, env: process.env, notify: say, onGiveUp })
  say(`Tests run on ${database.engine}.`)
  const end = async () => {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { uri: database.uri, end }
}

const { uri, end } = await engine().catch((error) => {
  say(error.message)
  process.exit(1)
})
const args = ['node_modules/jest/bin/jest.js', '--maxWorkers=4', ...process.argv.slice(2)]
const jest = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, MONGODB_URI: uri } })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill('SIGTERM'))
jest.once('exit', async (code) => {
  await end()
  process.exitCode = code ?? 1
})
