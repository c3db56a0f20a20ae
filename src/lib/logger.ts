import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import { OwnError } from './errors.js'

export type { Logger }

/** JSON lines on stdout; readable ones when a person watches. */
export const createLogger = (level: string, watched: boolean): Logger =>
  watched
    ? pino({ level, base: null }, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }))
    : pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })

/** What a log may tell of an error. */
export interface Described {
  readonly erro: string
  readonly mensagem?: string
  readonly codigo?: string | number
  readonly onde?: readonly string[]
}

/** Its kind, where it happened, and the message of an error of ours; a stranger's may quote what a customer wrote. */
export function describe(error: unknown): Described {
  const { name, code, stack } = Object(error) as { name?: unknown; code?: unknown; stack?: unknown }
  const onde = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : []
  return {
    erro: typeof name === 'string' ? name : 'desconhecido',
    ...(error instanceof OwnError && { mensagem: error.message }),
    ...((typeof code === 'string' || typeof code === 'number') && { codigo: code }),
    ...(onde.length > 0 && { onde: onde.slice(0, 8).map((line) => line.trim()) }),
  }
}
