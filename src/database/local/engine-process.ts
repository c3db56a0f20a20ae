import { spawn } from 'node:child_process'
import { type DiskFault, diskFaultIn } from '../../lib/disk.js'
import { withPrivateFiles } from '../../lib/private-folder.js'

const LAST_LINES = 20
const LAST_WORDS_MS = 1_000

export interface EngineProcess {
  /** Resolves when the process has ended and its last words were read. */
  readonly ended: Promise<void>
  readonly hasEnded: () => boolean
  readonly lastWords: () => string
  /** What it said to be wrong with its disk, if it ever did. */
  readonly diskFault: () => DiskFault | undefined
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/**
 * A process that ends the engine when the service is gone. It is told the engine's pid on stdin, and 0 once the engine has
 * ended; when the pipe breaks first, the service was killed. Its arguments name neither engine nor folder, so that whoever
 * kills processes by those names does not kill it.
 */
const WATCHER = `
let pid = 0, text = ''
const send = (signal) => { try { process.kill(pid, signal) } catch { process.exit() } }
process.stdin.on('data', (chunk) => { text += chunk; const lines = text.split('\\n'); text = lines.pop(); if (lines.length) pid = Number(lines.pop()) })
process.stdin.on('error', () => {})
process.stdin.on('close', () => {
  if (!pid) process.exit()
  send('SIGTERM')
  const looks = setInterval(() => send(0), 100)
  setTimeout(() => { clearInterval(looks); send('SIGKILL'); process.exit() }, 10000)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
`

/** Starts the engine in a process group of its own, so that Ctrl-C reaches the service alone, and its watcher. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): EngineProcess {
  const watcher = spawn(process.execPath, ['-e', WATCHER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const engine = withPrivateFiles(() =>
    spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env }),
  )
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  if (engine.pid !== undefined) watcher.stdin.write(`${engine.pid}\n`)
  const lines: string[] = []
  let diskFault: DiskFault | undefined
  for (const stream of [engine.stdout, engine.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      diskFault = diskFaultIn(text) ?? diskFault
      lines.push(...text.split('\n').filter((line) => line.trim() !== ''))
      lines.splice(0, lines.length - LAST_LINES)
    })
  }
  let over = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true
      watcher.stdin.end('0\n')
      resolve()
    }
    engine.once('error', end)
    engine.once('close', end)
    // A child of the engine may hold its pipes open: then `close` never comes.
    engine.once('exit', () => setTimeout(end, LAST_WORDS_MS))
  })
  return {
    ended,
    hasEnded: () => over,
    lastWords: () => lines.join('\n'),
    diskFault: () => diskFault,
    signal: (one) => !over && engine.kill(one),
  }
}
