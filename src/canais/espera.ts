import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { notFound } from '../lib/errors.js'
import type { VezService } from '../vez/service.js'
import { Detalhe, EsperaDaApi } from './schema.js'

const tag = 'canais'

/** The customers who wait, as people see them and take one out. */
export function esperaRoutes(vez: VezService): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/espera',
      tag,
      summary: 'Lista os clientes que esperam',
      scopes: ['leitura'],
      returns: z.array(EsperaDaApi),
      handler: async () => {
        const { espera } = await vez.readFresh()
        return {
          body: espera.map(({ id, canal, idioma, contato, desde, ate }, index) => ({
            id,
            posicao: index + 1,
            canal: canal ?? null,
            idioma,
            cliente: contato.nome ?? null,
            desde: desde.toISOString(),
            ate: ate.toISOString(),
          })),
        }
      },
    }),
    route({
      method: 'delete',
      path: '/espera/:id',
      tag,
      summary: 'Tira um cliente da espera',
      scopes: [],
      params: z.object({ id: z.string().regex(/^[\w-]{1,64}$/, { message: 'O id, como `GET /espera` o mostra' }) }),
      returns: Detalhe,
      fails: { 404: 'Não está na espera' },
      handler: async ({ params }) => {
        const { situacao } = await vez.submit({ tipo: 'cancelar_espera', id: params.id })
        if (situacao !== 'cancelada') throw notFound('Cliente em espera não encontrado')
        return { body: { detail: 'Cliente retirado da espera' } }
      },
    }),
  ]
}

/** Nobody could tell those who wait in an account that is gone; a turn for them would be lost. */
export async function dismiss(vez: VezService, slug: string): Promise<void> {
  const { espera } = await vez.readFresh()
  for (const { id, canal } of espera) {
    if (canal === slug) await vez.submit({ tipo: 'cancelar_espera', id })
  }
}
