import { z } from 'zod'
import { line, matching, serverUrl } from '../support.js'

export const Ajustes = z.object({
  account_sid: matching(/^AC[0-9a-zA-Z]{32}$/).meta({ description: 'Account SID' }),
  auth_token: line(256).meta({ description: 'Auth Token (o primário): com ele a Twilio assina' }),
  numero: matching(/^(whatsapp:)?\+\d{7,15}$/).meta({
    description: 'O nosso número, como aparece em To',
    example: 'whatsapp:+551133334444',
  }),
  servidor: serverUrl.default('https://api.twilio.com'),
})
