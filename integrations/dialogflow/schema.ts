import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'

export const Ajustes = z.object({
  versao: z
    .enum(['es', 'cx'])
    .default('cx')
    .meta({ description: 'Dialogflow ES ou CX: muda o formato da resposta', example: 'cx' }),
})

const parametros = z.record(z.string(), z.unknown()).optional().catch(undefined)

/**
 * WebhookRequest of ES and of CX (docs/vendors/chat.md#dialogflow-requests): one has `queryResult`, the other
 * `fulfillmentInfo` and `sessionInfo`.
 */
export const Fulfillment = z.object({
  responseId: lenient.text,
  session: lenient.text,
  queryResult: part({ queryText: lenient.text, languageCode: lenient.text, parameters: parametros }),
  originalDetectIntentRequest: part({ payload: parametros }),
  detectIntentResponseId: lenient.text,
  fulfillmentInfo: part({}),
  sessionInfo: part({ session: lenient.text, parameters: parametros }),
  text: lenient.text,
  transcript: lenient.text,
  languageCode: lenient.text,
  payload: parametros,
})

export const NAMES = {
  nome: ['name', 'nome', 'person'],
  telefone: ['phone', 'telefone', 'phone-number', 'celular', 'whatsapp', 'remoteJid', 'caller_id'],
} as const

const messages = z.array(z.object({ text: z.object({ text: z.array(z.string()) }) }))
const parameters = z.record(z.string(), z.unknown())

/** Our answers to ES and to CX. */
export const FulfillmentEs = z.object({
  fulfillmentText: z.string(),
  fulfillmentMessages: messages,
  outputContexts: z.array(z.object({ name: z.string(), lifespanCount: z.int(), parameters })),
})

export const FulfillmentCx = z.object({
  fulfillmentResponse: z.object({ messages, mergeBehavior: z.literal('REPLACE') }),
  sessionInfo: z.object({ parameters }),
})
