import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { integer } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import { findProtocolo } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { readAll } from '../protocolos/reader.js'
import { ownerOf } from '../sessoes/eu-routes.js'
import { noSession } from '../sessoes/identify.js'
import { Feito } from '../sessoes/schema.js'
import type { Vez } from '../vez/document.js'
import { authorOf, type PainelDeps } from './deps.js'
import { reportOf } from './gestao-routes.js'
import { toEu } from './meu.js'
import { Lido, whatsappOf } from './protocolo.js'
import { conversationOf, whyOf } from './protocolo-detalhe.js'
import { changeByPerson, handOver } from './protocolos-routes.js'
import { type Cliente, Clientes, Eu, MeusNumeros, MeusTurnos } from './schema/eu.js'
import { NovaPresenca, Passar } from './schema/telas.js'
import { presenceChange } from './vez-routes.js'

const tag = 'eu'
const HIS = ['leitura'] as const
const MOST_CUSTOMERS = 50
/** How long a read waits for turns, at most. */
const STEP_BACK_MS = 50
const N = z.object({ n: integer(1) })
const Nothing = z.strictObject({})

/** What a consultor sees and does on his own page. Who he is says his session, and nothing that he sends. */
export function euRoutes(deps: PainelDeps): AnyRoute[] {
  const { hub, vez } = deps
  const state = async (caller: Caller) => {
    const eu = toEu(await hub.now(), ownerOf(caller))
    if (!eu) throw noSession()
    return eu
  }
  return [
    route({
      method: 'get',
      path: '/eu/api/estado',
      tag,
      summary: 'Como estou, e o meu lugar na vez',
      scopes: HIS,
      returns: Eu,
      handler: async ({ caller }) => ({ body: await state(caller) }),
    }),
    route({
      method: 'post',
      path: '/eu/api/presenca',
      tag,
      summary: 'Fico online, em pausa ou offline',
      scopes: HIS,
      body: NovaPresenca,
      returns: Eu,
      handler: async ({ body, caller }) => {
        await state(caller)
        const autor = authorOf(caller, body.motivo)
        await vez.submit({
          tipo: 'alterar',
          id: ownerOf(caller),
          mudanca: presenceChange(body, deps.clock.now()),
          autor,
        })
        return { body: await state(caller) }
      },
    }),
    route({
      method: 'get',
      path: '/eu/api/clientes',
      tag,
      summary: 'Os meus clientes em aberto',
      scopes: HIS,
      returns: Clientes,
      handler: async ({ caller }) => {
        await state(caller)
        return { body: await customersOf(deps, caller) }
      },
    }),
    route({
      method: 'post',
      path: '/eu/api/clientes/:n/concluir',
      tag,
      summary: 'Concluo o atendimento',
      scopes: HIS,
      params: N,
      body: Nothing,
      bodyOptional: true,
      returns: Feito,
      handler: async ({ params, caller }) => {
        await requireOwn(deps, params.n, caller)
        await changeByPerson(deps, params.n, { status: 'concluido' }, authorOf(caller))
        return { body: { detail: 'Atendimento concluído' } }
      },
    }),
    route({
      method: 'post',
      path: '/eu/api/clientes/:n/passar',
      tag,
      summary: 'Passo o cliente a um colega',
      scopes: HIS,
      params: N,
      body: Passar,
      returns: Feito,
      handler: async ({ params, body, caller }) => {
        await requireOwn(deps, params.n, caller)
        if (body.consultor_id === ownerOf(caller)) throw new AppError(409, 'Este cliente já está com você')
        await handOver(deps, params.n, body.consultor_id, authorOf(caller, body.motivo))
        return { body: { detail: 'Cliente passado' } }
      },
    }),
    route({
      method: 'get',
      path: '/eu/api/turnos',
      tag,
      summary: 'Os últimos turnos: o meu, ou por que não fui eu',
      scopes: HIS,
      lists: true,
      returns: MeusTurnos,
      handler: async ({ caller }) => {
        await state(caller)
        return { body: await turnsOf(deps, caller) }
      },
    }),
    route({
      method: 'get',
      path: '/eu/api/numeros',
      tag,
      summary: 'Quantos recebi, ao lado da média da equipe',
      scopes: HIS,
      lists: true,
      returns: MeusNumeros,
      handler: async ({ caller }) => {
        await state(caller)
        return { body: await numbersOf(deps, caller) }
      },
    }),
  ]
}

/** Somebody else's protocol is none: the answer does not tell that it exists. Throws 404. */
async function requireOwn({ protocolos, vez }: PainelDeps, n: number, caller: Caller): Promise<Protocolo> {
  const id = ownerOf(caller)
  if (!(await vez.readFresh()).consultores.get(id)?.ativo) throw noSession()
  const found = await findProtocolo(protocolos, vez, n)
  if (found.responsavel_id !== id) throw notFound('Protocolo não encontrado')
  return found
}

async function customersOf(deps: PainelDeps, caller: Caller) {
  const responsavel_id = ownerOf(caller)
  const each = (['aberto', 'em_andamento'] as const).map(async (status) => {
    const body = { responsavel_id, status, ordem: 'desc', limit: MOST_CUSTOMERS + 1 }
    return z.array(Lido).parse((await deps.api()('POST /protocolos/busca', caller, { body })).body)
  })
  const found = (await Promise.all(each)).flat().sort((one, other) => other.id - one.id)
  const shown = found.slice(0, MOST_CUSTOMERS)
  const snapshot = await deps.vez.readFresh()
  const letPass = (): Promise<void> => deps.vez.letPass(STEP_BACK_MS)
  const whole = await readAll(
    { protocolos: deps.protocolos, letPass },
    snapshot,
    shown.map(({ id }) => id),
  )
  const links = new Map(whole.map((one) => [one.n, conversationOf(deps, one)]))
  const itens = shown.map((one) => ({
    ...toCliente(one, responsavel_id, snapshot),
    conversa: links.get(one.id) ?? null,
  }))
  return { itens, ha_mais: found.length > MOST_CUSTOMERS }
}

function toCliente(one: Lido, id: number, { consultores }: Vez): Omit<z.output<typeof Cliente>, 'conversa'> {
  const given = one.historico.findLast(({ tipo, para }) => tipo === 'responsavel' && para === id)?.de
  return {
    n: one.id,
    numero: one.numero,
    em: one.created_at,
    cliente: one.contato?.nome ?? null,
    telefone: one.contato?.telefone ?? null,
    canal: one.canal,
    idioma: one.idioma,
    descricao: one.descricao,
    status: one.status,
    recebido_de: typeof given === 'number' ? (consultores.get(given)?.nome ?? null) : (given ?? null),
    ultimo_contato_em: one.ultimo_contato_em,
    whatsapp: whatsappOf(one.contato?.telefone),
  }
}

async function turnsOf(deps: PainelDeps, caller: Caller): Promise<z.output<typeof MeusTurnos>> {
  const id = ownerOf(caller)
  const { last } = await deps.hub.now()
  const turns = []
  for (const one of last.filter(({ por }) => por !== 'numero')) {
    const told = { numero: one.numero, em: one.created_at.toISOString(), idioma: one.idioma ?? null }
    const nome = one.consultor_nome ?? null
    if (one.consultor_id === id) {
      turns.push({ ...told, nome, meu: true, motivo: 'escolhido', frase: 'Foi a sua vez.' })
      continue
    }
    const { perguntado } = await whyOf(deps, one.n, caller, id)
    const { motivo = 'nao_guardado', frase = 'O porquê não foi guardado.' } = perguntado ?? {}
    turns.push({ ...told, nome, meu: false, motivo, frase })
  }
  return turns
}

async function numbersOf(deps: PainelDeps, caller: Caller): Promise<z.output<typeof MeusNumeros>> {
  const id = ownerOf(caller)
  const today = deps.time.dayOf(deps.clock.now())
  const [month, day] = [await reportOf(deps, {}, caller), await reportOf(deps, { desde: today, ate: today }, caller)]
  const count = ({ por_consultor }: typeof month) => {
    const people = por_consultor.filter(({ consultor_id }) => consultor_id !== null)
    const sum = people.reduce((total, one) => total + one.total, 0)
    const mine = people.find(({ consultor_id }) => consultor_id === id)?.total ?? 0
    return { mine, mean: people.length === 0 ? 0 : Math.round((sum / people.length) * 10) / 10, people: people.length }
  }
  const [all, now] = [count(month), count(day)]
  return {
    desde: month.desde,
    ate: month.ate,
    total: all.mine,
    hoje: now.mine,
    media: all.mean,
    media_hoje: now.mean,
    pessoas: all.people,
    por_dia: [],
  }
}
