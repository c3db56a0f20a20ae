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
  /** How long another process may hold the folder, or an engine take to answer. */
  readonly startMs: number
  readonly stopMs: number
  /** So long in good health starts the count of restarts again. */
  readonly healthyMs: number
  readonly restarts: number
  /** The first pause between restarts; it doubles. */
  readonly pauseMs: number
}

const LIMITS: SupervisorLimits = { startMs: 15_000, stopMs: 15_000, healthyMs: 60_000, restarts: 5, pauseMs: 200 }
const RETRY_MS = 300
const PING_MS = 1_000

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

  const first = await begin(() => portOf(folder))
  const { port } = first
  let life = first.life
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
    if (restarts > 1) await clock.wait(limits.pauseMs * 2 ** (restarts - 2) * (0.5 + random()))
    if (stopping) return
    notify(`O banco local parou; começando de novo (${restarts}ª vez) …`)
    const next = await begin(async () => port).catch(() => undefined)
    if (next) life = next.life
    if (stopping) life.signal('SIGTERM')
  }

  /** Begins a life; as long as somebody else holds the folder or the port, tries again until the time is up. */
  async function begin(choose: () => Promise<number>): Promise<{ life: Life; port: number }> {
    const deadline = clock.elapsed() + limits.startMs
    let cause = ''
    for (;;) {
      const port = await choose()
      const life = startProcess(engine.command, engine.args(port), engine.env)
      if (await answers(life, port, deadline)) return { life, port }
      if (life.hasEnded()) cause = life.lastWords()
      life.signal('SIGKILL')
      await life.ended
      if (stopping || clock.elapsed() >= deadline) throw refusal(cause)
      await clock.wait(RETRY_MS * (0.5 + random()))
    }
  }

  /** True once the engine does; false when it has ended, or the time is up. */
  async function answers(life: Life, port: number, deadline: number): Promise<boolean> {
    const client = new mongo.MongoClient(engine.uri(port), {
      directConnection: true,
      serverSelectionTimeoutMS: PING_MS,
      connectTimeoutMS: PING_MS,
      socketTimeoutMS: limits.startMs,
    })
    try {
      while (!life.hasEnded() && clock.elapsed() < deadline) {
        if (await Promise.race([isReady(client, port), life.ended.then(() => false)])) return true
        await clock.wait(50)
      }
      return false
    } finally {
      await client.close()
    }
  }

  async function isReady(client: mongo.MongoClient, port: number): Promise<boolean> {
    try {
      await client.db('admin').command({ ping: 1 })
      await engine.prepare?.(client, port)
      return true
    } catch {
      return false
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
