import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, createConnection } from 'mongoose'
import { type LocalDatabase, startLocalDatabase } from '../src/database/local.js'
import { KEY, loadOfTurns } from './load.js'

const START_MS = 30_000

/** The engine of the run: MONGODB_URI's, else a local one in a folder that is gone afterwards. */
export async function startEngine(say: (line: string) => void): Promise<LocalDatabase> {
  const uri = process.env.MONGODB_URI
  if (uri) return { engine: 'MongoDB', uri, folder: '', stop: async () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'vez-bench-'))
  const engine = await startLocalDatabase({
    folder,
    env: process.env,
    notify: say,
    onGiveUp: ({ message }) => say(message),
  })
  const stop = async (): Promise<void> => {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...engine, stop }
}

/** The engine with another database. */
export function databaseOf({ uri }: LocalDatabase, name: string): string {
  const url = new URL(uri)
  url.pathname = `/${name}`
  return url.href
}

export async function withConnection<T>(uri: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection(uri, { retryWrites: false }).asPromise()
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

/**
 * Drops a database, unless it is gone with its engine at the end: to drop a large one takes the local engine longer than it may stand
 * still.
 */
export async function discard({ folder }: LocalDatabase, uri: string): Promise<void> {
  if (folder === '') await withConnection(uri, (connection) => connection.dropDatabase())
}

export interface Process {
  readonly url: string
  /** Resident memory in MB. */
  rss(): number
  metric(name: string): Promise<number>
  stop(): Promise<void>
}

/** The compiled service, as `npm start` runs it. */
export async function startService(uri: string, more: Readonly<Record<string, string>> = {}): Promise<Process> {
  const env = {
    PATH: process.env.PATH,
    MONGODB_URI: uri,
    PORT: '0',
    AUTHENTICATION_API_KEY: KEY,
    CHAVE_MESTRA: 'bench-master-key-0123456789-0123456789',
    DESTINOS_INTERNOS: '127.0.0.1',
    LOG_NIVEL: 'silent',
    ...more,
  }
  const child = spawn(process.execPath, ['dist/src/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await address(child)
  return {
    url,
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
    metric: async (name) => {
      const text = await (await fetch(`${url}/metrics`, { headers: { 'api-key': KEY } })).text()
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const limit = setTimeout(() => reject(new Error('the service does not start')), START_MS)
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const url = /consultor da vez em (http:\S+)/.exec(text)?.[1]
      if (url === undefined) return
      clearTimeout(limit)
      resolve(url)
    })
    child.once('exit', () => reject(new Error(`the service ended: ${text}`)))
  })
}

let databases = 0

/**
 * Services on a new database with a team of so many; ended when the work is done.
 *
 * @param ports one service each: the port by which it reaches the engine, its own when `undefined`
 */
export async function withServices<T>(
  engine: LocalDatabase,
  ports: readonly (number | undefined)[],
  people: number,
  work: (processes: Process[], uri: string) => Promise<T>,
): Promise<T> {
  databases += 1
  const uri = databaseOf(engine, `bench_${process.pid}_${databases}`)
  const processes: Process[] = []
  try {
    for (const port of ports) processes.push(await startService(port === undefined ? uri : by(uri, port)))
    await team(processes[0]?.url ?? '', people)
    for (const { url } of processes) await loadOfTurns(url, 16, 1)
    return await work(processes, uri)
  } finally {
    await Promise.all(processes.map((one) => one.stop()))
    await discard(engine, uri)
  }
}

/** The same database by another port of this machine, whatever address the server itself tells. */
function by(uri: string, port: number): string {
  const url = new URL(uri)
  url.port = String(port)
  url.searchParams.set('directConnection', 'true')
  url.searchParams.delete('replicaSet')
  return url.href
}

/** Registers so many consultores who speak `pt` and are online. */
export async function team(url: string, size: number): Promise<void> {
  for (let place = 1; place <= size; place += 1) {
    const body = {
      nome: `Consultor de Atendimento ${place}`,
      email: `consultor.${place}@exemplo.com.br`,
      telefone: '+5511987654321',
      idiomas: ['pt', 'en'],
      id_pipedrive: 1_000 + place,
      status_online: true,
    }
    const response = await fetch(`${url}/consultor`, {
      method: 'POST',
      headers: { 'api-key': KEY, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`a consultor was answered with ${response.status}`)
  }
}
