import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { mongo } from 'mongoose'
import type { Clock } from '../../lib/clock.js'
import { type DiskFault, explainDisk, isNearlyFull, nameDisk } from '../../lib/disk.js'
import { StartError } from '../../lib/start-error.js'
import { type EngineProcess, startProcess } from './engine-process.js'
import { stopsReading } from './reads.js'

/** How to run an engine in a folder. */
export interface Engine {
  readonly name: string
  readonly command: string
  readonly args: (port: number) => readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uri: (port: number) => string
  /** What a new folder needs once the engine answers; done at each start, so it must be repeatable. */
  readonly prepare?: (client: mongo.MongoClient, port: number) => Promise<void>
}

export interface SupervisorLimits {
  /** How long another process may hold the folder or the port: an engine that ends is begun again until then. */
  readonly heldMs: number
  /** How long a running engine may take to answer: a busy machine needs many times the usual second. */
  readonly answerMs: number
  /** From SIGTERM to SIGKILL. */
  readonly stopMs: number
  /** An engine that ran so long without ending sets the count of restarts back to 0. */
  readonly healthyMs: number
  readonly restarts: number
  /** The first pause between restarts; it doubles, up to five seconds. */
  readonly pauseMs: number
}

const LIMITS: SupervisorLimits = {
  heldMs: 15_000,
  answerMs: 60_000,
  stopMs: 15_000,
  healthyMs: 60_000,
  restarts: 5,
  pauseMs: 200,
}
const RETRY_MS = 300
const LOOK_MS = 50
/** How long an engine may still take connections after it was told to end. */
const NOTICED_MS = 1_000
const CONNECT_MS = 5_000
const MAX_PAUSE_MS = 5_000

export interface SupervisorOptions {
  /** Absolute; made when missing. Data, port and the engine's own files are in it. */
  readonly folder: string
  /** Progress, for the person at the terminal. */
  readonly notify: (line: string) => void
  /** The engine died more often than it may. */
  readonly onGiveUp: (error: StartError) => void
  readonly clock: Clock
  readonly random: () => number
  readonly limits?: Partial<SupervisorLimits>
}

/**
 * Starts an engine and waits until it answers; one that ends, or answers no reads any more, is started again on the same port, at
 * once, then after pauses that double. Only so many times in a row, but for as long as it is its disk that cannot be written:
 * there may be space again at any time. Throws a StartError when it does not start.
 */
export async function supervise(
  engine: Engine,
  options: SupervisorOptions,
): Promise<{ readonly uri: string; readonly stop: () => Promise<void> }> {
  const { folder, clock, random, notify, onGiveUp } = options
  const limits = { ...LIMITS, ...options.limits }
  let stopping = false
  let tellEnd = (): void => undefined
  /** Whether the engine still reads: looked at again and again. */
  let reading: Promise<boolean> | undefined
  const toEnd = new Promise<void>((resolve) => {
    tellEnd = resolve
  })
  let restarts = 0
  /** Further ones in a row, because of the disk. */
  let stalls = 0
  let current: EngineProcess

  const port = await start(() => portOf(folder), limits.heldMs)
  // Only now: while another process holds the folder, the port in it is that one's.
  writeFileSync(join(folder, PORT_FILE), `${port}\n`, { mode: 0o600 })
  const watching = watch()
  return {
    uri: engine.uri(port),
    stop: async () => {
      stopping = true
      const cancel = clock.after(limits.stopMs, () => current.signal('SIGKILL'), 'database.kill')
      tellEnd()
      await reading
      current.signal('SIGTERM')
      await Promise.all([watching, knock(current, port, clock)])
      cancel()
    },
  }

  /** Waits for the end of each process, and starts the next, until the engine is stopped or given up. */
  async function watch(): Promise<void> {
    while (!stopping) {
      const began = clock.elapsed()
      reading = stopsReading(current, engine.uri(port), clock, random, toEnd)
      const isUseless = await reading
      // What it has acknowledged is in its journal; it can write nothing more.
      if (isUseless && !stopping) current.signal('SIGKILL')
      await current.ended
      if (clock.elapsed() - began >= limits.healthyMs) restarts = 0
      while (!stopping && current.hasEnded()) await restart()
    }
    await current.ended
  }

  async function restart(): Promise<void> {
    const fault = faultOf(current)
    if (fault) stalls += 1
    else restarts += 1
    if (restarts > limits.restarts) {
      stopping = true
      onGiveUp(new StartError(`O banco local parou ${restarts} vezes seguidas. Veja ${folder} e ${nameDisk(folder)}.`))
      return
    }
    const tries = restarts + stalls
    const pauseMs = Math.min(MAX_PAUSE_MS, limits.pauseMs * 2 ** (tries - 2))
    if (tries > 1) await clock.wait(pauseMs * (0.5 + random()))
    if (stopping) return
    if (!fault) notify(`O banco local parou; começando de novo (${restarts}ª vez) …`)
    else if (stalls === 1) notify(`O banco local parou. ${explainDisk(fault, folder)} Ele volta sozinho.`)
    await start(async () => port, 0).catch(() => undefined)
    if (stopping) current.signal('SIGTERM')
    if (current.hasEnded()) return
    if (stalls > 0) notify('O banco local voltou.')
    stalls = 0
  }

  /** Starts a process and returns its port; one that ends is started again for `heldMs`, since another may hold the folder. */
  async function start(choosePort: () => Promise<number>, heldMs: number): Promise<number> {
    const deadline = clock.elapsed() + heldMs
    for (;;) {
      const chosen = await choosePort()
      current = startProcess(engine.command, engine.args(chosen), engine.env)
      if (await answers(current, chosen)) return chosen
      const isSilent = !current.hasEnded()
      current.signal('SIGKILL')
      await current.ended
      if (stopping || isSilent || faultOf(current) || clock.elapsed() >= deadline) throw refusal(current, isSilent)
      await clock.wait(RETRY_MS * (0.5 + random()))
    }
  }

  /** True once the engine does; false when its process has ended, or the time is up. */
  async function answers(begun: EngineProcess, chosen: number): Promise<boolean> {
    const deadline = clock.elapsed() + limits.answerMs
    while (!begun.hasEnded() && clock.elapsed() < deadline) {
      if (await isReady(engine, begun, chosen, deadline - clock.elapsed())) return true
      await clock.wait(LOOK_MS)
    }
    return false
  }

  function refusal(begun: EngineProcess, isSilent: boolean): StartError {
    const fault = faultOf(begun)
    if (fault) return new StartError(`O banco local (${engine.name}) não começou. ${explainDisk(fault, folder)}`)
    const words = isSilent ? '' : begun.lastWords()
    if (/\b(busy|lock|locked)\b|already running/i.test(words))
      return new StartError(
        `A pasta ${folder} está em uso por outro processo. Pare-o, ou defina outra com PASTA_DADOS.`,
      )
    const why = words.split('\n').at(-1) || 'sem resposta'
    return new StartError(`O banco local (${engine.name}) não começou em ${folder}, n${nameDisk(folder)}: ${why}`)
  }

  /** What is wrong with the disk of a process that has ended. A panic with little space left is one of a full disk. */
  function faultOf(ended: EngineProcess): DiskFault | undefined {
    const isPanic = /WT_PANIC/.test(ended.lastWords())
    return ended.diskFault() ?? (isPanic && isNearlyFull(folder) ? 'full' : undefined)
  }
}

/** Does it answer within so many ms? A client for each look: the driver closes one for good when its first connection fails. */
async function isReady(engine: Engine, begun: EngineProcess, port: number, ms: number): Promise<boolean> {
  const client = new mongo.MongoClient(engine.uri(port), {
    directConnection: true,
    serverSelectionTimeoutMS: Math.min(CONNECT_MS, ms),
    connectTimeoutMS: Math.min(CONNECT_MS, ms),
    socketTimeoutMS: ms,
  })
  const prepared = async (): Promise<boolean> => {
    await client.db('admin').command({ ping: 1 })
    await engine.prepare?.(client, port)
    return true
  }
  try {
    return await Promise.race([prepared().catch(() => false), begun.ended.then(() => false)])
  } finally {
    await client.close()
  }
}

/**
 * Connects again and again until a process that was told to end has ended: SecantusDB's listener looks at its next connection
 * only whether it is to end, and its own process waits two seconds for that. One that still listens after a second was told
 * while it began to wait, and has missed it: it is told again.
 */
async function knock(engine: EngineProcess, port: number, clock: Clock): Promise<void> {
  const deadline = clock.elapsed() + NOTICED_MS
  while (!engine.hasEnded()) {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      if (clock.elapsed() > deadline) engine.signal('SIGTERM')
    })
    socket.on('error', () => undefined)
    await Promise.race([clock.wait(LOOK_MS), engine.ended])
  }
}

const PORT_FILE = 'porta'

/** The port that this folder's engine had last, if it is free; else another one. */
async function portOf(folder: string): Promise<number> {
  const path = join(folder, PORT_FILE)
  const kept = existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0
  if (Number.isInteger(kept) && kept > 1_023 && kept < 65_536 && (await tryPort(kept)) === kept) return kept
  const port = await tryPort(0)
  if (port === undefined) throw new StartError('Nenhuma porta livre em 127.0.0.1 para o banco local.')
  return port
}

/** The port, or any for 0; `undefined` when it is taken. */
function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
