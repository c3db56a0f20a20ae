import type { Caller } from '../http/route.js'
import type { Autor } from './rules/commands.js'

/** Whoever calls, as the ledger names him. */
export const authorOf = ({ id }: Caller): Autor => ({ por: `chave:${id}` })
