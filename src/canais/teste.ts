import type { z } from 'zod'
import type { InboundMessage } from '../../integrations/contract.js'
import { type AnyRoute, route } from '../http/route.js'
import { AppError } from '../lib/errors.js'
import type { Canal } from './accounts.js'
import { toCommand } from './ask.js'
import { explained, testConnection } from './connection.js'
import { type ChatDeps, outboundOf } from './deps.js'
import type { Manage } from './manage.js'
import { toReply } from './result.js'
import { Amostra, DESCONHECIDO, Detalhe, ResultadoDoTeste, Slug } from './schema.js'
import { isTriggered } from './trigger.js'

const tag = 'canais'

/** Is an account well set up: what would become of a message, are its credentials good, does its platform know our webhook. */
export function testeRoutes(deps: ChatDeps, manage: Manage): AnyRoute[] {
  const { vez, clock } = deps
  const callTo = (canal: Canal) => outboundOf(deps, canal, canal.slug)
  return [
    route({
      method: 'post',
      path: '/canais/:slug/teste',
      tag,
      summary: 'Diz o que aconteceria com uma mensagem',
      description:
        'Não pega a vez de ninguém e não muda nada na plataforma. Também confere endereço, conta e chave, onde ela o permite: `credenciais_motivo` e `detalhe` dizem o que está errado e o que fazer.',
      scopes: [],
      params: Slug,
      body: Amostra,
      bodyOptional: true,
      examples: {
        pede: { summary: 'Alguém pede uma pessoa', value: { texto: 'quero falar com um atendente', idioma: 'pt' } },
      },
      returns: ResultadoDoTeste,
      fails: DESCONHECIDO,
      handler: async ({ params, body }) => {
        const canal = manage.find(params.slug)
        const message = sample(canal, body ?? {}, clock.now())
        const [outcome, { motivo, ...found }] = await Promise.all([
          wouldBe(canal, message),
          testConnection(canal, callTo(canal)),
        ])
        return { body: { ...outcome, ...found, credenciais_motivo: motivo } }
      },
    }),
    route({
      method: 'post',
      path: '/canais/:slug/configurar',
      tag,
      summary: 'Registra o nosso webhook na plataforma',
      scopes: [],
      params: Slug,
      returns: Detalhe,
      fails: { ...DESCONHECIDO, 409: 'Esta plataforma se configura à mão', 502: 'A plataforma recusou' },
      handler: async ({ params }) => {
        const canal = manage.find(params.slug)
        const [segredo = ''] = canal.conta.secrets
        if (!canal.adapter.configure) throw new AppError(409, 'Esta plataforma se configura à mão: veja as instruções')
        const url = manage.webhookUrl(canal, segredo)
        if (!/^https?:/.test(url))
          throw new AppError(409, 'Defina API_URL: a plataforma precisa de um endereço público')
        const { configure } = canal.adapter
        const result = await explained(canal, callTo(canal), (out) => configure(out, { url, secret: segredo }))
        if ('done' in result) return { body: { detail: result.done } }
        const { motivo, detalhe } = result.wrong
        throw new AppError(502, `Nada foi registrado: ${detalhe}`, { extra: { motivo } })
      },
    }),
  ]

  async function wouldBe(canal: Canal, message: InboundMessage) {
    if (!isTriggered(canal, message))
      return { chamaria: false, situacao: 'ignorado', motivo: 'sem_gatilho', consultor: null, texto: '' }
    const result = await vez.preview(toCommand({ canal, event: message, now: clock.now() }, await vez.readFresh()))
    const { situacao, motivo, consultor, texto } = toReply(canal, message, result, clock.now())
    return { chamaria: true, situacao, motivo, consultor: consultor?.nome ?? null, texto }
  }
}

/** A message; where the platform's word is what counts, one that comes with it. */
function sample(
  { gatilho }: Canal,
  { texto = 'atendente', idioma, contato_id = 'amostra' }: z.output<typeof Amostra>,
  now: Date,
): InboundMessage {
  const contato = { ids: [contato_id], nome: 'Cliente de exemplo', idioma }
  const pediu = gatilho === 'transferencia'
  return { tipo: 'mensagem', contato, conversa: contato_id, texto, enviado_em: now, pediu }
}
