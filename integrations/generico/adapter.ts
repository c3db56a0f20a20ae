import { z } from 'zod'
import { bearer } from '../../src/lib/lenient.js'
import { call } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { isStandardWebhook, signStandardWebhook } from '../../src/lib/signature.js'
import { adapter, type ChatEvent, type EventContact, type OutboundContext, type WebhookRequest } from '../contract.js'
import { authentic, bySecret, ignore, jsonOf, jsonReply, refused, withoutId } from '../support.js'
import { Ajustes, EventoGenerico } from './schema.js'

/** JSON of ours, for n8n, Make and systems of one's own. The flow reads our answer; what happens later is posted to `retorno_url`. */
export const generico = adapter({
  plataforma: 'generico',
  nome: 'Genérico (n8n, Make, sistema próprio)',
  ajustes: Ajustes,
  secretos: [],
  replyReader: () => 'flow',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  newSecret: (bytes) => `whsec_${bytes.toString('base64')}`,
  format: EventoGenerico,
  instructions: ({ url, secret }) => [
    `Faça um POST com JSON para ${url}`,
    `Envie o cabeçalho x-webhook-segredo: ${secret ?? '<segredo>'} (ou assine por Standard Webhooks com o mesmo segredo)`,
    'O formato está em /schemas/generico.json; a resposta traz consultor e protocolo',
  ],

  verify({ headers, body }, account, now) {
    const signature = headers['webhook-signature']
    if (signature !== undefined) {
      const signed = { id: headers['webhook-id'], timestamp: headers['webhook-timestamp'], signature }
      const isRight = isStandardWebhook(signed, account.secrets, body, now)
      return isRight ? authentic : refused('assinatura_errada')
    }
    return bySecret(headers['x-webhook-segredo'] ?? bearer(headers.authorization), account)
  },

  parse: (request) => [read(request)],

  reply: ([reply]) => jsonReply(reply),

  canSend: ({ retorno_url }) => retorno_url !== undefined,

  sendText: (out, { conversa }, text) => withoutId(callBack(out, 'mensagem', { conversa, texto: text })),

  assign: (out, { conversa }, { nome, email }, { protocolo }) =>
    callBack(out, 'atribuicao', {
      conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),
})

type Outbound = OutboundContext<z.output<typeof Ajustes>>

async function callBack({ account, http, now, idempotencyKey }: Outbound, type: string, data: unknown): Promise<void> {
  const { retorno_url: url } = account.ajustes
  if (url === undefined) return
  const body = { type, timestamp: now.toISOString(), data }
  const headers = signStandardWebhook(account.secrets[0] ?? '', idempotencyKey, now, JSON.stringify(body))
  await call(http, { method: 'POST', url, headers, json: body }, z.unknown(), now)
}

function read({ body, headers }: WebhookRequest): ChatEvent {
  const parsed = EventoGenerico.safeParse(jsonOf(body))
  if (!parsed.success) return ignore('formato')
  const { tipo, contato: given, texto, referencia, enviado_em, ...rest } = parsed.data
  const contato = toContato(given)
  const [first] = contato.ids
  if (first === undefined) return ignore('formato')
  const id = rest.id ?? headers['webhook-id'] ?? headers['idempotency-key']
  const about = { contato, mensagem_id: id, enviado_em: enviado_em == null ? undefined : new Date(enviado_em) }
  if (tipo === 'encerramento') return { tipo, ...about, conversa: rest.conversa ?? undefined }
  return {
    tipo: 'mensagem',
    ...about,
    conversa: rest.conversa ?? first,
    pediu: tipo === 'pedido',
    texto: texto ?? undefined,
    referencia: referencia ?? undefined,
  }
}

function toContato({ id, nome, telefone, email, idioma }: z.output<typeof EventoGenerico>['contato']): EventContact {
  const e164 = toE164(telefone ?? undefined)
  return {
    ids: [id, e164].filter((one) => one != null),
    nome: nome || undefined,
    telefone: e164,
    email: email || undefined,
    idioma: idioma ?? undefined,
  }
}
