import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'

export const Ajustes = z.object({
  versao: z.enum(['es', 'cx']).default('cx').meta({ description: 'Dialogflow ES ou CX: muda o formato da resposta' }),
})

const parametros = z.record(z.string(), z.unknown()).optional().catch(undefined)

/** WebhookRequest of ES and of CX (reference 12.2): one has `queryResult`, the other `fulfillmentInfo` and `sessionInfo`. */
export const Pedido = z.object({
  responseId: given.text,
  session: given.text,
  queryResult: part({ queryText: given.text, languageCode: given.text, parameters: parametros }),
  originalDetectIntentRequest: part({ payload: parametros }),
  detectIntentResponseId: given.text,
  sessionInfo: part({ session: given.text, parameters: parametros }),
  text: given.text,
  transcript: given.text,
  triggerEvent: given.text,
  languageCode: given.text,
  payload: parametros,
})

export const NOMES = {
  nome: ['name', 'nome', 'person'],
  telefone: ['phone', 'telefone', 'phone-number', 'celular'],
} as const
