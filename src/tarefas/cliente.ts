import { createHash } from 'node:crypto'
import { phoneForms } from '../lib/phone.js'
import type { Contato } from '../vez/document.js'

/** What is known of each customer at Pipedrive, by his hash. */
export const CLIENTES = 'pipedrive_clientes'

/** The hash of one customer, however his number is written; of no use elsewhere. `undefined` when nothing steady is known of him. */
export function clienteHash({ telefone, email, ids }: Contato): string | undefined {
  const name = telefone === undefined ? (ids[0] ?? email?.toLowerCase()) : phoneForms(telefone).at(-1)
  return name === undefined ? undefined : createHash('sha256').update(`cliente\n${name}`).digest('base64url')
}
