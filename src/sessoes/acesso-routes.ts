import { z } from 'zod'
import { type AnyRoute, route } from '../http/route.js'
import { integer } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import { Agent, type SessionDeps } from './deps.js'
import { AcessoCriado, Feito, NovoAcesso } from './schema.js'

const Id = z.object({ id: integer(1).meta({ description: 'Id do consultor' }) })

/** The link and the code by which a consultor opens his page: made by an API key, and by the panel. */
export function acessoRoutes(deps: SessionDeps): { readonly api: AnyRoute[]; readonly painel: AnyRoute[] } {
  const made = {
    params: Id,
    body: NovoAcesso,
    bodyOptional: true,
    returns: AcessoCriado,
    scopes: [],
    fails: {
      404: 'Consultor não encontrado',
      409: 'Está inativo, não tem telefone, ou falta API_URL para enviar o link',
      502: 'A plataforma não enviou',
    },
  } as const
  return {
    api: [
      route({
        ...made,
        method: 'post',
        path: '/consultor/:id/acesso',
        tag: 'consultores',
        summary: 'Faz um link e um código para o consultor abrir a página dele',
        description:
          'O link vale 15 minutos e o código 10, cada um uma vez; um novo acaba com os anteriores. Nada é gasto por quem só olha o link: o que abre vem depois de `#`, e a página o envia quando se aperta o botão. Com `canal`, o link vai para o WhatsApp dele. Sem API_URL vem só o caminho, que se cola depois do endereço do serviço.',
        examples: {
          mostrar: { summary: 'Só mostrar', value: {} },
        },
        handler: async ({ params, body }) => ({
          body: await giveAccess(deps, params.id, body?.canal, undefined),
          headers: { 'Cache-Control': 'no-store' },
        }),
      }),
    ],
    painel: [
      route({
        ...made,
        method: 'post',
        path: '/painel/api/consultores/:id/acesso',
        tag: 'painel',
        summary: 'Faz um link e um código para o consultor abrir a página dele',
        headers: Agent,
        handler: async ({ params, body, headers }) => ({
          body: await giveAccess(deps, params.id, body?.canal, headers.origin),
        }),
      }),
      route({
        method: 'post',
        path: '/painel/api/consultores/:id/sair',
        tag: 'painel',
        summary: 'Encerra as sessões, o link e o código de um consultor',
        scopes: [],
        params: Id,
        returns: Feito,
        handler: async ({ params }) => {
          await deps.sessoes.endAll({ consultor_id: params.id })
          return { body: { detail: 'Todas as sessões dele acabaram' } }
        },
      }),
    ],
  }
}

async function giveAccess(deps: SessionDeps, id: number, canal: string | undefined, origin: string | undefined) {
  const consultor = (await deps.readVez()).consultores.get(id)
  if (!consultor) throw notFound('Consultor não encontrado')
  if (!consultor.ativo) throw new AppError(409, 'Este consultor está inativo: ative-o antes')
  const [link, code] = [await deps.acessos.link(id), await deps.acessos.code(id)]
  const url = `${deps.addressOfPages(origin)}/eu#c=${link.secret}`
  if (canal !== undefined) await send(deps, canal, consultor, url)
  return {
    consultor_id: id,
    link: url,
    link_ate: link.ate.toISOString(),
    codigo: code.secret,
    codigo_ate: code.ate.toISOString(),
    enviado: canal !== undefined,
  }
}

async function send(
  { textPhone }: SessionDeps,
  canal: string,
  { nome, telefone }: { readonly nome: string; readonly telefone?: string },
  url: string,
): Promise<void> {
  if (telefone === undefined) throw new AppError(409, 'Este consultor não tem telefone')
  if (!URL.canParse(url)) throw new AppError(409, 'Defina API_URL: o link precisa do endereço do serviço')
  const [first = nome] = nome.split(' ')
  await textPhone(
    canal,
    telefone,
    `Olá, ${first}! Este link abre a sua página da vez. Ele vale por 15 minutos e uma vez só:\n${url}`,
  )
}
