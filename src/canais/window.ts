import type { mongo } from 'mongoose'
import type { EventContact } from '../../integrations/contract.js'
import { LIMIT } from '../lib/mongo.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import { conversationKeyOf } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { contactIds } from './ask.js'
import type { ChatDeps } from './deps.js'

/** The window is renewed at most this often, so that not each message of a customer costs a write. */
const RENEW_MS = 600_000
/** How many further conversations of one protocol are kept. */
const MAX_CONVERSATIONS = 50

/**
 * The contact's latest protocol that has been copied, whichever of its ids it is known by.
 *
 * @param conversa only of this conversation at the platform
 */
export async function latestProtocolo(
  protocolos: ProtocoloModel,
  ids: readonly string[],
  conversa?: string,
): Promise<Protocolo | undefined> {
  if (ids.length === 0) return undefined
  const found = await protocolos
    .find({ 'contato.ids': { $in: [...ids] } })
    .maxTimeMS(LIMIT.maxTimeMS)
    .lean<Protocolo[]>()
  const whose = found.filter((one) => conversa === undefined || one.conversa === conversa)
  return whose.reduce<Protocolo | undefined>((latest, one) => (one.n > (latest?.n ?? 0) ? one : latest), undefined)
}

type Stores = Pick<ChatDeps, 'protocolos' | 'vez'>

/** The same, one that has just been given included: what is pending is copied first. */
export async function lastProtocolo(
  { protocolos, vez }: Stores,
  ids: readonly string[],
  conversa?: string,
): Promise<Protocolo | undefined> {
  await vez.drainAll()
  return latestProtocolo(protocolos, ids, conversa)
}

/** The protocol that an answer named, and the conversation where it was asked for. */
interface Attended {
  readonly n: number
  readonly conversationKey: string
}

/**
 * After a message in either direction: renews the window, at most every ten minutes, and keeps new ids and conversations of the
 * contact. Writes to `protocolos`, not to `vez`. Returns the protocol that the message belongs to, as it was before.
 */
export async function renew(
  stores: Stores,
  ids: readonly string[],
  now: Date,
  known?: Attended,
): Promise<Protocolo | undefined> {
  const { protocolos } = stores
  let protocolo = await latestProtocolo(protocolos, ids)
  if (known && protocolo?.n !== known.n) protocolo = await lastProtocolo(stores, ids)
  if (!protocolo || protocolo.encerrado_em) return protocolo
  const added = ids.filter((id) => !protocolo.contato?.ids.includes(id))
  const isOld = now.getTime() - protocolo.ultimo_contato_em.getTime() >= RENEW_MS
  const isOther = known !== undefined && isFurther(protocolo, known.conversationKey)
  if (!isOld && added.length === 0 && !isOther) return protocolo
  await addTo(protocolos, protocolo, {
    ...(isOld && { $max: { ultimo_contato_em: now } }),
    ...((added.length > 0 || isOther) && {
      $addToSet: { 'contato.ids': { $each: added }, ...(isOther && { outros_fios: known.conversationKey }) },
    }),
  })
  return protocolo
}

/**
 * A customer changed his phone or his id at the platform: whoever waits and the latest protocol, also a closed one, are known by
 * the new names too. The window is not renewed: nobody wrote.
 */
export async function recognise(
  stores: Stores,
  canal: Pick<Canal, 'slug'>,
  names: readonly EventContact[],
): Promise<void> {
  const ids = [...new Set(names.flatMap((one) => contactIds(canal, one)))]
  await stores.vez.submit({ tipo: 'reconhecer', ids })
  const protocolo = await lastProtocolo(stores, ids)
  if (!protocolo || ids.every((id) => protocolo.contato?.ids.includes(id))) return
  await addTo(stores.protocolos, protocolo, { $addToSet: { 'contato.ids': { $each: ids } } })
}

/** Not if it was anonymised meanwhile: nothing of the customer may come back. */
const addTo = (
  protocolos: ProtocoloModel,
  { _id }: Protocolo,
  update: mongo.UpdateFilter<Protocolo>,
): Promise<unknown> =>
  protocolos.db
    .collection<Protocolo>('protocolos')
    .updateOne({ _id, anonimizado_em: { $exists: false } }, update, LIMIT)

function isFurther(protocolo: Protocolo, key: string): boolean {
  const { outros_fios = [] } = protocolo
  return key !== conversationKeyOf(protocolo) && !outros_fios.includes(key) && outros_fios.length < MAX_CONVERSATIONS
}
