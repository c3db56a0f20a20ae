import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { VARIABLES } from '../src/config.js'
import { DemoFailure } from './failure.js'

/** A first start may have to install the database engine. */
const START_MS = 300_000
/** The service has its own limits for a shutdown; this is for one that hangs. */
const STOP_MS = 30_000

export interface RunningService {
  /** Ends service and engine, and waits for them. */
  stop(): Promise<void>
}

export interface ServiceOptions {
  /** Beside what the surroundings say that is no setting of ours. */
  readonly env: Readonly<Record<string, string>>
  readonly notify: (line: string) => void
  /** It ended by itself. */
  readonly onEnd: (why: DemoFailure) => void
}

/**
 * The compiled service as `npm start` runs it, in a process group of its own, so that Ctrl-C reaches the demonstration alone.
 *
 * @throws DemoFailure when it does not come to listen
 */
export async function startService({ env, notify, onEnd }: ServiceOptions): Promise<RunningService> {
  const [leash, main] = [new URL('./leash.js', import.meta.url).href, new URL('../src/main.js', import.meta.url)]
  const child = spawn(process.execPath, ['--import', leash, fileURLToPath(main)], {
    detached: true,
    env: { ...foreign(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let last = ''
  let isUp = false
  let isEnding = false
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  const heard = (line: string): void => {
    if (line.trim() === '') return
    last = line.trim()
    if (!isUp) notify(last)
  }
  const listening = new Promise<boolean>((resolve) => {
    const limit = setTimeout(() => resolve(false), START_MS)
    const settle = (value: boolean): void => {
      clearTimeout(limit)
      isUp = value
      resolve(value)
    }
    lines(child.stdout, (line) => (line.startsWith('consultor da vez em ') ? settle(true) : heard(line)))
    lines(child.stderr, heard)
    void ended.then(() => settle(false))
  })
  const stop = async (): Promise<void> => {
    isEnding = true
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(limit)
  }
  const why = (): DemoFailure => new DemoFailure(last === '' ? 'O serviço terminou.' : `O serviço terminou: ${last}`)
  if (!(await listening)) {
    await stop()
    throw why()
  }
  void ended.then(() => isEnding || onEnd(why()))
  return { stop }
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
