import { expect } from '@jest/globals'

/** What stands for a `{name}` in a file of an adapter's folder. */
export type Values = Readonly<Record<string, string>>

/** With its `{name}`s replaced, wherever they stand; `{#name}` alone becomes a number. Other braces stay as they are. */
export function fill<T>(template: T, values: Values): T
export function fill(template: unknown, values: Values): unknown {
  if (typeof template === 'string') {
    const [, number] = /^\{#(\w+)\}$/.exec(template) ?? []
    if (number !== undefined && number in values) return Number(values[number])
    return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
  }
  if (Array.isArray(template)) return template.map((one) => fill(one, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fill(value, values)]))
}

const escaped = (text: string): string => text.replace(/[.*+?^$()[\]{}|\\/]/g, '\\$&')

/** The same as something that `toEqual` compares with: each `{name}` is a pattern, `{qualquer}` any text. */
export function expected(template: unknown, patterns: Values): unknown {
  if (typeof template === 'string') {
    const parts = template.split(/\{(\w+)\}/)
    if (parts.length === 1) return template
    const source = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : (patterns[part] ?? '.+'))).join('')
    return expect.stringMatching(new RegExp(`^${source}$`, 's'))
  }
  if (Array.isArray(template)) return template.map((one) => expected(one, patterns))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, expected(value, patterns)]))
}

/** A text as the pattern that only it matches. */
export const literally = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escaped(value)]))
