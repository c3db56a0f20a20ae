import { z } from 'zod'
import { lenient } from '../../src/lib/lenient.js'
import type { Explanation } from '../contract.js'

const GraphError = z.object({ error: z.object({ code: z.number(), error_subcode: lenient.number }) })

const EXPIRED = 'O token venceu: use um de usuário do sistema, que não vence'
const NEW_TOKEN = 'Faça um novo para um usuário do sistema, com whatsapp_business_messaging'
const NUMBER_ID =
  'É o "Phone number ID" da Meta, e não o número; e o usuário do sistema precisa ter acesso à conta do WhatsApp dele'

/** What the Graph API means by an error (docs/vendors/chat.md#whatsapp-cloud-api-errors). */
export function explainGraph(body: unknown): Explanation | undefined {
  const { code, error_subcode } = GraphError.safeParse(body).data?.error ?? {}
  if (code === undefined) return undefined
  if (code === 190) return { motivo: 'chave_errada', hint: error_subcode === 463 ? EXPIRED : NEW_TOKEN }
  if (code === 100 || code === 803) return { motivo: 'conta_desconhecida', hint: NUMBER_ID }
  if (code === 3 || code === 10 || (code >= 200 && code < 300))
    return { motivo: 'sem_permissao', hint: 'Ele precisa de whatsapp_business_messaging' }
  return undefined
}
