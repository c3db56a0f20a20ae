import type { Posto } from './ask.js'

/** The header by which a history can be sorted and replayed (design 5). */
export const toHeader = ({ versao, lugar }: Posto): { 'X-Vez-Versao': string } => ({
  'X-Vez-Versao': `${versao}.${lugar}`,
})
