import { type AnyRoute, route } from '../http/route.js'
import { PedidoDeVerificacao, Verificacao } from './schema.js'
import { type LedgerReader, wholeLedger } from './step-back.js'
import { verify } from './verify.js'

const tag = 'livro'

/** The ledger: what happened to the line, and whether it is as the rule would have it. */
export function livroRoutes(reader: LedgerReader): AnyRoute[] {
  const { vez, clock } = reader
  return [
    route({
      method: 'get',
      path: '/livro/verificacao',
      tag,
      lists: 'long',
      summary: 'Refaz o livro e diz se confere com a fila',
      description: [
        'Refaz cada turno e cada mudança, na ordem em que foram decididos, com uma regra escrita à parte, e compara o resultado com a',
        'fila de agora: números sem falha, cada turno de quem era a vez. Continua de onde a última verificação sem problemas parou. Uma',
        'por vez em cada processo; as outras esperam ou recebem 429. O mesmo no terminal: `npm run verificar`.',
      ].join(' '),
      scopes: ['leitura'],
      query: PedidoDeVerificacao,
      returns: Verificacao,
      handler: async ({ query, isAlive }) => {
        const options = { ...wholeLedger(reader), clock, anew: query.desde === 0, isAlive }
        return { body: await verify(options, await vez.readFresh()) }
      },
    }),
  ]
}
