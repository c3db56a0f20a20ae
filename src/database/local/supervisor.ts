import { mongo } from 'mongoose'
import type { Clock } from '../../lib/clock.js'
import { StartError } from '../../lib/start-error.js'
import { portOf } from './port.js'
import { type Life, startProcess } from './process.js'

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
  /** How long an engine that lives may take to answer: a busy machine needs many times the usual second. */
  readonly answerMs: number
  readonly stopMs: number
  /** So long in good health starts the count of restarts again. */
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
const CONNECT_MS = 5_000
const MAX_PAUSE_MS = 5_000

export interface SupervisorOptions {
  readonly folder: string
  readonly notify: (line: string) => void
  readonly onGiveUp: (error: StartError) => void
  readonly clock: Clock
  readonly random: () => number
  readonly limits?: Partial<SupervisorLimits>
}

/** Runs an engine until it is stopped: one that dies is started again on the same port, at once, then ever later. */
export async function supervise(
  engine: Engine,
  options: SupervisorOptions,
): Promise<{ readonly uri: string; stop(): Promise<void> }> {
  const { folder, clock, random, notify, onGiveUp } = options
  const limits = { ...LIMITS, ...options.limits }
  let stopping = false
  let restarts = 0
  let life: Life

  const port = await begin(() => portOf(folder), limits.heldMs)
  const watching = watch()

  return {
    uri: engine.uri(port),
    stop: async () => {
      stopping = true
      life.signal('SIGTERM')
      const cancel = clock.after(limits.stopMs, () => life.signal('SIGKILL'))
      await watching
      cancel()
    },
  }

  /** Waits for the end of a life, and begins the next. */
  async function watch(): Promise<void> {
    while (!stopping) {
      const began = clock.elapsed()
      await life.ended
      if (clock.elapsed() - began >= limits.healthyMs) restarts = 0
      while (!stopping && life.hasEnded()) await again()
    }
    await life.ended
  }

  async function again(): Promise<void> {
    restarts += 1
    if (restarts > limits.restarts) {
      stopping = true
      onGiveUp(
        new StartError(
          `O banco local parou ${limits.restarts + 1} vezes seguidas. Veja o espaço em disco e ${folder}.`,
        ),
      )
      return
    }
    const pauseMs = Math.min(MAX_PAUSE_MS, limits.pauseMs * 2 ** (restarts - 2))
    if (restarts > 1) await clock.wait(pauseMs * (0.5 + random()))
    if (stopping) return
    notify(`O banco local parou; começando de novo (${restarts}ª vez) …`)
    await begin(async () => port, 0).catch(() => undefined)
    if (stopping) life.signal('SIGTERM')
  }

  /** Begins a life and returns its port; one that ends, since somebody else may hold the folder, is begun again for so many ms. */
  async function begin(choose: () => Promise<number>, heldMs: number): Promise<number> {
    const deadline = clock.elapsed() + heldMs
    for (;;) {
      const chosen = await choose()
      life = startProcess(engine.command, engine.args(chosen), engine.env)
      if (await answers(life, chosen)) return chosen
      const isSilent = !life.hasEnded()
      life.signal('SIGKILL')
      await life.ended
      if (stopping || isSilent || clock.elapsed() >= deadline) throw refusal(isSilent ? '' : life.lastWords())
      await clock.wait(RETRY_MS * (0.5 + random()))
    }
  }

  /** True once the engine does; false when it has ended, or the time is up. */
  async function answers(begun: Life, chosen: number): Promise<boolean> {
    const deadline = clock.elapsed() + limits.answerMs
    while (!begun.hasEnded() && clock.elapsed() < deadline) {
      if (await isReady(begun, chosen, deadline - clock.elapsed())) return true
      await clock.wait(LOOK_MS)
    }
    return false
  }

  /** A client of its own for each look: the driver closes one for good when its first connection fails. */
  async function isReady(begun: Life, chosen: number, ms: number): Promise<boolean> {
    const client = new mongo.MongoClient(engine.uri(chosen), {
      directConnection: true,
      serverSelectionTimeoutMS: Math.min(CONNECT_MS, ms),
      connectTimeoutMS: Math.min(CONNECT_MS, ms),
      socketTimeoutMS: ms,
    })
    const prepared = async (): Promise<boolean> => {
      await client.db('admin').command({ ping: 1 })
      await engine.prepare?.(client, chosen)
      return true
    }
    try {
      return await Promise.race([prepared().catch(() => false), begun.ended.then(() => false)])
    } finally {
      await client.close()
    }
  }

  function refusal(words: string): StartError {
    if (/busy|lock|already running/i.test(words))
      return new StartError(
        `A pasta ${folder} está em uso por outro processo. Pare-o, ou defina outra com PASTA_DADOS.`,
      )
    return new StartError(
      `O banco local (${engine.name}) não começou em ${folder}: ${words.split('\n').at(-1) || 'sem resposta'}`,
    )
  }
}
