import { z } from 'zod'
import { isHexSignature, isNear } from '../../src/lib/signature.js'
import { adapter } from '../contract.js'
import { acknowledged, authentic, bySecret, refused, withoutId, withoutSlash } from '../support.js'
import { assign, openSince, presences, request, say, wasSaid } from './calls.js'
import { checkAccount, explain } from './check.js'
import { readEvent } from './events.js'
import { Ajustes, Webhooks } from './schema.js'

const TOLERANCE_S = 300
const SUBSCRIPTIONS = ['message_created', 'conversation_created', 'conversation_status_changed', 'conversation_updated']

/**
 * Chatwoot, Cloud or self-hosted (docs/vendors/chat.md#chatwoot): messages in by account webhooks; answer, note and
 * assignment by its API.
 */
export const chatwoot = adapter({
  plataforma: 'chatwoot',
  nome: 'Chatwoot',
  ajustes: Ajustes,
  secretos: ['token', 'segredo_do_webhook'],
  replyReader: () => 'nobody',
  gatilhos: ['sempre', 'palavra', 'transferencia'],
  secretIn: 'path',
  proof:
    'O segredo da conta no endereço. Com `segredo_do_webhook` em ajustes vale só a assinatura: `x-chatwoot-signature` e `x-chatwoot-timestamp`.',
  instructions: ({ url }) => [
    `Em Configurações → Integrações → Webhooks, crie um com a URL: ${url}`,
    `Marque: ${SUBSCRIPTIONS.join(', ')}`,
    'Da versão 4.11.2 em diante, copie o segredo do webhook para ajustes.segredo_do_webhook',
    'Desligue a atribuição automática da caixa de entrada: ela disputaria com a vez',
    'Ou chame POST /canais/{slug}/configurar, que cria o webhook por você (token de administrador)',
  ],

  verify({ pathSecret, headers, body }, account, now) {
    const key = account.ajustes.segredo_do_webhook
    if (key !== undefined) {
      const timestamp = headers['x-chatwoot-timestamp']
      const signature = headers['x-chatwoot-signature']
      if (timestamp === undefined || signature === undefined) return refused('sem_assinatura')
      if (!isHexSignature(signature, [key], `${timestamp}.`, body)) return refused('assinatura_errada')
      return isNear(timestamp, now, TOLERANCE_S) ? authentic : refused('fora_do_prazo')
    }
    return bySecret(pathSecret, account)
  },

  parse: ({ body }, { ajustes }) => [readEvent(body, ajustes)],

  reply: acknowledged,

  canSend: ({ token }) => token !== undefined,

  sendText: (out, recipient, text) => withoutId(say(out, recipient, text, false)),

  addNote: (out, recipient, text) => say(out, recipient, text, true),

  wasSent: wasSaid,

  assign,

  async configure(out, { url, secret }) {
    const webhook = { url, subscriptions: SUBSCRIPTIONS }
    // Configured again, with a new secret for example: the existing webhook is changed. A second one would send every event twice.
    const bare = url.replace(`/${secret}`, '')
    const { payload } = await request(out, 'GET', 'webhooks', {}, Webhooks)
    const known = payload.webhooks.find((one) => one.url === bare || one.url.startsWith(`${bare}/`))
    if (known) await request(out, 'PATCH', `webhooks/${known.id}`, { json: { webhook } }, z.unknown())
    else await request(out, 'POST', 'webhooks', { json: { webhook } }, z.unknown())
    return `Webhook ${known ? 'alterado' : 'criado'} na conta; copie o segredo dele, se o Chatwoot mostrar um, para ajustes.segredo_do_webhook`
  },

  checkCredentials: checkAccount,

  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['token'],
    account: 'conta_id',
    explain,
  },

  listPresences: presences,

  findMissed: openSince,

  link: ({ ajustes: { servidor, conta_id } }, { conversa }) =>
    `${withoutSlash(servidor)}/app/accounts/${conta_id}/conversations/${conversa}`,
})
