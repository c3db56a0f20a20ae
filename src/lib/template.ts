/** The only names that a template may hold. */
export const CAMPOS = ['consultor', 'primeiro_nome', 'protocolo', 'cliente', 'posicao', 'ate', 'abre'] as const

export interface Valores {
  /** Whole name of whoever attends; `{primeiro_nome}` is its first word. */
  readonly consultor?: string | undefined
  readonly protocolo?: string | undefined
  readonly cliente?: string | undefined
  readonly posicao?: number | undefined
  /** Until what time: `14:30`. */
  readonly ate?: string | undefined
  /** When it opens: `amanhã às 08:00`. */
  readonly abre?: string | undefined
}

/** The template with its fields filled in, each on one line; a field that is not known says nothing. */
export function fill(template: string, valores: Valores, toSafe = (value: string): string => value): string {
  const values: Readonly<Record<string, string | undefined>> = {
    ...valores,
    primeiro_nome: valores.consultor?.split(' ')[0],
    posicao: valores.posicao?.toString(),
  }
  return template
    .replace(/\{(\w+)\}/g, (_whole, name: string) => toSafe(oneLine(values[name] ?? '')))
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** A name is what a customer typed: it may not bring lines or control characters of its own. */
const oneLine = (value: string): string => value.replace(/\p{Cc}+/gu, ' ')

/** The first thing in a template that is no field, if there is one. */
export const unknownField = (template: string): string | undefined =>
  [...template.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name = '']) => name)
    .find((name) => !CAMPOS.some((one) => one === name))
