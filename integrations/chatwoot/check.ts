import { z } from 'zod'
import type { Explanation, VendorAnswer } from '../contract.js'
import { says } from '../support.js'
import { type Outbound, presences, request } from './calls.js'

/** Asks for what a token of an administrator may read: the account's agents, and the inbox that the account here is limited to. */
export async function checkAccount(out: Outbound): Promise<void> {
  await presences(out)
  const { caixa_id } = out.account.ajustes
  if (caixa_id !== undefined) await request(out, 'GET', `inboxes/${caixa_id}`, {}, z.looseObject({}))
}

/** What Chatwoot means by a refusal: it looks at the token first, then at the account (docs/vendors/chat.md#chatwoot-errors). */
export function explain({ status, path, body }: VendorAnswer): Explanation | undefined {
  if (status === 404 && says(body, /could not be found/i))
    return { motivo: 'conta_desconhecida', field: path.includes('/inboxes/') ? 'caixa_id' : 'conta_id' }
  if (status !== 401 || !says(body, /"errors?"/)) return undefined
  if (says(body, /access this account/i))
    return { motivo: 'conta_desconhecida', hint: 'Ou o token é de quem não participa dessa conta' }
  if (says(body, /not authorized for bots/i))
    return { motivo: 'chave_errada', hint: 'Este é o token de um robô: use o de um administrador' }
  if (says(body, /not authorized to do this/i)) return { motivo: 'sem_permissao', hint: 'Use o de um administrador' }
  return { motivo: 'chave_errada', hint: 'Ele está no perfil do administrador, em "Token de acesso"' }
}
