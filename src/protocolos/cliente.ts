import { createHash } from 'node:crypto'
import { phoneForms } from '../lib/phone.js'
import type { Contato } from '../vez/document.js'

/** What is known of each customer at Pipedrive, by his hash. */
export const CLIENTES = 'pipedrive_clientes'

/** One customer, whichever way his number is written; `undefined` when nothing steady is known of him. A hash, of no use elsewhere. */
export function clienteHash({ telefone, email, ids }: Contato): string | undefined {
  const name = telefone === undefined ? (ids[0] ?? email?.toLowerCase()) : phoneForms(telefone).at(-1)
  return name === undefined ? undefined : createHash('sha256').update(`cliente\n${name}`).digest('base64url')
}
