import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { integer } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import type { Asked } from '../protocolos/change.js'
import { changeProtocolo, findProtocolo, toChange } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { ProtocoloDaApi, toApi } from '../protocolos/schema.js'
import { conversationKeyOf, customerKeyOf, type Tarefa as Work } from '../tarefas/model.js'
import type { Autor } from '../vez/rules/commands.js'
import { authorOf, type PainelDeps } from './deps.js'
import { historyOf } from './historia.js'
import { Lido, toLinha, whatsappOf } from './protocolo.js'
import {
  BuscaDeProtocolos,
  Contato,
  NovoStatus,
  Passar,
  Porque,
  ProtocoloDetalhe,
  ProtocolosAchados,
} from './schema/telas.js'
import { Lida, toTarefa } from './tarefa.js'

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

const toLido = (protocolo: Protocolo): Lido => Lido.parse(ProtocoloDaApi.parse(toApi(protocolo)))

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

const Told = z.object({
  frase: z.string(),
  por: z.enum(['regra', 'preferido', 'numero', 'ajudou']).nullable(),
  candidatos: z.int().nullable(),
  antes: z.array(
    z.object({ consultor_id: z.int(), nome: z.string().nullable(), motivo: z.string(), desde: z.string().nullable() }),
  ),
  pulados_cortados: z.record(z.string(), z.int()).nullable(),
  depois: z.object({ consultor_id: z.int(), nome: z.string().nullable() }).nullable(),
  perguntado: z
    .object({ consultor_id: z.int(), nome: z.string().nullable(), motivo: z.string(), frase: z.string() })
    .nullable(),
})

/** Why a protocol went to whom it went; with an id, why not to this person. */
export async function whyOf({ api }: PainelDeps, n: number, caller: Caller, consultor_id?: number) {
  const query = consultor_id === undefined ? {} : { consultor_id: String(consultor_id) }
  const { body } = await api()('GET /protocolo/:id/porque', caller, { params: { id: String(n) }, query })
  const { pulados_cortados, ...why } = Told.parse(body)
  return { ...why, mais: pulados_cortados }
}

async function detailOf(deps: PainelDeps, protocolo: Protocolo, caller: Caller) {
  const snapshot = await deps.vez.readFresh()
  const lido = toLido(protocolo)
  const [porque, trabalho] = await Promise.all([whyOf(deps, protocolo.n, caller), workOf(deps, protocolo)])
  const { pipedrive } = lido
  return {
    ...toLinha(lido, snapshot),
    descricao: lido.descricao,
    email: lido.contato?.email ?? null,
    tem_telefone: lido.contato?.telefone != null,
    ultimo_contato_em: lido.ultimo_contato_em,
    encerrado_em: lido.encerrado_em,
    anonimizado_em: lido.anonimizado_em,
    esperou_desde: lido.esperou_desde,
    porque,
    historia: historyOf(protocolo, snapshot),
    trabalho,
    pipedrive: pipedrive && {
      pessoa: pipedrive.pessoa_id?.toString() ?? null,
      negocio: pipedrive.negocio_id?.toString() ?? null,
      lead: pipedrive.lead_id,
      atividade: pipedrive.atividade_id?.toString() ?? null,
      situacao: pipedrive.negocio_situacao,
      motivo_da_perda: pipedrive.motivo_da_perda,
      avisos: [
        ...(pipedrive.pessoas_duplicadas.length > 0 ? ['Há outras pessoas no Pipedrive com este telefone'] : []),
        ...(pipedrive.sem_usuario ? ['O usuário do consultor não existe mais no Pipedrive'] : []),
        ...(pipedrive.dono_recusado == null ? [] : ['O Pipedrive não deixou passar o negócio ao responsável']),
      ],
    },
    conversa: conversationOf(deps, protocolo),
  }
}

/** Where the conversation is opened at its platform. */
export function conversationOf(
  { chat }: Pick<PainelDeps, 'chat'>,
  { canal: slug, conversa, contato }: Pick<Protocolo, 'canal' | 'conversa' | 'contato'>,
): string | null {
  const canal = slug === undefined ? undefined : chat.accountOf(slug)
  if (!canal || conversa === undefined) return null
  return canal.adapter.link?.(canal.conta, { conversa, telefone: contato?.telefone }) ?? null
}

/** What is owed to others for this protocol, or was: of the last 30 days. */
async function workOf({ outbox }: PainelDeps, protocolo: Protocolo) {
  const keys = [conversationKeyOf(protocolo), customerKeyOf(protocolo.contato)].filter((one) => one !== undefined)
  const found = (await Promise.all(keys.map((key) => outbox.recentOf(key)))).flat()
  return found
    .filter(({ payload }) => payload.protocolo === protocolo.n)
    .sort((one, other) => one.criada_em.getTime() - other.criada_em.getTime())
    .map((one) => toTarefa(Lida.parse(told(one))))
}

const told = ({ _id, tipo, estado, motivo, payload, tentativas, criada_em, vence_em, encerrada_em }: Work) => ({
  id: _id,
  tipo,
  estado,
  motivo: motivo ?? null,
  protocolo: payload.protocolo === undefined ? null : toNumero(payload.protocolo),
  canal: payload.canal ?? null,
  tentativas,
  criada_em: criada_em.toISOString(),
  vence_em: vence_em.toISOString(),
  encerrada_em: encerrada_em?.toISOString() ?? null,
})
