import { z } from 'zod'
import { bearer, isOneOf, present } from '../../src/lib/given.js'
import { parseJson } from '../../src/lib/json.js'
import { call } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { isStandardWebhook, signStandardWebhook } from '../../src/lib/signature.js'
import {
  type Evento as Acontecimento,
  adapter,
  autentico,
  type Chegada,
  type ContatoDoEvento,
  emJson,
  ignorar,
  recusado,
  type Saida,
} from '../contract.js'
import { Ajustes, Evento } from './schema.js'

/** JSON of ours, for n8n, Make and systems of one's own. The flow reads our answer; what comes later goes to a URL of its own. */
export const generico = adapter({
  plataforma: 'generico',
  nome: 'Genérico (n8n, Make, sistema próprio)',
  ajustes: Ajustes,
  secretos: [],
  le: () => 'dados',
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  segredo: 'cabecalho',
  novoSegredo: (bytes) => `whsec_${bytes.toString('base64')}`,
  formato: Evento,
  instrucoes: ({ url, segredo }) => [
    `Faça um POST com JSON para ${url}`,
    `Envie o cabeçalho x-webhook-segredo: ${segredo ?? '<segredo>'} (ou assine por Standard Webhooks com o mesmo segredo)`,
    'O formato está em /schemas/generico.json; a resposta traz consultor e protocolo',
  ],

  verificar({ cabecalhos, corpo }, { segredos }, agora) {
    const signature = cabecalhos['webhook-signature']
    if (signature !== undefined) {
      const headers = { id: cabecalhos['webhook-id'], timestamp: cabecalhos['webhook-timestamp'], signature }
      const isRight = isStandardWebhook(headers, segredos, corpo, agora)
      return isRight ? autentico : recusado('assinatura_errada')
    }
    const given = cabecalhos['x-webhook-segredo'] ?? bearer(cabecalhos.authorization)
    if (given === undefined) return recusado('sem_segredo')
    return isOneOf(given, segredos) ? autentico : recusado('segredo_errado')
  },

  receber: (chegada) => [read(chegada)],

  responder: ([resultado]) => emJson(resultado),

  podeEnviar: ({ retorno_url }) => retorno_url !== undefined,

  enviar: (saida, { conversa }, texto) => callBack(saida, 'mensagem', { conversa, texto }),

  atribuir: (saida, { conversa }, { nome, email }, { protocolo }) =>
    callBack(saida, 'atribuicao', {
      conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),
})

type Retorno = Saida<z.output<typeof Ajustes>>

async function callBack({ conta, http, agora, chave }: Retorno, type: string, data: unknown): Promise<void> {
  const { retorno_url: url } = conta.ajustes
  if (url === undefined) return
  const body = { type, timestamp: agora.toISOString(), data }
  const headers = signStandardWebhook(conta.segredos[0] ?? '', chave, agora, JSON.stringify(body))
  await call(http, { method: 'POST', url, headers, json: body }, z.unknown(), agora)
}

function read({ corpo, cabecalhos }: Chegada): Acontecimento {
  const parsed = Evento.safeParse(parseJson(corpo.toString('utf8')))
  if (!parsed.success) return ignorar('formato')
  const { tipo, contato: given, texto, referencia, enviado_em, ...rest } = parsed.data
  const contato = toContato(given)
  const [first] = contato.ids
  if (first === undefined) return ignorar('formato')
  const id = rest.id ?? cabecalhos['webhook-id'] ?? cabecalhos['idempotency-key']
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

function toContato({ id, nome, telefone, email, idioma }: z.output<typeof Evento>['contato']): ContatoDoEvento {
  const e164 = telefone == null ? undefined : toE164(telefone)
  return {
    ids: [...(id == null ? [] : [id]), ...(e164 === undefined ? [] : [e164])],
    ...(nome != null && nome !== '' && { nome }),
    ...(e164 !== undefined && { telefone: e164 }),
    ...(email != null && email !== '' && { email }),
    ...(idioma != null && { idioma }),
  }
}
