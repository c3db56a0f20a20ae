import { randomUUID } from 'node:crypto'
import { AppError, notFound } from '../lib/errors.js'
import { canSend } from './ask.js'
import { explained } from './connection.js'
import { type ChatDeps, outboundOf } from './deps.js'

/** Writes to a telephone now, for a person who waits for it: nothing of the text is stored. Throws 404, 409, 502. */
export async function textPhone(deps: ChatDeps, slug: string, telefone: string, text: string): Promise<void> {
  const canal = deps.contas.get(slug)
  if (!canal) throw notFound('Canal não encontrado')
  const { textPhone } = canal.adapter
  if (!textPhone || !canal.ativo || !canSend(canal))
    throw new AppError(409, 'Esta conta não escreve a um telefone: escolha outra')
  const sent = await explained(canal, outboundOf(deps, canal, randomUUID()), (out) => textPhone(out, telefone, text))
  if ('wrong' in sent)
    throw new AppError(502, `Não foi enviado: ${sent.wrong.detalhe}`, { extra: { motivo: sent.wrong.motivo } })
}
