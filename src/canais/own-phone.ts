import type { EventContact, IgnoredEvent } from '../../integrations/contract.js'
import { omitUndefined } from '../lib/omit.js'
import { normalized } from '../lib/unicode.js'
import { markOurs, oursSince } from '../protocolos/conversas-nossas.js'
import type { Protocolo } from '../protocolos/model.js'
import { type Tarefa, toConversationKey } from '../tarefas/model.js'
import type { Espera, Vez } from '../vez/document.js'
import { isWithinWindow } from '../vez/rules/instants.js'
import type { Canal } from './accounts.js'
import { contactIds } from './ask.js'
import type { Arrival, ChatDeps } from './deps.js'
import { textOf } from './texts-of-work.js'
import { asksForPerson } from './trigger.js'
import { lastProtocolo, renew } from './window.js'

const HOUR_MS = 3_600_000
/** For so long after it was sent a text of ours may come back, and is known by its words. */
const ECHO_MS = 600_000

/** A message of the account's own number, and whom it went to. */
export type OwnMessage = IgnoredEvent & { readonly contato: EventContact }

/**
 * A message of the account's own number renews the window. One that a person typed on the company's own phone takes its contact
 * out of the line, since he is being helped, and begins a conversation of ours (`conversa_nossa_h`).
 *
 * @returns why it takes no turn
 */
export async function takeOwn(deps: ChatDeps, canal: Canal, event: OwnMessage): Promise<string> {
  const { vez, clock, protocolos } = deps
  const ids = contactIds(canal, event.contato)
  const now = clock.now()
  const protocolo = await renew(deps, ids, now)
  if (!event.typed) return event.motivo
  const waiting = await findWaiting(deps, canal, ids, protocolo)
  const begins = canal.conversa_nossa_h > 0 && isOver(protocolo) && isOver(await lastProtocolo(deps, ids))
  if (!waiting && !begins) return event.motivo
  if (await isOurs(deps, canal, event, [waiting?.conversa, ...(waiting?.outras_conversas ?? []), protocolo?.conversa]))
    return event.motivo
  if (begins) {
    const em = event.enviado_em && event.enviado_em < now ? event.enviado_em : now
    await markOurs(protocolos.db, canal.slug, ids, { em, ate: new Date(em.getTime() + lifeOf(canal)) })
  }
  if (!waiting) return event.motivo
  const { situacao } = await vez.submit(
    omitUndefined({ tipo: 'sair_da_espera' as const, canal: canal.slug, contato_ids: ids, em: event.enviado_em }),
  )
  return situacao === 'cancelada' ? 'atendido_fora' : event.motivo
}

/** Did we write first, not long ago? Somebody who is being attended, who waits, or who asks for a person takes the usual way. */
export async function isConversationOfOurs(deps: ChatDeps, { canal, event, now }: Arrival): Promise<boolean> {
  const { protocolos, vez } = deps
  if (canal.conversa_nossa_h === 0 || asksForPerson(canal, event)) return false
  const ids = contactIds(canal, event.contato)
  const since = await oursSince(protocolos.db, ids)
  if (!since || now.getTime() - since.getTime() >= lifeOf(canal)) return false
  if (vez.latest()?.espera.some((one) => isHis(one, canal, ids))) return false
  const protocolo = await lastProtocolo(deps, ids)
  return isOver(protocolo) && !(protocolo && protocolo.created_at >= since)
}

const isOver = (protocolo: Protocolo | undefined): boolean => !protocolo || protocolo.encerrado_em !== undefined

const lifeOf = ({ conversa_nossa_h }: Canal): number => conversa_nossa_h * HOUR_MS

const isHis = ({ canal, contato }: Espera, { slug }: Canal, ids: readonly string[]): boolean =>
  canal === slug && contato.ids.some((id) => ids.includes(id))

/** His entry in the line. Read anew only for a contact whom nobody has: most own messages go to customers who are being attended. */
async function findWaiting(
  { vez, clock }: ChatDeps,
  canal: Canal,
  ids: readonly string[],
  protocolo: Protocolo | undefined,
): Promise<Espera | undefined> {
  const latest = vez.latest()
  const known = latest?.espera.find((one) => isHis(one, canal, ids))
  if (known || isAttended(canal, protocolo, latest, clock.now())) return known
  return (await vez.readFresh()).espera.find((one) => isHis(one, canal, ids))
}

/** By somebody who is online: a customer whose consultor is absent may be passed on, and wait. */
const isAttended = (
  { janela_h }: Canal,
  protocolo: Protocolo | undefined,
  latest: Vez | undefined,
  now: Date,
): boolean =>
  protocolo?.responsavel_id != null &&
  protocolo.encerrado_em === undefined &&
  latest?.consultores.get(protocolo.responsavel_id)?.online === true &&
  isWithinWindow(protocolo.ultimo_contato_em, now, janela_h * HOUR_MS)

/**
 * Did we send this? Known by the platform's id, and by its words where the event overtakes the answer to our call.
 *
 * @param conversas further ones of the contact, in which we may have written
 */
async function isOurs(
  { outbox, clock }: ChatDeps,
  canal: Canal,
  { mensagem_id, texto, conversa, contato }: OwnMessage,
  conversas: readonly (string | undefined)[],
): Promise<boolean> {
  const all = [...new Set([conversa, ...contato.ids, ...conversas])].filter((one) => one !== undefined)
  const made = await Promise.all(all.map((one) => outbox.recentOf(toConversationKey(canal.slug, one))))
  const since = clock.now().getTime() - ECHO_MS
  const isSame = (tarefa: Tarefa): boolean =>
    (mensagem_id !== undefined && tarefa.mensagem_id === mensagem_id) ||
    (texto !== undefined && mayBeNew(tarefa, since) && oneLine(textOf(canal, tarefa)) === oneLine(texto))
  return made.flat().some(isSame)
}

/** It was sent since then, or is about to be. */
const mayBeNew = ({ encerrada_em }: Tarefa, since: number): boolean =>
  encerrada_em === undefined || encerrada_em.getTime() > since

const oneLine = (text = ''): string => normalized(text, 'NFC').replace(/\s+/g, ' ').trim()
