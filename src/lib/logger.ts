import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import { OwnError } from './errors.js'
import { omitUndefined } from './omit.js'

export type { Logger }

/** Of lines that stdout does not take, bytes; what is more is dropped. */
const MAX_KEPT = 1_000_000

/** JSON lines on stdout; readable ones when a person watches. The service goes on where stdout is a file on a full disk. */
export function createLogger(level: string, watched: boolean): Logger {
  if (watched) {
    const lines = pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
    return pino({ level, base: null }, lines)
  }
  const stdout = pino.destination({ fd: 1, sync: true, maxLength: MAX_KEPT })
  stdout.on('error', () => undefined)
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stdout)
}

/** Its kind, where it happened, and the message of an error of ours; a stranger's may quote what a customer wrote. */
export function describe(error: unknown) {
  const { name, code, stack } = Object(error) as { name?: unknown; code?: unknown; stack?: unknown }
  const onde = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : []
  return omitUndefined({
    erro: typeof name === 'string' ? name : 'desconhecido',
    mensagem: error instanceof OwnError ? error.message : undefined,
    codigo: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    onde: onde.length > 0 ? onde.slice(0, 8).map((line) => line.trim()) : undefined,
  })
}
