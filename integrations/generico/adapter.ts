import { z } from 'zod'
import { bearer, isOneOf, present } from '../../src/lib/given.js'
import { parseJson } from '../../src/lib/json.js'
import { call } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { isStandardWebhook, signStandardWebhook } from '../../src/lib/signature.js'
import {
  adapter,
  authentic,
  type ChatEvent,
  type EventContact,
  ignore,
  jsonReply,
  type OutboundContext,
  refused,
  type WebhookRequest,
} from '../contract.js'
import { Ajustes, Evento } from './schema.js'

/** JSON of ours, for n8n, Make and systems of one's own. The flow reads our answer; what comes later goes to a URL of its own. */
export const generico = adapter({
  plataforma: 'generico',
  nome: 'Genérico (n8n, Make, sistema próprio)',
  ajustes: Ajustes,
  secretos: [],
  replyReader: () => 'flow',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  newSecret: (bytes) => `whsec_${bytes.toString('base64')}`,
  format: Evento,
  instructions: ({ url, secret }) => [
    `Faça um POST com JSON para ${url}`,
    `Envie o cabeçalho x-webhook-segredo: ${secret ?? '<segredo>'} (ou assine por Standard Webhooks com o mesmo segredo)`,
    'O formato está em /schemas/generico.json; a resposta traz consultor e protocolo',
  ],

  verify({ headers, body }, { secrets }, now) {
    const signature = headers['webhook-signature']
    if (signature !== undefined) {
      const signed = { id: headers['webhook-id'], timestamp: headers['webhook-timestamp'], signature }
      const isRight = isStandardWebhook(signed, secrets, body, now)
      return isRight ? authentic : refused('assinatura_errada')
    }
    const given = headers['x-webhook-segredo'] ?? bearer(headers.authorization)
    if (given === undefined) return refused('sem_segredo')
    return isOneOf(given, secrets) ? authentic : refused('segredo_errado')
  },

  parse: (request) => [read(request)],

  reply: ([reply]) => jsonReply(reply),

  canSend: ({ retorno_url }) => retorno_url !== undefined,

  sendText: (out, { conversa }, texto) => callBack(out, 'mensagem', { conversa, texto }),

  assign: (out, { conversa }, { nome, email }, { protocolo }) =>
    callBack(out, 'atribuicao', {
      conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),
})

type Retorno = OutboundContext<z.output<typeof Ajustes>>

async function callBack({ account, http, now, idempotencyKey }: Retorno, type: string, data: unknown): Promise<void> {
  const { retorno_url: url } = account.ajustes
  if (url === undefined) return
  const body = { type, timestamp: now.toISOString(), data }
  const headers = signStandardWebhook(account.secrets[0] ?? '', idempotencyKey, now, JSON.stringify(body))
  await call(http, { method: 'POST', url, headers, json: body }, z.unknown(), now)
}

function read({ body, headers }: WebhookRequest): ChatEvent {
  const parsed = Evento.safeParse(parseJson(body.toString('utf8')))
  if (!parsed.success) return ignore('formato')
  const { tipo, contato: given, texto, referencia, enviado_em, ...rest } = parsed.data
  const contato = toContato(given)
  const [first] = contato.ids
  if (first === undefined) return ignore('formato')
  const id = rest.id ?? headers['webhook-id'] ?? headers['idempotency-key']
  const common = { contato, conversa: rest.conversa ?? first, ...(id !== undefined && { mensagem_id: id }) }
  if (tipo === 'encerramento')
    return { tipo, contato, ...present({ conversa: rest.conversa ?? undefined, mensagem_id: id }) }
  return {
    tipo: 'mensagem',
    ...common,
    pediu: tipo === 'pedido',
    ...(texto != null && { texto }),
    ...(referencia != null && { referencia }),
    ...(enviado_em != null && { enviado_em: new Date(enviado_em) }),
  }
}

function toContato({ id, nome, telefone, email, idioma }: z.output<typeof Evento>['contato']): EventContact {
  const e164 = telefone == null ? undefined : toE164(telefone)
  return {
    ids: [...(id == null ? [] : [id]), ...(e164 === undefined ? [] : [e164])],
    ...(nome != null && nome !== '' && { nome }),
    ...(e164 !== undefined && { telefone: e164 }),
    ...(email != null && email !== '' && { email }),
    ...(idioma != null && { idioma }),
  }
}
