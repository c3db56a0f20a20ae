/** Longer lines are hard to read. */
const MOST_COLUMNS = 100

/**
 * A line broken between words so that it fits a terminal, all but the first indented a little more than it.
 *
 * @param columns of the terminal; where there is none the line stays as it is
 */
export function wrapped(line: string, columns: number | undefined): string {
  if (columns === undefined) return line
  const width = Math.min(columns, MOST_COLUMNS)
  const indent = /^ */.exec(line)?.[0] ?? ''
  const [first = '', ...words] = line.trim().split(' ')
  const lines = [indent + first]
  for (const word of words) {
    const last = lines.at(-1) ?? ''
    if (last.length + 1 + word.length > width) lines.push(`${indent}  ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}
