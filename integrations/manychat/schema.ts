import { z } from 'zod'
import { lenient } from '../../src/lib/lenient.js'
import { line, matching, SERVIDOR, serverUrl } from '../support.js'

export const Ajustes = z.object({
  chave_api: line(512)
    .optional()
    .meta({ description: 'API key do ManyChat, para avisar quem esperou', example: 'a-api-key' }),
  page_id: matching(/^\d+$/, 'Só dígitos, como o ManyChat mostra em page_id')
    .optional()
    .meta({ description: 'Só esta página (page_id)' }),
  bloco: z
    .enum(['externo', 'dinamico'])
    .default('externo')
    .meta({ description: 'External Request (mapeia campos) ou Dynamic Block (a mensagem vem pronta)' }),
  rede: z
    .enum(['whatsapp', 'instagram', 'telegram', 'messenger'])
    .default('whatsapp')
    .meta({ description: 'De onde vêm os contatos', example: 'whatsapp' }),
  servidor: serverUrl.default('https://api.manychat.com').meta({ description: SERVIDOR }),
})

/**
 * "Full Contact Data" (docs/vendors/chat.md#manychat-contact-data); the id may have more digits than a number holds,
 * `key` has it as a text.
 */
export const Contato = z.object({
  id: lenient.id,
  key: lenient.text,
  page_id: lenient.id,
  first_name: lenient.text,
  last_name: lenient.text,
  name: lenient.text,
  locale: lenient.text,
  phone: lenient.text,
  whatsapp_phone: lenient.text,
  whats_app_phone: lenient.text,
  last_input_text: lenient.text,
  last_interaction: lenient.text,
})

/** Where a flow's author may have put the contact data, beside fields of his own. */
export const Wrapped = z.looseObject({
  contact: z.looseObject({}).optional().catch(undefined),
  contato: z.looseObject({}).optional().catch(undefined),
  subscriber: z.looseObject({}).optional().catch(undefined),
  full_contact_data: z.looseObject({}).optional().catch(undefined),
  data: z.looseObject({}).optional().catch(undefined),
})

/** Our answer to a Dynamic Block. */
export const Block = z.object({ version: z.literal('v2'), content: z.looseObject({}) })

export const Done = z.looseObject({ status: z.literal('success') })

/** What the page says of itself (docs/vendors/chat.md#manychat-errors). */
export const PageInfo = z.object({ status: z.literal('success'), data: z.object({ id: lenient.id }) })
