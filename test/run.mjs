/**
 * Runs Jest: on the engine of MONGODB_URI, else on a local one of its own that is gone afterwards. What it does not know is
 * Jest's.
 *
 * --tudo        every case of every matrix, where `npm test` takes a seeded sample
 * --unidade     only tests that need no engine; nothing is built, no engine is started
 * --limite=S    ends the run after so many seconds, with a summary of what ran until then
 * --contagem=F  writes the counts {passed, failed, skipped} into this file, and keeps it up to date while it runs
 *
 * SEMENTE repeats the samples, the random choices and the order of another run; without it there is a new one, which is said.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeGroups } from './runner/groups.mjs'
import needNoEngine from './runner/unit.cjs'

/** Of a summary and of ending Jest, once the limit is over. */
const GRACE_MS = 20_000
/** A disk in memory, and what the data of a run needs there, with much to spare. */
const [MEMORY_DISK, MEMORY_DISK_BYTES] = ['/dev/shm', 2 * 1_024 ** 3]
const FOLDER = import.meta.dirname
const say = (line) => process.stderr.write(`${line}\n`)

const [own, others] = [new Map(), []]
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(tudo|unidade|limite|contagem)(?:=(.+))?$/.exec(argument) ?? []
  if (name) own.set(name, value ?? 'sim')
  else others.push(argument)
}

/**
 * Where the run's engine keeps its data: in memory if there is room, since it writes each change to its disk at once. No test
 * asks whether this one's data outlives a crash: those have engines of their own in folders of their own.
 */
function dataFolder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    if (bavail * bsize >= MEMORY_DISK_BYTES) return mkdtempSync(join(MEMORY_DISK, 'consultor-da-vez-'))
  } catch {
    // There is none, or it takes no files.
  }
  return mkdtempSync(join(tmpdir(), 'consultor-da-vez-'))
}

async function startEngine() {
  if (own.has('unidade')) return { env: {}, stop: async () => undefined }
  if (process.env.MONGODB_URI) return { env: {}, stop: async () => undefined }
  const { startLocalDatabase } = await import('../dist/src/database/local.js')
  const folder = dataFolder()
  const onGiveUp = (error) => say(error.message)
  const database = await startLocalDatabase({ folder, env: process.env, notify: say, onGiveUp })
  say(`Tests run on ${database.engine}.`)
  const stop = async () => {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const drops = !database.engine.startsWith('SecantusDB')
  return { env: { MONGODB_URI: database.uri, TESTES_SEM_DROP: drops ? '' : 'sim' }, stop }
}

/** Resolves with its exit code. Its process group is ended with it: no worker and no service of a test is left behind. */
function runJest(env, args) {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    detached: true,
  })
  const signalAll = (signal) => {
    try {
      process.kill(-jest.pid, signal)
    } catch {
      // All of it has ended.
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signalAll('SIGTERM'))
  const seconds = Number(own.get('limite') ?? 0)
  if (seconds > 0) setTimeout(() => signalAll('SIGKILL'), seconds * 1_000 + GRACE_MS).unref()
  return new Promise((done) => {
    jest.once('exit', (code) => {
      signalAll('SIGKILL')
      done(code ?? 1)
    })
  })
}

const seed = Number(process.env.SEMENTE ?? randomInt(1, 2 ** 31 - 1))
say(`SEMENTE=${seed}`)
const hasWorkers = others.some((one) => /^(--maxWorkers|-w|--runInBand|-i)\b/.test(one))
// Who names files wants those, each by itself.
const groups = others.every((one) => one.startsWith('-'))
  ? writeGroups((paths) => (own.has('unidade') ? needNoEngine(paths).filtered : paths))
  : undefined
// Not last: `--reporters` would take the names of test files that follow it for reporters.
const args = [
  '--reporters=default',
  `--reporters=${join(FOLDER, 'runner', 'reporter.cjs')}`,
  `--seed=${seed}`,
  ...(hasWorkers ? [] : [`--maxWorkers=${availableParallelism()}`]),
  ...(groups?.args ?? (own.has('unidade') ? [`--filter=${join(FOLDER, 'runner', 'unit.cjs')}`] : [])),
  ...others,
]
const engine = await startEngine().catch((error) => {
  say(error.message)
  process.exit(1)
})
const env = {
  ...engine.env,
  SEMENTE: String(seed),
  ...(own.has('tudo') && { TUDO: 'sim' }),
  ...(own.has('limite') && { TESTES_LIMITE_S: own.get('limite') }),
  ...(own.has('contagem') && { TESTES_CONTAGEM: resolve(own.get('contagem')) }),
}
const code = await runJest(env, args)
if (own.has('tudo')) say(`SEMENTE=${seed}`)
groups?.remove()
await engine.stop()
process.exitCode = code
