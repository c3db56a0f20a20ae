import { z } from 'zod'
import { toE164 } from '../../src/lib/phone.js'
import type { IgnoreReason } from '../contract.js'
import { line, matching, SERVIDOR, serverUrl } from '../support.js'

/** Our number as Twilio writes it, however somebody wrote it. */
function toSender(written: string, ctx: z.RefinementCtx<string>): string {
  const given = written.trim()
  if (/^(whatsapp:)?\+\d{7,15}$/.test(given)) return given
  const number = toE164(given)
  if (number !== undefined) return /^whatsapp:/i.test(given) ? `whatsapp:${number}` : number
  ctx.addIssue({
    code: 'custom',
    message: 'Use + e o código do país, com whatsapp: antes se for o caso, como whatsapp:+551133334444',
  })
  return z.NEVER
}

export const Ajustes = z.object({
  account_sid: matching(/^AC[0-9a-zA-Z]{32}$/, 'AC e mais 32 letras e números, como está no Console da Twilio').meta({
    description: 'Account SID',
    example: 'AC00000000000000000000000000000000',
  }),
  auth_token: line(256).meta({
    description: 'Auth Token (o primário): com ele a Twilio assina',
    example: 'o-auth-token',
  }),
  numero: z.string().max(64, { abort: true }).transform(toSender).meta({
    description: 'O nosso número, como aparece em To',
    example: 'whatsapp:+551133334444',
  }),
  servidor: serverUrl.default('https://api.twilio.com').meta({ description: SERVIDOR }),
})

/** Our answer, with the text for the customer if there is one. */
export const TwiML = z.string().meta({
  description: 'TwiML',
  example: '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Olá!</Message></Response>',
})

/** The values of `MessageType` with which a customer says something (docs/vendors/chat.md#twilio-messages). */
export const SAID: ReadonlySet<string> = new Set([
  'text',
  'audio',
  'button',
  'contacts',
  'document',
  'image',
  'interactive',
  'location',
  'order',
  'sticker',
  'video',
  'voice',
])

/** Why other types take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  reaction: 'reacao',
  edit: 'edicao',
  revoke: 'edicao',
  typing: 'digitando',
}

/** The fields with which a customer says something: a text, and a message without a type, has to have one of them. */
export const CONTENT = [
  'Body',
  'MediaUrl0',
  'MediaContentType0',
  'Latitude',
  'Longitude',
  'ButtonText',
  'ButtonPayload',
  'ListId',
  'ListTitle',
  'FlowData',
  'InteractiveData',
  'Contacts',
]
