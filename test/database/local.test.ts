import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { mongo } from 'mongoose'
import { supervise } from '../../src/database/local/supervisor.js'
import type { LocalOptions } from '../../src/database/local/way.js'
import { type LocalDatabase, startLocalDatabase } from '../../src/database/local.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { diskFaultIn, diskFaultOf, explainDisk } from '../../src/lib/disk.js'
import { StartError } from '../../src/lib/start-error.js'
import { serverPort } from '../support/database.js'
import { holdTimers } from '../support/held-timers.js'
import { amount, isWhole } from '../support/sample.js'
import { until } from '../support/until.js'

const run = promisify(execFile)

/** Far beyond what a busy machine needs: a limit for what never comes. */
const SLOW_MS = 60_000

let root: string
let started: LocalDatabase[]
let notes: string[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vez-local-'))
  started = []
  notes = []
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.stop()))
  rmSync(root, { recursive: true, force: true })
})

async function start(more: Partial<LocalOptions> = {}): Promise<LocalDatabase> {
  const database = await startLocalDatabase({
    folder: join(root, 'banco'),
    env: process.env,
    notify: (line) => notes.push(line),
    onGiveUp: () => undefined,
    ...more,
  })
  started.push(database)
  return database
}

/** The modes of a folder and of all that is in it, without their kind. */
const modesIn = (folder: string): string[] =>
  ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].map((name) => {
    const { mode } = statSync(join(folder, name))
    return `${name} ${(mode & 0o777).toString(8)}`
  })

/** A folder for the PATH with these programs in it, and node. */
function programs(scripts: Record<string, string>): string {
  const folder = join(root, 'bin')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'node'))) symlinkSync(process.execPath, join(folder, 'node'))
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return `${folder}`
}

/**
 * A PATH whose Python only plays SecantusDB's installation, within no time: its first pip hangs until it is killed, and the
 * engine that a later one leaves is a way to the run's own.
 */
function playedPython(): string {
  const python = join(root, 'python')
  writeFileSync(join(root, 'proxy.cjs'), PROXY)
  const installed = `#!/bin/sh
case "$*" in
  *"-m pip"*) if [ -e ${root}/once ]; then : > "\${0%/*}/secantusd-py"; else : > ${root}/once; exec sleep 60; fi;;
  *--help) ;;
  *) exec ${process.execPath} ${root}/proxy.cjs "$7" ${serverPort()};;
esac
`
  writeFileSync(python, installed, { mode: 0o755 })
  const made = `mkdir -p "$3/bin"; cp ${python} "$3/bin/python"`
  return `${programs({ 'python3.13': `case "$*" in *venv*) ${made};; *) echo 3.13;; esac` })}:${process.env.PATH}`
}

const pids = async (): Promise<number[]> => {
  const { stdout } = await run('pgrep', ['-f', `storage-path ${root}`]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

async function withClient<T>(uri: string, work: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: SLOW_MS })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

const refused = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'started',
    (error: Error) => {
      expect(error).toBeInstanceOf(StartError)
      expect(error.message).not.toContain('\n')
      return error.message
    },
  )

/** What a process of its own runs: an engine in this test's folder, whose address it tells. */
const program = (env: Record<string, string>): string => `
  import { startLocalDatabase } from ${JSON.stringify(join(process.cwd(), 'dist/src/database/local.js'))}
  const env = { ...process.env, ...${JSON.stringify(env)} }
  const { uri } = await startLocalDatabase({ folder: ${JSON.stringify(join(root, 'banco'))}, env, notify() {}, onGiveUp() {}, engine: 'secantus' })
  console.log(uri)
  setInterval(() => {}, 1000)`

/** Stands for an engine that took its time: hands everything from one port to another. */
const PROXY = `
  const net = require("node:net")
  const [here, there] = process.argv.slice(-2).map(Number)
  net.createServer((one) => {
    const other = net.connect(there, "127.0.0.1")
    one.pipe(other).pipe(one)
    one.on("error", () => other.destroy())
    other.on("error", () => one.destroy())
  }).listen(here, "127.0.0.1")`

/** A way to another engine that reads no more, or does not begin, while there are files that say so. */
const FAULTY = `
  const net = require("node:net"), fs = require("node:fs")
  const [folder, error, here, there] = process.argv.slice(2)
  const is = (name) => fs.existsSync(folder + "/" + name)
  fs.appendFileSync(folder + "/lives", "x")
  fs.writeFileSync(folder + "/pid", String(process.pid))
  let ending = false
  process.on("SIGTERM", () => {
    if (is("deaf")) return fs.unlinkSync(folder + "/deaf")
    if (is("waiting")) return ending = true
    if (is("full")) console.error("x.wt: pwrite: No space left on device")
    process.exit(1)
  })
  if (is("full")) { console.error("x.wt: pwrite: No space left on device\\nWT_PANIC: blocked"); process.exit(1) }
  const body = Buffer.from(error, "hex"), head = Buffer.alloc(21)
  head.writeInt32LE(21 + body.length, 0)
  head.writeInt32LE(2013, 12)
  net.createServer((one) => {
    if (ending) process.exit()
    const other = net.connect(Number(there), "127.0.0.1")
    one.on("data", (bytes) => {
      if (!is("unreadable") || !bytes.includes("find\\0")) return other.write(bytes)
      head.writeInt32LE(bytes.readInt32LE(4), 8)
      one.write(Buffer.concat([head, body]))
    })
    other.pipe(one)
    one.on("error", () => other.destroy()).on("close", () => other.destroy())
    other.on("error", () => one.destroy())
  }).listen(Number(here), "127.0.0.1")`

describe('SecantusDB', () => {
  it('closes an open folder to other users of the machine, keeps data and port across starts, refuses a folder that is held, and leaves no process behind', async () => {
    mkdirSync(join(root, 'banco'), { mode: 0o755 })
    const first = await start({ engine: 'secantus' })
    expect(modesIn(join(root, 'banco')).filter((one) => !/ [67]00$/.test(one))).toEqual([])
    expect(first.engine).toMatch(/^SecantusDB/)
    await withClient(first.uri, (client) => client.db().collection('x').insertOne({ n: 1 }))
    await first.stop()
    expect(await pids()).toEqual([])
    const second = await start({ engine: 'secantus' })
    expect(second.uri).toBe(first.uri)
    expect(await withClient(second.uri, (client) => client.db().collection('x').countDocuments())).toBe(1)
    expect(await refused(start({ engine: 'secantus', limits: { heldMs: amount(3_000, 0) } }))).toMatch(
      /está em uso por outro processo.*PASTA_DADOS/,
    )
    await second.stop()
    expect((await start({ engine: 'secantus' })).uri).toBe(first.uri)
  })

  it('that dies is started again on the same port; one that goes on dying is given up, but not while it is stopped', async () => {
    let gaveUp: StartError | undefined
    const onGiveUp = (error: StartError): void => {
      gaveUp = error
    }
    const restarts = amount(2, 1)
    const { uri } = await start({ engine: 'secantus', onGiveUp, limits: { restarts, pauseMs: 10 } })
    for (let death = 1; death <= restarts + 1; death += 1) {
      const [pid = Number.NaN] = await pids()
      process.kill(pid, 'SIGKILL')
      if (death > restarts) break
      await until(async () => (await pids()).some((other) => other !== pid), undefined, 'the next life')
      await withClient(uri, (client) => client.db().command({ ping: 1 }))
    }
    await until(() => gaveUp !== undefined, undefined, 'the end of all tries')
    expect(gaveUp?.message).toContain(`${restarts + 1} vezes`)
    expect(notes.filter((line) => line.includes('começando de novo'))).toHaveLength(restarts)
  })

  // `life.test.ts` kills the service itself.
  // In `npm test` a whole service that is killed stands for it (life.test.ts).
  const onlyWhole = isWhole ? it : it.skip
  onlyWhole('ends when its service is killed', async () => {
    const service = spawn(process.execPath, ['--input-type=module', '-e', program({})], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => service.stdout.once('data', resolve))
    expect(await pids()).toHaveLength(1)
    service.kill('SIGKILL')
    await until(async () => (await pids()).length === 0, undefined, 'the engine’s end')
  })

  it('is made again when its installation was cut off, at once', async () => {
    const cache = join(root, 'cache')
    const own = { XDG_CACHE_HOME: cache, ...(!isWhole && { PATH: playedPython() }) }
    const env = { ...process.env, ...own }
    const first = spawn(process.execPath, ['--input-type=module', '-e', program(own)], {
      stdio: 'ignore',
      detached: true,
    })
    const made = async () =>
      (await run('find', [cache, '-name', 'constraints.txt']).catch(() => ({ stdout: '' }))).stdout
    await until(async () => (await made()) !== '', undefined, 'half an installation')
    if (!isWhole) await until(() => existsSync(join(root, 'once')), undefined, 'its pip')
    process.kill(-(first.pid ?? Number.NaN), 'SIGKILL')
    // Of the looks at the dead one's lock, the first sees it as old as it has to be.
    const clock: Clock = {
      ...systemClock,
      now: () => new Date(Date.now() + 5_000),
      wait: (ms) => systemClock.wait(ms / 10),
      after: (ms, callback) => systemClock.after(ms === 10_000 ? 1 : ms, callback),
    }
    await start({ engine: 'secantus', env, clock })
    expect(notes.filter((line) => line.startsWith('Instalando'))).toHaveLength(1)
    expect(notes).toContain('  ainda instalando (0 s) …')
    expect(existsSync(join(dirname((await made()).trim()), 'pronto'))).toBe(true)
  }, 300_000)

  it('that is slow to answer is waited for, and given up when it never does', async () => {
    const args = (port: number) => [
      '-c',
      `sleep ${amount(2_500, 500) / 1_000}; exec "$0" -e '${PROXY}' ${port} ${serverPort()}`,
      process.execPath,
    ]
    const slow = {
      name: 'slow',
      command: 'sh',
      args,
      env: process.env,
      uri: (port: number) => `mongodb://127.0.0.1:${port}`,
    }
    const options = {
      folder: root,
      notify: () => undefined,
      onGiveUp: () => undefined,
      clock: systemClock,
      random: Math.random,
    }
    const running = await supervise(slow, { ...options, limits: { heldMs: 0 } })
    await running.stop()
    const silent = { ...slow, args: () => ['-c', 'exec sleep 60'] }
    expect(await refused(supervise(silent, { ...options, limits: { answerMs: 500 } }))).toMatch(/sem resposta/)
  })

  /** Another way to the run's engine, as bad as the files in this folder say. */
  function faulty(): Parameters<typeof supervise>[0] {
    writeFileSync(join(root, 'faulty.cjs'), FAULTY)
    const error = mongo.BSON.serialize({ ok: 0, errmsg: 'x', code: 1, codeName: 'InternalError' })
    const told = [root, Buffer.from(error).toString('hex')]
    return {
      name: 'faulty',
      command: process.execPath,
      args: (port) => [join(root, 'faulty.cjs'), ...told, String(port), String(serverPort())],
      env: process.env,
      uri: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
    }
  }
  const touch = (name: string): void => writeFileSync(join(root, name), '')
  const remove = (name: string): void => rmSync(join(root, name))
  const lives = (): number => readFileSync(join(root, 'lives'), 'utf8').length

  it.each([
    ['that misses that it is to end is told again', 'deaf'],
    ['that ends at its next connection gets one', 'waiting'],
  ])('%s', async (_, how) => {
    const onGiveUp = jest.fn()
    // Nothing else ends it.
    const { clock } = holdTimers((name) => name === 'database.kill')
    const options = { folder: root, notify: () => undefined, onGiveUp, clock, random: Math.random }
    const running = await supervise(faulty(), options)
    touch(how)
    await running.stop()
    expect([lives(), onGiveUp.mock.calls]).toEqual([1, []])
  })

  it('that answers pings but no reads is begun again', async () => {
    const onGiveUp = jest.fn()
    const notify = (line: string): number => notes.push(line)
    const clock: Clock = { ...systemClock, after: (ms, callback, name) => systemClock.after(ms / 20, callback, name) }
    const options = { folder: root, notify, onGiveUp, clock, random: Math.random }
    const running = await supervise(faulty(), { ...options, limits: { stopMs: 100_000 } })
    touch('unreadable')
    await until(() => lives() === 2, undefined, 'the next life')
    remove('unreadable')
    await until(() => notes.length > 0, undefined, 'the note')
    const read = (): Promise<unknown> =>
      withClient(running.uri, (client) => client.db('t').collection('counters').findOne({}))
    await until(
      () =>
        read()
          .then(() => true)
          .catch(() => false),
      undefined,
      'a read',
    )
    expect(notes[0]).toMatch(/parou; começando de novo/)
    expect(onGiveUp).not.toHaveBeenCalled()
    await running.stop()
  })

  it('whose disk is full says which and how much is free, and is begun again as often as it takes', async () => {
    const onGiveUp = jest.fn()
    const notify = (line: string): number => notes.push(line)
    const limits = { restarts: 1, pauseMs: 1 }
    const options = { folder: root, notify, onGiveUp, clock: systemClock, random: Math.random, limits }
    touch('full')
    const disk =
      /Não há espaço para .*vez-local-.*: o disco montado em \/\S* \(livres: [\d.,]+ MB\) está cheio\. Libere/
    expect(await refused(supervise(faulty(), options))).toMatch(disk)
    // It did not wait for a folder that is held.
    expect(lives()).toBe(1)
    remove('full')
    const running = await supervise(faulty(), options)
    touch('full')
    process.kill(Number(readFileSync(join(root, 'pid'), 'utf8')))
    await until(() => lives() > 5, undefined, 'more lives than a broken engine has')
    remove('full')
    await until(() => notes.at(-1) === 'O banco local voltou.', undefined, 'its return')
    expect(notes.filter((line) => disk.test(line))).toHaveLength(1)
    expect(onGiveUp).not.toHaveBeenCalled()
    await running.stop()
  })

  it.each([
    ['ENOSPC', 'No space left on device', /Não há espaço .*Libere/],
    ['EDQUOT', 'Disk quota exceeded', /cota .*apague arquivos/],
    ['EROFS', 'Read-only file system', /somente de leitura.*Monte-o/],
    ['EACCES', 'Permission denied', /Sem permissão .*chown/],
    ['EIO', 'Input/output error', /Erro de leitura ou gravação .*dmesg/],
  ])('that cannot write (%s) says what to do, as the start itself does', (code, words, expected) => {
    for (const fault of [diskFaultIn(`x: pwrite: ${words}`), diskFaultOf(Object.assign(new Error(words), { code }))]) {
      expect(explainDisk(fault ?? 'full', join(root, 'none'))).toMatch(expected)
      expect(explainDisk(fault ?? 'full', root)).toMatch(/montado em \/.*livres: .*PASTA_DADOS/)
    }
  })

  it.each([
    ['no Python', {}, /nenhum Python 3\.10 a 3\.13/],
    ['a Python that is too new', { python3: 'echo 3.14' }, /nenhum Python 3\.10 a 3\.13/],
    ['no venv', { python3: 'case "$*" in *venv*) exit 1;; *) echo 3.11;; esac' }, /python3-venv/],
    [
      'no way to PyPI',
      {
        python3:
          'case "$*" in *venv*) mkdir -p "$3/bin"; printf "#!/bin/sh\\nexit 1\\n" > "$3/bin/python"; chmod +x "$3/bin/python";; *) echo 3.11;; esac',
      },
      /PyPI/,
    ],
  ])('says in one line what to do: %s', async (_, scripts, expected) => {
    const env = { PATH: `${programs(scripts)}:/bin`, XDG_CACHE_HOME: join(root, 'cache') }
    const path = { ...env, PATH: existsSync('/bin/python3') ? `${programsOnly()}` : env.PATH }
    expect(await refused(start({ engine: 'secantus', env: path }))).toMatch(expected)
  })
})

/** The fake programs and the few that they call, but no Python of the machine. */
function programsOnly(): string {
  const folder = join(root, 'bin')
  for (const name of ['sh', 'mkdir', 'chmod'])
    if (!existsSync(join(folder, name))) symlinkSync(`/bin/${name}`, join(folder, name))
  return folder
}

describe('a mongod on the PATH', () => {
  it('is preferred, and run as a replica set of one with a persistent folder', async () => {
    const told = join(root, 'told')
    const env = { PATH: `${programs({ mongod: `echo "$@" >> ${told}; exit 1` })}:${process.env.PATH}` }
    expect(await refused(start({ env, limits: { heldMs: 500 } }))).toMatch(/MongoDB \(mongod\)/)
    const args = readFileSync(told, 'utf8')
    expect(args).toContain('--bind_ip 127.0.0.1')
    expect(args).toContain(`--dbpath ${join(root, 'banco', 'mongod')}`)
    expect(args).toContain('--replSet')
  })

  it('may be named by MONGOMS_SYSTEM_BINARY, and is not used where BANCO_LOCAL says another way', async () => {
    const folder = programs({ other: 'exit 1' })
    const env = { ...process.env, MONGOMS_SYSTEM_BINARY: join(folder, 'other') }
    expect(await refused(start({ env, limits: { heldMs: 300 } }))).toMatch(/mongod/)
    writeFileSync(join(root, 'once'), '')
    const played = { ...env, PATH: playedPython(), XDG_CACHE_HOME: join(root, 'cache') }
    expect((await start({ env: played, engine: 'secantus' })).engine).toMatch(/^SecantusDB/)
  })
})

describe('a mongod to download', () => {
  it.each(['refuses', 'hangs'])('is passed over when its host %s', async (how) => {
    const host = createServer()
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    const address = host.address()
    const port = typeof address === 'object' && address ? address.port : 0
    if (how === 'refuses') host.close()
    // Its time is up once it was asked.
    const asked = new AbortController()
    host.on('connection', () => asked.abort())
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(asked.signal)
    const env = { PATH: dirname(process.execPath), MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${port}` }
    expect(await refused(start({ env, engine: 'download' }))).toMatch(/servidor de downloads .*MONGODB_URI/)
    expect(timeout).toHaveBeenCalledWith(2_000)
    timeout.mockRestore()
    host.close()
  })
})

describe('a download of a mongod', () => {
  const NAMES = ['MONGOMS_DOWNLOAD_MIRROR', 'MONGOMS_DOWNLOAD_DIR', 'MONGOMS_SYSTEM_BINARY'] as const
  let before: (string | undefined)[]
  beforeEach(() => {
    before = NAMES.map((name) => process.env[name])
  })
  afterEach(() => {
    for (const [place, name] of NAMES.entries()) {
      const value = before[place]
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  it('that fails is one line that names the other ways', async () => {
    const host = createHttpServer((_request, response) => response.writeHead(404).end())
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    const address = host.address()
    const port = typeof address === 'object' && address ? address.port : 0
    process.env.MONGOMS_DOWNLOAD_MIRROR = `http://127.0.0.1:${port}`
    process.env.MONGOMS_DOWNLOAD_DIR = join(root, 'download')
    delete process.env.MONGOMS_SYSTEM_BINARY
    const env = { PATH: dirname(process.execPath), MONGOMS_DOWNLOAD_MIRROR: process.env.MONGOMS_DOWNLOAD_MIRROR }
    expect(await refused(start({ env, engine: 'download' }))).toMatch(/o download do mongod falhou.*MONGODB_URI/)
    expect(notes).toContain('Baixando o mongod (só na primeira vez) …')
    host.close()
  })
})

it('with nothing at all there is one error that names every way', async () => {
  const env = { PATH: programs({}), MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:9' }
  const message = await refused(start({ env }))
  for (const way of [/mongod no PATH/, /Python 3\.10 a 3\.13/, /downloads do MongoDB/, /MONGODB_URI/])
    expect(message).toMatch(way)
})
