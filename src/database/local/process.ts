import { type ChildProcess, spawn } from 'node:child_process'

const LAST_LINES = 20
const LAST_WORDS_MS = 1_000

/**
 * The watcher's whole program. It is told the engine's pid on stdin, and 0 once the engine has ended; when the pipe breaks,
 * the service is gone, and it ends the engine. Its arguments name neither engine nor folder, so nobody who looks for them
 * by name ends the watcher first.
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

/** One life of an engine. */
export interface Life {
  /** Resolves when the process has ended and its last words were heard. */
  readonly ended: Promise<void>
  readonly hasEnded: () => boolean
  /** The last lines that it wrote, for the one who looks for a cause. */
  readonly lastWords: () => string
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Starts an engine in a process group of its own, with a watcher that ends it when this process dies, however it dies. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Life {
  const watcher = spawn(process.execPath, ['-e', WATCHER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const engine = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  if (engine.pid !== undefined) watcher.stdin.write(`${engine.pid}\n`)
  const lines = collect(engine)
  let over = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true
      watcher.stdin.end('0\n')
      resolve()
    }
    engine.once('error', end)
    engine.once('close', end)
    // Somebody else may hold its pipes open.
    engine.once('exit', () => setTimeout(end, LAST_WORDS_MS))
  })
  return {
    ended,
    hasEnded: () => over,
    lastWords: () => lines.join('\n'),
    signal: (signal) => {
      if (!over) engine.kill(signal)
    },
  }
}

function collect(engine: ChildProcess): string[] {
  const lines: string[] = []
  for (const stream of [engine.stdout, engine.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line.trim() !== ''))
      lines.splice(0, lines.length - LAST_LINES)
    })
  }
  return lines
}
