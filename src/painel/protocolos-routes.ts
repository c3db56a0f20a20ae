import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { integer } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import type { Asked } from '../protocolos/change.js'
import { changeProtocolo, findProtocolo, toChange } from '../protocolos/change.js'
import type { Autor } from '../vez/rules/commands.js'
import { authorOf, type PainelDeps } from './deps.js'
import { Lido, toLinha, whatsappOf } from './protocolo.js'
import { detailOf, toLido, whyOf } from './protocolo-detalhe.js'
import {
  BuscaDeProtocolos,
  Contato,
  NovoStatus,
  Passar,
  Porque,
  ProtocoloDetalhe,
  ProtocolosAchados,
} from './schema/telas.js'

const tag = 'painel'
const LOOK = ['leitura'] as const
const N = z.object({ n: integer(1) })
const A_NUMBER = /^#?\s*(\d{1,7})$/

/** `Protocolos`: looking one up, seeing why and what became of it, and handing it over. */
export function protocolosRoutes(deps: PainelDeps): AnyRoute[] {
  const { vez, protocolos, api } = deps
  const detail = async (n: number, caller: Caller) => detailOf(deps, await findProtocolo(protocolos, vez, n), caller)
  return [
    route({
      method: 'post',
      path: '/painel/api/protocolos/busca',
      tag,
      summary: 'Procura protocolos por telefone, nome ou número',
      scopes: LOOK,
      lists: true,
      body: BuscaDeProtocolos,
      returns: ProtocolosAchados,
      handler: async ({ body, caller }) => {
        const { q = '', ...filters } = body
        const [, number] = A_NUMBER.exec(q) ?? []
        const { consultores } = await vez.readFresh()
        if (number !== undefined) {
          const found = await findProtocolo(protocolos, vez, Number(number)).catch((error: unknown) => {
            if (error instanceof AppError && error.status === 404) return undefined
            throw error
          })
          const itens = found ? [toLinha(toLido(found), { consultores })] : []
          return { body: { itens, total: itens.length, limitado: false, continua: null } }
        }
        const asked = { ...filters, ordem: 'desc', ...(q !== '' && { contato: q }) }
        const told = await api()('POST /protocolos/busca', caller, { body: withContinua(asked) })
        return {
          body: {
            itens: z
              .array(Lido)
              .parse(told.body)
              .map((one) => toLinha(one, { consultores })),
            total: Number(told.headers['X-Total-Count'] ?? 0),
            limitado: told.headers['X-Total-Capped'] === 'true',
            continua: told.headers['X-Continua'] ?? null,
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/painel/api/protocolos/:n',
      tag,
      summary: 'Um protocolo, com o porquê, a história e o trabalho',
      scopes: LOOK,
      params: N,
      returns: ProtocoloDetalhe,
      handler: async ({ params, caller }) => ({ body: await detail(params.n, caller) }),
    }),
    route({
      method: 'get',
      path: '/painel/api/protocolos/:n/porque',
      tag,
      summary: 'Por que foi para quem foi, ou por que não foi para alguém',
      scopes: LOOK,
      params: N,
      query: z.object({ consultor_id: integer(1).optional() }),
      returns: Porque,
      handler: async ({ params, query, caller }) => ({
        body: await whyOf(deps, params.n, caller, query.consultor_id),
      }),
    }),
    route({
      method: 'post',
      path: '/painel/api/protocolos/:n/contato',
      tag,
      summary: 'O telefone do cliente, por inteiro',
      scopes: LOOK,
      params: N,
      body: z.strictObject({}),
      bodyOptional: true,
      returns: Contato,
      handler: async ({ params }) => {
        const { contato } = await findProtocolo(protocolos, vez, params.n)
        const { nome = null, telefone = null, email = null } = contato ?? {}
        return { body: { nome, telefone, email, whatsapp: whatsappOf(telefone) } }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/protocolos/:n/passar',
      tag,
      summary: 'Passa o cliente a outro consultor',
      scopes: [],
      params: N,
      body: Passar,
      returns: ProtocoloDetalhe,
      handler: async ({ params, body, caller }) => {
        await handOver(deps, params.n, body.consultor_id, authorOf(caller, body.motivo))
        return { body: await detail(params.n, caller) }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/protocolos/:n/status',
      tag,
      summary: 'Conclui, cancela ou reabre um protocolo',
      scopes: [],
      params: N,
      body: NovoStatus,
      returns: ProtocoloDetalhe,
      handler: async ({ params, body, caller }) => {
        await changeByPerson(deps, params.n, { status: body.status }, authorOf(caller, body.motivo))
        return { body: await detail(params.n, caller) }
      },
    }),
  ]
}

/** Where a number is what the API takes for the rest of a list, as a number. */
const withContinua = <T extends { readonly continua?: string | undefined }>({ continua, ...rest }: T) => ({
  ...rest,
  ...(continua !== undefined && { continua: /^\d+$/.test(continua) ? Number(continua) : continua }),
})

/** Changes a protocol as `PUT /protocolo/{id}` does, and keeps in its history who asked, and why. */
export async function changeByPerson(deps: PainelDeps, n: number, asked: Asked, autor: Autor): Promise<void> {
  const { vez, protocolos, clock, beforeChanged } = deps
  await beforeChanged(await findProtocolo(protocolos, vez, n), asked)
  await changeProtocolo(protocolos, vez, n, (before) => {
    const change = toChange(before, asked, clock.now())
    return change && { ...change, eventos: change.eventos.map((one) => ({ ...one, ...autor })) }
  })
}

/** Throws 404 where there is no such colleague, 409 where he does not work here any more. */
export async function handOver(deps: PainelDeps, n: number, responsavel_id: number, autor: Autor): Promise<void> {
  const consultor = (await deps.vez.readFresh()).consultores.get(responsavel_id)
  if (!consultor) throw notFound('Consultor não encontrado')
  if (!consultor.ativo) throw new AppError(409, 'Este consultor está inativo: escolha outro')
  await changeByPerson(deps, n, { responsavel_id }, autor)
}
