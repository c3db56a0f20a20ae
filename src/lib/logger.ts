import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type { Logger }

/** JSON lines on stdout; readable ones when a person watches. */
export const createLogger = (level: string, watched: boolean): Logger =>
  watched
    ? pino({ level, base: null }, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }))
    : pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })

/** What may be told of an error: its kind and where it happened, never its message (it may quote what a customer wrote). */
export function describe(error: unknown): { erro: string; codigo?: string | number; onde?: string[] } {
  const { name, code, stack } = Object(error) as { name?: unknown; code?: unknown; stack?: unknown }
  const onde = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : []
  return {
    erro: typeof name === 'string' ? name : 'desconhecido',
    ...((typeof code === 'string' || typeof code === 'number') && { codigo: code }),
    ...(onde.length > 0 && { onde: onde.slice(0, 8).map((line) => line.trim()) }),
  }
}
