import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  phone_number_id: z
    .string()
    .min(1)
    .max(64)
    .meta({ description: 'Phone number ID (não é o número)', example: '106540352242922' }),
  app_secret: z.string().min(1).max(256).meta({ description: 'App Secret: com ele a Meta assina' }),
  token: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .meta({ description: 'Token de um usuário do sistema, para responder' }),
  versao: z
    .string()
    .regex(/^v\d{1,3}\.\d$/)
    .default('v21.0')
    .meta({ description: 'Versão da Graph API' }),
  servidor: serverUrl.default('https://graph.facebook.com'),
})

const caption = part({ caption: given.text })
const reply = part({ id: given.text, title: given.text })

export const Mensagem = z.object({
  from: given.text,
  from_user_id: given.text,
  from_parent_user_id: given.text,
  group_id: given.text,
  id: given.text,
  timestamp: given.id,
  type: given.text,
  text: part({ body: given.text }),
  button: part({ text: given.text, payload: given.text }),
  interactive: part({ button_reply: reply, list_reply: reply, nfm_reply: part({ body: given.text }) }),
  image: caption,
  video: caption,
  document: caption,
  order: part({ text: given.text }),
  referral: part({ source_id: given.id, ctwa_clid: given.text, source_url: given.text }),
})

export const Eco = z.object({ id: given.text, to: given.text, to_user_id: given.text })

const contato = z.object({
  profile: part({ name: given.text }),
  wa_id: given.text,
  user_id: given.text,
  parent_user_id: given.text,
})

const list = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined)

export const Mudanca = z.object({
  field: given.text,
  value: z
    .object({
      metadata: part({ phone_number_id: given.id }),
      contacts: list(contato),
      messages: list(Mensagem),
      message_echoes: list(Eco),
      statuses: list(z.unknown()),
    })
    .optional()
    .catch(undefined),
})

/** The envelope of the Cloud API (reference 2.2): entries, changes and messages are lists, and all of them are read. */
export const Envelope = z.object({
  entry: z.array(z.object({ changes: z.array(Mudanca).catch([]) }).catch({ changes: [] })),
})

export type MudancaDaMeta = NonNullable<z.output<typeof Mudanca>['value']>
export type MensagemDaMeta = z.output<typeof Mensagem>
