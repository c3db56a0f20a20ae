import { parseJid } from '../../src/lib/jid.js'
import { fieldReader } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { toE164 } from '../../src/lib/phone.js'
import { adapter, type ChatEvent } from '../contract.js'
import { bySecret, ignore, jsonOf, jsonReply } from '../support.js'
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
  instructions: ({ url, secret }) => [
    `Ponha um bloco HTTP Request (POST) com a URL: ${url}`,
    `Em Headers: Authorization = Bearer ${secret ?? '<segredo>'}`,
    'Em Body, cole o de integrations/typebot/corpo.json; depois ligue data.consultor.nome e data.protocolo a variáveis',
  ],

  verify: ({ headers }, account) =>
    bySecret(bearer(headers.authorization) ?? headers['x-api-key'] ?? headers['x-webhook-segredo'], account),

  parse: ({ body }, { ajustes }) => [read(jsonOf(body), ajustes.transferir)],

  reply: ([reply]) => jsonReply(reply),
})

function read(json: unknown, pediu: boolean): ChatEvent {
  const field = fieldReader(json, NAMES)
  if (!field) return ignore('formato')
  const id = field('id')
  // In a flow started by Evolution the address may be a LID, which is no phone
  // (docs/vendors/chat.md#typebot-started-by-evolution).
  const jid = parseJid(field('endereco') ?? '')
  const telefone = jid?.telefone ?? toE164(field('telefone'))
  const contactId = jid && (jid.tipo === 'telefone' || jid.tipo === 'lid') ? jid.endereco : (telefone ?? id)
  if (contactId === undefined) return ignore('formato')
  return {
    tipo: 'mensagem',
    conversa: id ?? contactId,
    contato: { ids: [contactId], telefone, nome: field('nome'), idioma: field('idioma') },
    pediu,
    mensagem_id: id,
    texto: field('texto'),
  }
}
