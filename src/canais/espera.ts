import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { notFound } from '../lib/errors.js'
import { localTime } from '../lib/local-time.js'
import { authorOf } from '../vez/author.js'
import type { VezService } from '../vez/service.js'
import type { ChatDeps } from './deps.js'
import { sentence } from './espera-porque.js'
import { Detalhe, EsperaDaApi, PorqueDaEspera } from './schema.js'

const tag = 'canais'
const Id = z.object({ id: z.string().regex(/^[\w-]{1,64}$/, { message: 'O id, como `GET /espera` o mostra' }) })
const notWaiting = () => notFound('Cliente em espera não encontrado')

/** The customers who wait, as people see them and take one out. */
export function esperaRoutes({ vez, clock, config }: Pick<ChatDeps, 'vez' | 'clock' | 'config'>): AnyRoute[] {
  const time = localTime(config.FUSO)
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
          body: espera.map(({ id, canal, idioma, equipe, contato, desde, ate }, index) => ({
            id,
            posicao: index + 1,
            canal: canal ?? null,
            idioma,
            equipe,
            cliente: contato.nome ?? null,
            desde: desde.toISOString(),
            ate: ate.toISOString(),
          })),
        }
      },
    }),
    route({
      method: 'get',
      path: '/espera/:id/porque',
      tag,
      summary: 'Diz por que um cliente espera',
      description: 'Decidido pela mesma função que serve quem espera, sem mudar nada.',
      scopes: ['leitura'],
      params: Id,
      returns: PorqueDaEspera,
      fails: { 404: 'Não está na espera' },
      handler: async ({ params }) => {
        const { vez: snapshot, why } = await vez.whyWaiting(params.id)
        const { consultores, espera } = snapshot
        const index = espera.findIndex(({ id }) => id === params.id)
        const cliente = espera[index]
        if (!cliente) throw notWaiting()
        const nome = 'consultor_id' in why ? consultores.get(why.consultor_id)?.nome : undefined
        return {
          body: {
            id: cliente.id,
            posicao: index + 1,
            idioma: cliente.idioma,
            desde: cliente.desde,
            ate: cliente.ate,
            motivo: why.motivo,
            consultor: 'consultor_id' in why ? { consultor_id: why.consultor_id, nome: nome ?? '' } : undefined,
            a_partir_de: 'a_partir_de' in why ? why.a_partir_de : undefined,
            fora: 'fora' in why ? why.fora : undefined,
            abre_em: 'abre' in why ? why.abre?.em : undefined,
            frase: sentence(cliente, index + 1, why, { consultores, time, now: clock.now() }),
          },
        }
      },
    }),
    route({
      method: 'delete',
      path: '/espera/:id',
      tag,
      summary: 'Tira um cliente da espera',
      scopes: [],
      params: Id,
      returns: Detalhe,
      fails: { 404: 'Não está na espera' },
      handler: async ({ params: { id }, caller }) => {
        const { situacao } = await vez.submit({ tipo: 'cancelar_espera', id, autor: authorOf(caller) })
        if (situacao !== 'cancelada') throw notWaiting()
        return { body: { detail: 'Cliente retirado da espera' } }
      },
    }),
  ]
}

/** Nobody could tell those who wait in an account that is gone; a turn for them would be lost. */
export async function dismiss(vez: VezService, slug: string): Promise<void> {
  const { espera } = await vez.readFresh()
  for (const { id, canal } of espera) {
    if (canal === slug) await vez.submit({ tipo: 'cancelar_espera', id, autor: { por: `canal:${slug}` } })
  }
}
