import { z } from 'zod'
import { ADAPTERS } from '../../integrations/index.js'
import { type AnyRoute, route } from '../http/route.js'
import { PlataformaDaApi } from './schema.js'

const tag = 'canais'

/** Lists the platforms, and the settings that an account of each has. */
export function plataformaRoutes(): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/plataformas',
      tag,
      summary: 'Lista as plataformas, e o que uma conta de cada uma pede',
      scopes: ['leitura'],
      returns: z.array(PlataformaDaApi),
      handler: async () => ({
        body: ADAPTERS.map(({ plataforma, nome, gatilhos, sendText, assign, secretos, ajustes }) => ({
          plataforma,
          nome,
          gatilhos: [...gatilhos],
          envia: sendText !== undefined,
          atribui: assign !== undefined,
          secretos: [...secretos],
          ajustes: z.toJSONSchema(ajustes, { io: 'input' }),
        })),
      }),
    }),
    ...ADAPTERS.flatMap(({ plataforma, nome, format }) =>
      format === undefined
        ? []
        : [
            route({
              method: 'get',
              path: `/schemas/${plataforma}.json`,
              tag,
              summary: `JSON Schema do que se envia ao canal ${nome}`,
              scopes: 'aberto',
              returns: z.record(z.string(), z.unknown()),
              handler: async () => ({ body: z.toJSONSchema(format, { io: 'input' }) }),
            }),
          ],
    ),
  ]
}
