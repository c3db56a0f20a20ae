/**
 * Breaks the code on purpose, one rule after the other, in a copy of its own, and says which tests see it. Exits with 1 when a
 * mutation is seen by none, when its text is not found once, or when the tests fail without one.
 *
 *     npm run test:mutacoes -- [words of the rules to try]
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalDatabase } from '../../dist/src/database/local.js'
import { TABELA } from './tabela.mjs'

const ROOT = join(import.meta.dirname, '..', '..')
const COPIED = [
  'src',
  'test',
  'integrations',
  'fakes',
  'docs',
  'dist',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'bench',
  'demo',
]
/** Of one mutation's tests: those that hang have seen it. */
const LIMIT_MS = 180_000
const say = (line) => process.stdout.write(`${line}\n`)

const wanted = process.argv.slice(2).join(' ').toLowerCase()
const mutations = TABELA.filter(({ regra }) => regra.toLowerCase().includes(wanted))
const folder = mkdtempSync(join(tmpdir(), 'consultor-da-vez-mutacoes-'))

/** A copy of the sources in which tests can be run. */
function workplace(name) {
  const place = join(folder, name)
  for (const part of COPIED)
    cpSync(join(ROOT, part), join(place, part), { recursive: true, filter: (path) => !path.includes('.grupos') })
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  return place
}

/** Do these tests pass there? Names of those that fail. */
function failing(place, { testes, motor }, uri) {
  const args = [
    'test/run.mjs',
    ...(motor ? [] : ['--unidade']),
    '--bail',
    '--maxWorkers=1',
    '--runTestsByPath',
    ...testes,
  ]
  const env = { ...process.env, ...(motor && { MONGODB_URI: uri, TESTES_SEM_DROP: 'sim' }) }
  const child = spawn(process.execPath, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const limit = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS)
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit)
      const [, name = code === 0 ? undefined : 'does not run'] = /● (.+)/.exec(output) ?? []
      resolve({ code, name, output })
    })
  })
}

const compile = (place) => {
  const { status } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: place, stdio: 'inherit' })
  if (status !== 0) throw new Error('it does not compile')
}

async function tryOne(place, mutation, uri) {
  const { arquivo, de, para } = mutation
  const path = join(place, arquivo)
  const before = readFileSync(path, 'utf8')
  if (before.split(de).length !== 2) return { seen: false, what: 'its text does not stand there once' }
  writeFileSync(
    path,
    before.replace(de, () => para),
  )
  if (mutation.compilado) compile(place)
  const { code, name } = await failing(place, mutation, uri)
  writeFileSync(path, before)
  if (mutation.compilado) compile(place)
  return code === 0 ? { seen: false, what: 'no test fails' } : { seen: true, what: name }
}

/** Runs all of these, as many at a time as there are places. */
async function spread(all, places, work) {
  const left = [...all]
  const take = async (place) => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(place, one)
  }
  await Promise.all(places.map(take))
}

const database = await startLocalDatabase({
  folder: join(folder, 'dados'),
  env: process.env,
  notify: () => undefined,
  onGiveUp: ({ message }) => say(message),
})
let wrong = 0
try {
  const places = Array.from({ length: Math.min(2, availableParallelism()) }, (_, index) => workplace(String(index)))
  const suites = new Map(mutations.map((one) => [one.testes.join(), one]))
  await spread(suites.values(), places, async (place, one) => {
    const { code, output } = await failing(place, one, database.uri)
    if (code === 0) return
    wrong += 1
    say(`Without a mutation ${one.testes.join(', ')} fails:\n${output}`)
  })
  say('| rule | mutation | seen by |\n|---|---|---|')
  await spread(mutations, places, async (place, one) => {
    const { seen, what } = await tryOne(place, one, database.uri)
    if (!seen) wrong += 1
    say(`| ${one.regra} | \`${one.arquivo}\` | ${seen ? what : `**nothing: ${what}**`} |`)
  })
  say(`\n${mutations.length} mutations, ${wrong} not as they should be.`)
} finally {
  await database.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = wrong > 0 || mutations.length === 0 ? 1 : 0
