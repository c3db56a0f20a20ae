import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import { line, SERVIDOR, serverUrl } from '../support.js'

/** What an account has to be told; a field that names a secret (token, chave, segredo …) belongs in `secretos` too. */
export const Ajustes = z.object({
  instancia: line(128).meta({ description: 'ID da instância', example: 'loja1' }),
  servidor: serverUrl.default('https://api.exemplo.com').meta({ description: SERVIDOR }),
  token: line(256).optional().meta({ description: 'Token da API, para responder' }),
})

/** The webhook. Only what is used; a field of another type than documented counts as absent. */
export const Webhook = z.object({
  event: z.string(),
  instance: lenient.text,
  id: lenient.text,
  /** The customer: `<digits>@c.us`, a LID `<id>@lid`, a group `<id>@g.us`. */
  chat: lenient.text,
  name: lenient.text,
  from_me: lenient.flag,
  sent_at: lenient.number,
  text: lenient.text,
  media: part({ type: lenient.text, caption: lenient.text }),
})

/** The kinds of media with which a customer says something, besides a text. Any other kind takes no turn. */
export const SAID: ReadonlySet<string> = new Set([
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contact',
])
