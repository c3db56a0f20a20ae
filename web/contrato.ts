/** The shapes of what the service and the pages tell each other. Types only: no line of the service comes into a page. */

export type * from '../src/painel/schema/eu.js'
export type * from '../src/painel/schema/gestao.js'
export type * from '../src/painel/schema/telas.js'
export type * from '../src/painel/schema/vez.js'
export type * from '../src/sessoes/schema.js'
