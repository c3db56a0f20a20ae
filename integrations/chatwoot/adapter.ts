import { z } from 'zod'
import { isOneOf } from '../../src/lib/given.js'
import { isHexSignature, isNear } from '../../src/lib/signature.js'
import { adapter, autentico, recebido, recusado } from '../contract.js'
import { assign, openSince, presences, request, say, wasSaid } from './calls.js'
import { readEvent } from './events.js'
import { Ajustes, Webhooks } from './schema.js'

const TOLERANCE_S = 300
const SUBSCRIPTIONS = ['message_created', 'conversation_created', 'conversation_status_changed', 'conversation_updated']

/** Chatwoot, Cloud or self-hosted (reference 3): messages in by account webhooks; answer, note and assignment by its API. */
export const chatwoot = adapter({
  plataforma: 'chatwoot',
  nome: 'Chatwoot',
  ajustes: Ajustes,
  secretos: ['token', 'segredo_do_webhook'],
  le: () => 'nada',
  gatilhos: ['sempre', 'palavra', 'transferencia'],
  segredo: 'caminho',
  instrucoes: ({ url }) => [
    `Em Configurações → Integrações → Webhooks, crie um com a URL: ${url}`,
    `Marque: ${SUBSCRIPTIONS.join(', ')}`,
    'Da versão 4.11.2 em diante, copie o segredo do webhook para ajustes.segredo_do_webhook',
    'Desligue a atribuição automática da caixa de entrada: ela disputaria com a vez',
    'Ou chame POST /canais/{slug}/configurar, que cria o webhook por você (token de administrador)',
  ],

  verificar({ segredoNoCaminho, cabecalhos, corpo }, { ajustes, segredos }, agora) {
    const key = ajustes.segredo_do_webhook
    if (key !== undefined) {
      const timestamp = cabecalhos['x-chatwoot-timestamp']
      const signature = cabecalhos['x-chatwoot-signature']
      if (timestamp === undefined || signature === undefined) return recusado('sem_assinatura')
      if (!isHexSignature(signature, [key], `${timestamp}.`, corpo)) return recusado('assinatura_errada')
      return isNear(timestamp, agora, TOLERANCE_S) ? autentico : recusado('fora_do_prazo')
    }
    if (segredoNoCaminho === undefined) return recusado('sem_segredo')
    return isOneOf(segredoNoCaminho, segredos) ? autentico : recusado('segredo_errado')
  },

  receber: ({ corpo }, { ajustes }) => [readEvent(corpo, ajustes)],

  responder: recebido,

  podeEnviar: ({ token }) => token !== undefined,

  enviar: (saida, destino, texto) => say(saida, destino, texto, false),

  nota: (saida, destino, texto) => say(saida, destino, texto, true),

  foiEnviado: wasSaid,

  atribuir: assign,

  async configurar(saida, { url, segredo }) {
    const webhook = { url, subscriptions: SUBSCRIPTIONS }
    // Once more, with a new secret say: the same one changes, or every event would come twice.
    const bare = url.replace(`/${segredo}`, '')
    const { payload } = await request(saida, 'GET', 'webhooks', undefined, Webhooks)
    const known = payload.webhooks.find((one) => one.url === bare || one.url.startsWith(`${bare}/`))
    if (known) await request(saida, 'PATCH', `webhooks/${known.id}`, { webhook }, z.unknown())
    else await request(saida, 'POST', 'webhooks', { webhook }, z.unknown())
    return `Webhook ${known ? 'alterado' : 'criado'} na conta; copie o segredo dele, se o Chatwoot mostrar um, para ajustes.segredo_do_webhook`
  },

  testar: presences,

  presencas: presences,

  reconciliar: openSince,

  link: ({ ajustes: { servidor, conta_id } }, { conversa }) =>
    `${servidor.replace(/\/$/, '')}/app/accounts/${conta_id}/conversations/${conversa}`,
})
