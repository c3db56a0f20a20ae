import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ADMIN, type Answer, type Call, call } from './service.js'
import { until } from './until.js'

/** Only there to end a hang: a start loads all of the service, while much else may go on. */
const START_MS = 180_000

/** The compiled service as a process of its own. */
export interface ServiceProcess {
  readonly url: string
  readonly child: ChildProcess
  readonly output: () => string
  call(method: string, path: string, more?: Call): Promise<Answer>
  /** Sends a signal and waits for the end; resolves with the exit code, or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string>
}

/**
 * Starts `npm start`'s own file; resolves when it listens. Rejects with what it said when it ends instead.
 *
 * @param root of the release that is started, built already
 * @param preloaded module that is loaded before it, with a channel to this process
 */
export async function startProcess(
  env: Readonly<Record<string, string>>,
  root = '.',
  preloaded?: string,
): Promise<ServiceProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'vez-process-'))
  const own = {
    AUTHENTICATION_API_KEY: ADMIN,
    PORT: '0',
    PASTA_DADOS: folder,
    LOG_NIVEL: 'warn',
    ESPERA_INTERVALO_S: '0',
  }
  const child = spawn(process.execPath, [...(preloaded ? ['--import', preloaded] : []), 'dist/src/main.js'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, ...own, ...env },
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', ...(preloaded ? (['ipc'] as const) : [])],
  })
  let output = ''
  let ended: number | string | undefined
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const end = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = code ?? signal ?? 1
      rmSync(folder, { recursive: true, force: true })
      resolve(ended)
    })
  })
  const address = () => /consultor da vez em (http:\S+)/.exec(output)?.[1]
  await until(() => address() !== undefined || ended !== undefined, START_MS, 'the start of a service process')
  const url = address()
  if (url === undefined) throw new Error(`the service ended with ${ended}: ${output}`)
  return {
    url,
    child,
    output: () => output,
    call: (method, path, more) => call(url, method, path, more),
    kill: (signal) => {
      child.kill(signal)
      return end
    },
  }
}
