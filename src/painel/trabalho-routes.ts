import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { text } from '../http/text.js'
import { AppError } from '../lib/errors.js'
import type { Espera as Waiting } from '../vez/document.js'
import { look } from '../vez/observer.js'
import { channelsOf, isTroubled } from './canais.js'
import type { PainelDeps } from './deps.js'
import { pipedriveOf } from './pipedrive.js'
import { masked } from './protocolo.js'
import { Espera, Problemas, Repetidas, RepetirVarias, Tarefa } from './schema/telas.js'
import { Lida, toTarefa } from './tarefa.js'

const tag = 'painel'
const LOOK = ['leitura'] as const
/** Of those who wait so many are told with their reason. */
const MOST_REASONS = 50
const MOST_SHOWN = 50
const MOST_PENDING = 200
const Id = z.object({ id: text(1, 64) })
const Nothing = z.strictObject({})

/** `Espera` and `Problemas`: who waits and why, what died or is tried again, and what was done about it. */
export function trabalhoRoutes(deps: PainelDeps): AnyRoute[] {
  const { vez, api } = deps
  return [
    route({
      method: 'get',
      path: '/painel/api/espera',
      tag,
      summary: 'Quem espera, e por quê',
      scopes: LOOK,
      lists: true,
      returns: Espera,
      handler: async ({ caller }) => {
        const { espera } = await vez.readFresh()
        const itens = []
        for (const [index, one] of espera.entries())
          itens.push(await toItem(deps, one, index + 1, index < MOST_REASONS ? caller : undefined))
        return { body: { itens, total: espera.length } }
      },
    }),
    route({
      method: 'get',
      path: '/painel/api/problemas',
      tag,
      summary: 'O que precisa de uma pessoa',
      scopes: LOOK,
      lists: true,
      returns: Problemas,
      handler: async ({ caller }) => ({ body: await problemsOf(deps, caller) }),
    }),
    ...(['repetir', 'cancelar'] as const).map((verb) =>
      route({
        method: 'post',
        path: `/painel/api/tarefas/:id/${verb}`,
        tag,
        summary: verb === 'repetir' ? 'Repete uma tarefa morta' : 'Cancela uma tarefa pendente',
        scopes: [],
        params: Id,
        body: Nothing,
        bodyOptional: true,
        returns: Tarefa,
        handler: async ({ params, caller }) => {
          const { body } = await api()(`POST /tarefas/:id/${verb}`, caller, { params })
          return { body: toTarefa(Lida.parse(body)) }
        },
      }),
    ),
    route({
      method: 'post',
      path: '/painel/api/tarefas/repetir',
      tag,
      summary: 'Repete as tarefas mortas de um motivo ou de uma fila',
      scopes: [],
      body: RepetirVarias,
      returns: Repetidas,
      handler: async ({ body, caller }) => {
        const told = await api()('POST /tarefas/repetir', caller, { body: { ...body, estado: 'morta' } })
        return { body: Repetidas.parse(told.body) }
      },
    }),
  ]
}

async function toItem({ api }: PainelDeps, one: Waiting, posicao: number, asking: Caller | undefined) {
  const why = asking === undefined ? undefined : await whyWaits(api, one.id, asking)
  return {
    id: one.id,
    posicao,
    idioma: one.idioma,
    equipe: null,
    canal: one.canal ?? null,
    cliente: one.contato.nome ?? null,
    telefone: masked(one.contato.telefone),
    desde: one.desde.toISOString(),
    ate: one.ate.toISOString(),
    motivo: why?.motivo ?? null,
    frase: why?.frase ?? null,
  }
}

const Why = z.object({ motivo: z.string(), frase: z.string() })

/** `undefined`: he has just left the line. */
async function whyWaits(api: PainelDeps['api'], id: string, caller: Caller) {
  try {
    return Why.parse((await api()('GET /espera/:id/porque', caller, { params: { id } })).body)
  } catch (error) {
    if (error instanceof AppError && error.status === 404) return undefined
    throw error
  }
}

async function problemsOf(deps: PainelDeps, caller: Caller) {
  const { api, vez, pipedrive } = deps
  const list = async (estado: string, limit: number) => {
    const query = { estado, limit: String(limit) }
    const { body, headers } = await api()('GET /tarefas', caller, { query })
    return { rows: z.array(Lida).parse(body).map(toTarefa), counts: headers['X-Por-Estado'] ?? '' }
  }
  const dead = await list('morta', MOST_SHOWN)
  const pending = await list('pendente', MOST_PENDING)
  const repeating = pending.rows.filter(({ tentativas }) => tentativas > 0)
  const [, counted = '0', more = ''] = /morta=(\d+)(\+?)/.exec(dead.counts) ?? []
  const channels = (await channelsOf(deps)).filter(isTroubled)
  const state = pipedrive && (await pipedriveOf(deps, caller))
  const [pause] = state?.pausas ?? []
  const { recusados, grava } = look(vez)
  return {
    mortas: dead.rows,
    repetindo: repeating.slice(0, MOST_SHOWN),
    contagem: {
      mortas: Number(counted),
      repetindo: repeating.length,
      limitada: more === '+' || pending.rows.length === MOST_PENDING,
    },
    canais: channels.map(({ slug, nome, situacao, frase }) => ({ slug, nome, situacao, frase })),
    pipedrive: pause ? { frase: pause.frase, ate: pause.ate } : null,
    banco: { recusados, grava },
  }
}
