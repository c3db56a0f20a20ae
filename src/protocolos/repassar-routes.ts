import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { integer, text } from '../http/text.js'
import { notFound, unprocessable } from '../lib/errors.js'
import { type HandOver, handOver } from './repassar.js'

const id = z.int().min(1)

const Repasse = z
  .strictObject({
    para: z
      .union([id, z.array(id).min(1).max(50)])
      .meta({ description: 'A quem: o id de um consultor, ou de vários, que os recebem em rodízio' }),
    motivo: text(1, 200).nullish().meta({ description: 'Fica no histórico de cada protocolo; sem ele, `repasse`' }),
  })
  .meta({ id: 'Repasse' })

const Repassados = z
  .object({
    movidos: z.int().meta({ description: 'Quantos passaram agora' }),
    restantes: z.int().meta({
      description:
        'Quantos ele ainda tem abertos (a partir de 1.000, ao menos tantos): enquanto não for 0, chame de novo',
    }),
    falharam: z.array(z.int()).meta({ description: 'Números que não puderam passar agora' }),
  })
  .meta({ id: 'Repassados' })

/** Somebody's open protocols go to others. */
export function repassarRoutes(deps: HandOver): AnyRoute[] {
  return [
    route({
      method: 'post',
      path: '/consultor/:id/repassar',
      tag: 'protocolos',
      summary: 'Passa os protocolos abertos de um consultor a outros',
      description:
        'Um por um, como se cada um fosse alterado à mão: a conversa e o Pipedrive acompanham, e a vez de ninguém é gasta. Vale também de quem já foi removido. Cada chamada passa até 200, em até 20 s; pode parar a qualquer momento e ser repetida: o que passou já não é dele.',
      scopes: [],
      params: z.object({ id: integer(1).meta({ description: 'Id de quem os tem' }) }),
      body: Repasse,
      examples: {
        um: { summary: 'A um só', value: { para: 2 } },
        varios: { summary: 'A vários, em rodízio', value: { para: [2, 3], motivo: 'Férias' } },
      },
      returns: Repassados,
      fails: { 404: 'Um dos consultores não existe' },
      handler: async ({ params, body, isAlive }) => {
        const para = [...new Set([body.para].flat())]
        const { consultores, ultimo_consultor_id } = await deps.vez.readFresh()
        // Whoever was removed has his protocols still; ids are not given twice.
        if (params.id > ultimo_consultor_id || !para.every((one) => consultores.has(one))) {
          throw notFound('Consultor não encontrado')
        }
        if (para.includes(params.id)) {
          throw unprocessable([{ loc: ['body', 'para'], msg: 'É o próprio consultor', type: 'value_error' }])
        }
        return {
          body: await handOver(
            deps,
            { from: params.id, to: para, ...(body.motivo != null && { motivo: body.motivo }) },
            isAlive,
          ),
        }
      },
    }),
  ]
}
