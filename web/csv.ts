/** Excel in Brazil separates by semicolons, and knows UTF-8 by the mark at the begin. */
const MARK = '\ufeff'

/** A cell that begins like a formula is one to a spreadsheet: it gets an apostrophe. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as a file that a spreadsheet opens. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  MARK + rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')
