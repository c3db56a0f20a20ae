import { cpus } from 'node:os'
import type { Measured } from './load.js'

/** Prints a Markdown table as the figures come. */
export function table(say: (line: string) => void, title: string, columns: readonly string[]) {
  say(`\n${title}\n\n| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`)
  return (...cells: readonly string[]): void => say(`| ${cells.join(' | ')} |`)
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en')
export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
export const times = (value: number): string => `${value.toFixed(2)} ×`
export const verdict = (holds: boolean): string => (holds ? 'ok' : 'short')

export const cells = ({ perSecond, p50, p99, failed }: Measured): [string, string, string] => [
  whole(perSecond),
  ms(p50),
  `${ms(p99)}${failed > 0 ? `, ${failed} failed` : ''}`,
]

export const machine = (engine: string): string =>
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}, ${engine}; load generator, service and engine share them.`
