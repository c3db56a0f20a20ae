import type { ConversationChange, InboundMessage } from '../../integrations/contract.js'
import { omitUndefined } from '../lib/omit.js'
import { type Change, changeProtocolo, findProtocolo, toChange } from '../protocolos/change.js'
import { atendenteOf, type Protocolo } from '../protocolos/model.js'
import { newTarefa, toConversationKey } from '../tarefas/model.js'
import { isOlder } from '../vez/rules/instants.js'
import type { Canal } from './accounts.js'
import { contactIds } from './ask.js'
import { consultorOfEmail } from './consultor-of.js'
import type { ChatDeps } from './deps.js'
import { lastProtocolo } from './window.js'

type Person = NonNullable<ConversationChange['responsavel']>

/**
 * Brings what people did with a conversation at the platform here. Whoever waits and was helped there leaves the line. Of the
 * contact's last protocol, resolved becomes `concluido`, opened again `em_andamento`, and its assignee `responsavel`; an
 * unassigned conversation has none, so that its next message asks for a turn. What is older, by the platform's clock, than what
 * is known already changes nothing.
 *
 * @returns the protocol as it is now; `undefined` where the event changed none
 */
export async function progress(
  deps: ChatDeps,
  canal: Canal,
  event: ConversationChange,
): Promise<Protocolo | undefined> {
  const person = event.responsavel && withEmail(deps, canal, event.responsavel)
  const ids = contactIds(canal, event.contato)
  if (event.tipo === 'encerramento' || person) await leaveLine(deps, canal, ids, event, person)
  const protocolo = await lastProtocolo(deps, ids, event.conversa)
  if (!protocolo || protocolo.canal !== canal.slug) return undefined
  const began = beginOf(protocolo)
  if (event.enviado_em && began && isOlder(event.enviado_em, began)) return undefined
  if (event.tipo !== 'reabertura') {
    if (protocolo.encerrado_em) return undefined
    if (event.tipo === 'encerramento') return setStatus(deps, protocolo, 'concluido', event.enviado_em)
    return person ? assigned(deps, canal, protocolo, event, person) : giveBack(deps, protocolo, event.enviado_em)
  }
  const open = await setStatus(deps, protocolo, 'em_andamento', event.enviado_em)
  return open && person ? assigned(deps, canal, open, event, person) : open
}

/** What is older is not about this protocol. One that an assignment there has made began with that, which we heard later. */
const beginOf = ({ por, created_at, heard_at }: Protocolo): Date | undefined =>
  por === 'ajudou' ? heard_at?.responsavel : created_at

const withEmail = ({ emailOf }: ChatDeps, { slug }: Canal, person: Person): Person => ({
  ...person,
  email: person.email ?? emailOf(slug, person.id),
})

async function leaveLine(
  { vez }: ChatDeps,
  { slug }: Canal,
  contato_ids: readonly string[],
  { conversa, enviado_em }: ConversationChange,
  person: Person | undefined,
): Promise<void> {
  const responsavel = person && (consultorOfEmail(await vez.readFresh(), person.email)?.[0] ?? nameOf(person))
  await vez.submit(
    omitUndefined({ tipo: 'sair_da_espera' as const, canal: slug, contato_ids, conversa, em: enviado_em, responsavel }),
  )
}

const nameOf = ({ nome, id }: Person): string => nome ?? id

type Heard = keyof NonNullable<Protocolo['heard_at']>

const isLate = ({ heard_at }: Protocolo, what: Heard, told: Date | undefined): boolean => {
  const known = heard_at?.[what]
  return told !== undefined && known !== undefined && told < known
}

/** The change, with the platform's time by which a later event is known to be older; `undefined` where this one is. */
function hear(before: Protocolo, what: Heard, told: Date | undefined, change: Change | undefined): Change | undefined {
  if (isLate(before, what, told)) return undefined
  if (!told) return change
  return {
    $unset: [],
    eventos: [],
    ...change,
    $set: { ...change?.$set, heard_at: { ...before.heard_at, [what]: told } },
  }
}

/**
 * A conversation began, or was handed over: what the platform tells late of its status before is older than that. For a protocol
 * that was there already; a new one begins after the event.
 */
export async function hearOpen(
  { protocolos, vez }: Pick<ChatDeps, 'protocolos' | 'vez'>,
  canal: Canal,
  { tipo, contato, conversa, enviado_em: told }: InboundMessage,
): Promise<void> {
  if (tipo !== 'inicio' || !told) return
  const protocolo = await lastProtocolo({ protocolos, vez }, contactIds(canal, contato), conversa)
  if (!protocolo || protocolo.canal !== canal.slug) return
  await changeProtocolo(protocolos, vez, protocolo._id, (before) => {
    const known = before.heard_at?.status
    return before.encerrado_em || (known && known >= told) ? undefined : hear(before, 'status', told, undefined)
  })
}

async function setStatus(
  { protocolos, vez, clock, follow }: ChatDeps,
  protocolo: Protocolo,
  status: 'concluido' | 'em_andamento',
  told: Date | undefined,
): Promise<Protocolo | undefined> {
  if (isLate(protocolo, 'status', told)) return undefined
  const now = clock.now()
  await follow(protocolo, { status })
  return changeProtocolo(protocolos, vez, protocolo._id, (before) => {
    // A protocol that people cancelled here is not opened by what they do there.
    const change = before.status === 'cancelado' ? undefined : toChange(before, { status }, now)
    if (!change) return hear(before, 'status', told, undefined)
    const more = status === 'concluido' ? { encerrado_em: told && told < now ? told : now } : { ultimo_contato_em: now }
    return hear(before, 'status', told, { ...change, $set: { ...change.$set, ...more } })
  })
}

async function assigned(
  deps: ChatDeps,
  canal: Canal,
  protocolo: Protocolo,
  { conversa, enviado_em }: ConversationChange,
  person: Person,
): Promise<Protocolo | undefined> {
  const now = deps.clock.now()
  if (isLate(protocolo, 'responsavel', enviado_em)) return undefined
  if (person.email !== undefined || conversa === undefined || !canal.adapter.listPresences)
    return setResponsavel(deps, protocolo.n, person, { at: now, told: enviado_em })
  // The event names an id only: the platform is asked who that is, but not while it waits for our answer.
  const { id, nome } = person
  await deps.outbox.insert(
    newTarefa({
      origin: `protocolo:${protocolo.n}:${enviado_em?.toISOString() ?? protocolo.rev}:${id}`,
      tipo: 'responsavel',
      payload: {
        protocolo: protocolo.n,
        atendente: omitUndefined({ id, nome, em: enviado_em }),
        canal: canal.slug,
        conversa,
      },
      conversationKey: toConversationKey(canal.slug, conversa),
      now,
    }),
  )
  return protocolo
}

function giveBack(
  { protocolos, vez, clock }: ChatDeps,
  { n }: Protocolo,
  told: Date | undefined,
): Promise<Protocolo | undefined> {
  const now = clock.now()
  return changeProtocolo(protocolos, vez, n, (before) => {
    if (wasHeardLater(before, now)) return undefined
    const change = toChange(before, { responsavel_id: null }, now)
    return hear(before, 'responsavel', told, change ?? forgetAtendente(before, now))
  })
}

/** Somebody who is no consultor here had the customer, and gave him back. */
const forgetAtendente = (before: Protocolo, at: Date): Change | undefined =>
  atendenteOf(before) === undefined
    ? undefined
    : { $set: {}, $unset: [], eventos: [{ em: at, tipo: 'responsavel', de: null, para: null }] }

const wasHeardLater = ({ historico }: Protocolo, at: Date): boolean =>
  historico.some((one) => one.tipo === 'responsavel' && one.em > at)

/** When an assignment was heard here, and when it was made by the platform's clock: one that is later is kept. */
interface When {
  readonly at: Date
  readonly told?: Date | undefined
}

/**
 * Sets the `responsavel` to the assignee at the platform; one who is no consultor here becomes `null`, with his name in
 * `historico`.
 */
export async function setResponsavel(
  { protocolos, vez, follow }: Pick<ChatDeps, 'protocolos' | 'vez' | 'follow'>,
  n: number,
  person: Person,
  { at, told }: When,
): Promise<Protocolo> {
  const known = consultorOfEmail(await vez.readFresh(), person.email)?.[0]
  const responsavel_id = known ?? null
  const found = await findProtocolo(protocolos, vez, n)
  if (isLate(found, 'responsavel', told)) return found
  await follow(found, { responsavel_id })
  return changeProtocolo(protocolos, vez, n, (before) => {
    if (wasHeardLater(before, at)) return undefined
    const change = toChange(before, { responsavel_id }, at)
    return hear(before, 'responsavel', told, known === undefined ? named(before, change, nameOf(person), at) : change)
  })
}

/** The change with the name of somebody who is no consultor here; from one such person to another it is a change too. */
function named(before: Protocolo, change: Change | undefined, nome: string, at: Date): Change | undefined {
  if (!change && atendenteOf(before) === nome) return undefined
  const eventos = [{ em: at, tipo: 'responsavel' as const, de: before.responsavel_id, para: nome }]
  return { $set: {}, $unset: [], ...change, eventos }
}
