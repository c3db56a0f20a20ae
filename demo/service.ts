import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { VARIABLES } from '../src/config.js'
import { DemoFailure } from './failure.js'

/** A first start may have to install the database engine. */
const START_MS = 300_000
/** The service has its own limits for a shutdown; this is for one that hangs. */
const STOP_MS = 30_000

export interface ServiceProcess {
  /** Rejects with a DemoFailure when it does not come to listen. */
  readonly listening: Promise<void>
  /** Sets its wall time so far ahead of the machine's; resolves when it has. */
  setAhead(ms: number): Promise<void>
  /** Ends service and engine, whatever they were at, and waits for them. */
  stop(): Promise<void>
}

export interface ServiceOptions {
  /** Beside what the surroundings say that is no setting of ours. */
  readonly env: Readonly<Record<string, string>>
  /** How far its wall time is ahead of the machine's. */
  readonly aheadMs: number
  readonly notify: (line: string) => void
  /** It listened, and ended by itself. */
  readonly onEnd: (why: DemoFailure) => void
}

/** The compiled service as `npm start` runs it, in a process group of its own, so that Ctrl-C reaches the demonstration alone. */
export function startService({ env, aheadMs, notify, onEnd }: ServiceOptions): ServiceProcess {
  const [leash, clock] = ['./leash.js', './service-clock.js'].map((path) => new URL(path, import.meta.url).href)
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url))
  const child = spawn(process.execPath, ['--import', leash ?? '', '--import', clock ?? '', main], {
    detached: true,
    env: { ...foreign(process.env), ...env, DEMO_ADIANTE_MS: String(aheadMs) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let last = ''
  let isUp = false
  let isEnding = false
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  const why = (): DemoFailure =>
    new DemoFailure(
      `O serviço terminou${last === '' ? '. Rode de novo; se repetir, veja o que diz npm start.' : `: ${last}`}`,
    )
  const listening = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new DemoFailure('O serviço não começa. Rode npm start e veja onde ele para.')),
      START_MS,
    )
    const up = (): void => {
      isUp = true
      last = ''
      clearTimeout(limit)
      resolve()
    }
    lines(child.stdout, (line) => {
      if (line.startsWith('consultor da vez em ')) up()
      else if (!isUp && line.trim() !== '') notify(line.trim())
    })
    lines(child.stderr, (line) => {
      last = line.trim()
    })
    void ended.then(() => {
      clearTimeout(limit)
      reject(why())
      if (isUp && !isEnding) onEnd(why())
    })
  })
  const stop = async (): Promise<void> => {
    isEnding = true
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(limit)
  }
  const setAhead = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      child.once('message', () => resolve())
      void ended.then(() => reject(why()))
      child.send(ms, (error) => error && reject(why()))
    })
  return { listening, setAhead, stop }
}

/** Nobody's own database, account or key has to do with this. */
function foreign(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = new Set(Object.keys(VARIABLES).flatMap((name) => [name, `${name}_FILE`]))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.has(name)))
}

function lines(stream: ChildProcess['stdout'], heard: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8').on('data', (more: string) => {
    const parts = (rest + more).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) heard(line)
  })
}
