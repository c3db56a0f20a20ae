import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, matching, serverUrl } from '../support.js'

export const Ajustes = z.object({
  modo: z.enum(['acao', 'bot']).default('acao').meta({
    description: '`acao`: Requisição HTTP do Builder. `bot`: o Blip entrega as mensagens ao nosso endereço',
    example: 'acao',
  }),
  contrato: matching(/^[\w-]{1,64}$/, 'Só letras, números, _ e -: o nome do contrato, sem o endereço')
    .optional()
    .meta({ description: 'O contrato, como em https://<contrato>.http.msging.net' }),
  chave: line(512).optional().meta({ description: 'A chave do bot (Authorization: Key …), sem o "Key "' }),
  equipe: line(128).optional().meta({ description: 'Fila do Blip Desk para tickets novos' }),
  servidor: serverUrl.optional().meta({ description: 'No lugar do endereço do contrato' }),
})

/** A LIME message (docs/vendors/chat.md#blip-messages); a notification has `event` and no content. */
export const Mensagem = z.object({
  id: lenient.text,
  from: lenient.text,
  to: lenient.text,
  type: lenient.text,
  content: lenient.any,
  event: lenient.any,
  metadata: part({
    /** Behind a router: the customer as the channel knows him, where `from` names a tunnel. */
    '#tunnel.originator': lenient.text,
    '#contactName': lenient.text,
    '#wa.context.group_id': lenient.text,
    '#wa.interactive.button.id': lenient.text,
    '#wa.interactive.list.id': lenient.text,
  }),
})

/** The types of content with which a customer says something (docs/vendors/chat.md#blip-messages). */
export const SAID: ReadonlySet<string> = new Set([
  'text/plain',
  'text/x-payload',
  'application/json',
  'application/vnd.lime.collection+json',
  'application/vnd.lime.contact+json',
  'application/vnd.lime.container+json',
  'application/vnd.lime.location+json',
  'application/vnd.lime.media-link+json',
  'application/vnd.lime.reply+json',
  'application/vnd.lime.sensitive+json',
  'application/vnd.lime.web-link+json',
])

/** Why other types take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  'application/vnd.lime.chatstate+json': 'digitando',
  'application/vnd.lime.reaction+json': 'reacao',
}

/** Content that is no text: a caption, the answer to a menu, the ticket of a hand-over. */
export const Conteudo = z.object({
  text: lenient.text,
  title: lenient.text,
  replied: part({ value: lenient.text }),
  id: lenient.text,
  status: lenient.text,
  customerIdentity: lenient.text,
  agentIdentity: lenient.text,
})

export const Comando = z.looseObject({ status: z.string() })

/** Field names in the body of the Builder's HTTP request: the flow's author writes it, most often as in our guide. */
export const NAMES = {
  id: ['id', 'messageId'],
  de: ['from', 'identity', 'contactIdentity'],
  origem: ['originator', 'tunnelOriginator', '#tunnel.originator'],
  nome: ['name', 'nome'],
  telefone: ['phone', 'telefone', 'phoneNumber'],
  texto: ['text', 'texto', 'content'],
  idioma: ['locale', 'idioma', 'culture'],
} as const
