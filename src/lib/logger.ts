import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import { OwnError } from './errors.js'
import { omitUndefined } from './omit.js'

export type { Logger }

/** JSON lines on stdout; readable ones when a person watches. */
export const createLogger = (level: string, watched: boolean): Logger =>
  watched
    ? pino({ level, base: null }, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }))
    : pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })

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
