import { z } from 'zod'
import { given } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  chave_api: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: 'API key do ManyChat, para avisar quem esperou' }),
  page_id: z.string().regex(/^\d+$/).optional().meta({ description: 'Só esta página (page_id)' }),
  bloco: z
    .enum(['externo', 'dinamico'])
    .default('externo')
    .meta({ description: 'External Request (mapeia campos) ou Dynamic Block (a mensagem vem pronta)' }),
  rede: z.enum(['whatsapp', 'instagram', 'telegram', 'messenger']).default('whatsapp'),
  servidor: serverUrl.default('https://api.manychat.com'),
})

/** "Full Contact Data" (reference 7.2); the id may have more digits than a number holds, `key` has it as a text. */
export const Contato = z.object({
  id: given.id,
  key: given.text,
  page_id: given.id,
  first_name: given.text,
  last_name: given.text,
  name: given.text,
  locale: given.text,
  phone: given.text,
  whatsapp_phone: given.text,
  whats_app_phone: given.text,
  last_input_text: given.text,
  last_interaction: given.text,
})
