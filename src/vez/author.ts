import type { Caller } from '../http/route.js'
import type { Autor } from './rules/commands.js'

/** Whoever calls, as the ledger names him. */
export const authorOf = ({ id, sessao }: Caller): Autor => ({ por: sessao === undefined ? `chave:${id}` : id })
