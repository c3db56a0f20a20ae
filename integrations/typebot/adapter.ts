import { identityOf } from '../../src/lib/jid.js'
import { bearer } from '../../src/lib/lenient.js'
import { adapter, type ChatEvent } from '../contract.js'
import {
  bySecret,
  FlowAnswer,
  flowFields,
  flowPhone,
  ignore,
  jsonOf,
  jsonReply,
  NOT_JSON,
  ofKind,
  unreadable,
} from '../support.js'
import { Ajustes, NAMES } from './schema.js'

/**
 * The HTTP Request block of Typebot (docs/vendors/chat.md#typebot): the flow's author writes the body, and maps what we
 * answer to variables.
 */
export const typebot = adapter({
  plataforma: 'typebot',
  nome: 'Typebot',
  ajustes: Ajustes,
  secretos: [],
  replyReader: () => 'flow',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  proof: 'O segredo da conta em `Authorization: Bearer`, `x-api-key` ou `x-webhook-segredo`.',
  answers: [FlowAnswer],
  instructions: ({ url, secret }) => [
    `Ponha um bloco HTTP Request (POST) com a URL: ${url}`,
    `Em Headers: Authorization = Bearer ${secret ?? '<segredo>'}`,
    'Em Body, cole o de integrations/typebot/corpo.json; depois ligue data.consultor.nome e data.protocolo a variáveis',
  ],

  verify: ({ headers }, account) =>
    bySecret(bearer(headers.authorization) ?? headers['x-api-key'] ?? headers['x-webhook-segredo'], account),

  parse: ({ body }, { ajustes }) => [ofKind('http-request', read(jsonOf(body), ajustes.transferir))],

  reply: ([reply]) => jsonReply(reply),
})

function read(json: unknown, pediu: boolean): ChatEvent {
  const fields = flowFields(json, NAMES, ['id'])
  if (!fields) return unreadable(NOT_JSON)
  const { field, unfilled } = fields
  if (unfilled) return unreadable(unfilled)
  const id = field('id')
  // In a flow started by Evolution the address may be a LID, which is no phone
  // (docs/vendors/chat.md#typebot-started-by-evolution).
  const written = field('telefone')
  const { addresses, telefone, naoPessoa } = identityOf([field('endereco'), written, id], flowPhone(written))
  if (naoPessoa) return ignore(naoPessoa)
  const ids = addresses.length > 0 ? addresses : [telefone ?? id].filter((one) => one !== undefined)
  const conversa = id ?? ids[0]
  if (conversa === undefined) return unreadable('faltam resultId, telefone e remoteJid: não se sabe de quem é')
  return {
    tipo: 'mensagem',
    conversa,
    contato: { ids, telefone, nome: field('nome'), idioma: field('idioma') },
    pediu,
    mensagem_id: id,
    texto: field('texto'),
  }
}
