import { z } from 'zod'
import { fromGuardado } from '../agenda/schema.js'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { notFound } from '../lib/errors.js'
import type { Guardada } from '../sessoes/model.js'
import { Feito } from '../sessoes/schema.js'
import type { Consultor } from '../vez/document.js'
import type { PainelDeps } from './deps.js'
import { masked, whatsappOf } from './protocolo.js'
import { Equipe, Membro, MudancaDeMembro, NovoMembro, type Membro as View } from './schema/gestao.js'
import { Contato } from './schema/telas.js'
import { presenceOf } from './snapshot.js'
import { Id } from './vez-routes.js'

const tag = 'painel'
const LOOK = ['leitura'] as const

/** `Equipe`: who works here, and how they get to their page. */
export function equipeRoutes(deps: PainelDeps): AnyRoute[] {
  const { vez, api, chat, sessions } = deps
  const member = async (id: number): Promise<View> => {
    const consultor = (await vez.readFresh()).consultores.get(id)
    if (!consultor) throw notFound('Consultor não encontrado')
    return toMembro(id, consultor, await sessions.sessoes.list({ consultor_id: id }))
  }
  const send = async (
    name: string,
    caller: Caller,
    asked: { params?: object; body: z.input<typeof MudancaDeMembro> },
  ) => {
    const { ativo: status_ativo, sequencial: status_ativo_sequencial, ...rest } = asked.body
    const body = JSON.parse(JSON.stringify({ ...rest, status_ativo, status_ativo_sequencial }))
    const told = await api()(name, caller, { ...asked, body })
    return { body: await member(Made.parse(told.body).id) }
  }
  return [
    route({
      method: 'get',
      path: '/painel/api/equipe',
      tag,
      summary: 'Quem trabalha aqui',
      scopes: LOOK,
      returns: Equipe,
      handler: async () => {
        const [{ consultores }, all] = await Promise.all([vez.readFresh(), sessions.sessoes.list()])
        const membros = [...consultores].map(([id, one]) =>
          toMembro(
            id,
            one,
            all.filter(({ consultor_id }) => consultor_id === id),
          ),
        )
        const canais = chat
          .accounts()
          .filter(({ adapter, ativo }) => ativo && adapter.textPhone !== undefined)
          .map(({ slug, guardado }) => ({ slug, nome: guardado.nome }))
        return { body: { membros: membros.sort((a, b) => a.nome.localeCompare(b.nome, 'pt-BR')), canais } }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/consultores',
      tag,
      summary: 'Cadastra alguém',
      scopes: [],
      body: NovoMembro,
      returns: Membro,
      handler: ({ body, caller }) => send('POST /consultor', caller, { body }),
    }),
    route({
      method: 'put',
      path: '/painel/api/consultores/:id',
      tag,
      summary: 'Altera alguém',
      scopes: [],
      params: Id,
      body: MudancaDeMembro,
      returns: Membro,
      handler: ({ params, body, caller }) =>
        send('PUT /consultor/:id', caller, { params: { id: String(params.id) }, body }),
    }),
    route({
      method: 'delete',
      path: '/painel/api/consultores/:id',
      tag,
      summary: 'Remove alguém: os protocolos dele ficam',
      scopes: [],
      params: Id,
      returns: Feito,
      handler: async ({ params, caller }) => {
        await api()('DELETE /consultor/:id', caller, { params: { id: String(params.id) } })
        await sessions.sessoes.endAll({ consultor_id: params.id })
        return { body: { detail: 'Consultor removido' } }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/consultores/:id/telefone',
      tag,
      summary: 'O telefone de um consultor, por inteiro',
      scopes: LOOK,
      params: Id,
      body: z.strictObject({}),
      bodyOptional: true,
      returns: Contato,
      handler: async ({ params }) => {
        const consultor = (await vez.readFresh()).consultores.get(params.id)
        if (!consultor) throw notFound('Consultor não encontrado')
        const { nome, telefone = null, email = null } = consultor
        return { body: { nome, telefone, email, whatsapp: whatsappOf(telefone) } }
      },
    }),
  ]
}

const Made = z.object({ id: z.int() })

function toMembro(id: number, consultor: Consultor, sessions: readonly Guardada[]): View {
  const open = sessions.filter(({ tipo }) => tipo === 'consultor')
  const seen = open.map(({ visto_em }) => visto_em?.toISOString() ?? '').sort()
  const link = sessions.find(({ tipo }) => tipo === 'link')
  return {
    id,
    nome: consultor.nome,
    email: consultor.email ?? null,
    telefone: masked(consultor.telefone),
    idiomas: [...consultor.idiomas],
    id_pipedrive: consultor.id_pipedrive ?? null,
    ativo: consultor.ativo,
    sequencial: consultor.sequencial,
    presenca: presenceOf(consultor),
    equipes: [...(consultor.equipes ?? [])],
    horario: consultor.agenda ? fromGuardado(consultor.agenda) : null,
    limite: consultor.limite ?? null,
    sessoes: open.length,
    visto_em: seen.at(-1) || null,
    link_ate: link?.vence_em.toISOString() ?? null,
  }
}
