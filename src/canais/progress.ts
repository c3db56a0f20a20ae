import type { ConversationChange } from '../../integrations/contract.js'
import { omitUndefined } from '../lib/omit.js'
import { changeProtocolo, findProtocolo, toChange } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { newTarefa, toConversationKey } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { contactIds } from './ask.js'
import type { ChatDeps } from './deps.js'
import { latestProtocolo } from './window.js'

/**
 * Brings what people did with a conversation at the platform to its protocol: resolved becomes `concluido`, and its assignee
 * becomes `responsavel`; an unassigned conversation has none, so that its next message asks for a turn.
 */
export async function progress(deps: ChatDeps, canal: Canal, event: ConversationChange): Promise<void> {
  const { protocolos, vez, clock } = deps
  const { responsavel, conversa } = event
  await vez.drainAll()
  const protocolo = await latestProtocolo(protocolos, contactIds(canal, event.contato), conversa)
  if (!protocolo || protocolo.encerrado_em || protocolo.canal !== canal.slug) return
  const now = clock.now()
  if (event.enviado_em && event.enviado_em < protocolo.created_at) return
  if (event.tipo === 'reabertura') return
  if (event.tipo === 'encerramento') {
    const asked = { status: 'concluido' } as const
    await deps.follow(protocolo, asked)
    await changeProtocolo(protocolos, vez, protocolo._id, (before) => toChange(before, asked, now))
    return
  }
  if (!responsavel) return giveBack(deps, protocolo, now)
  const email = responsavel.email ?? deps.emailOf(canal.slug, responsavel.id)
  if (email === undefined && conversa !== undefined && canal.adapter.listPresences) {
    // The event names an id only: the platform is asked who that is, but not while it waits for our answer.
    const { id, nome } = responsavel
    await deps.outbox.insert(
      newTarefa({
        origin: `protocolo:${protocolo.n}:${protocolo.rev}:${id}`,
        tipo: 'responsavel',
        payload: { protocolo: protocolo.n, atendente: omitUndefined({ id, nome }), canal: canal.slug, conversa },
        conversationKey: toConversationKey(canal.slug, conversa),
        now,
      }),
    )
    return
  }
  await setResponsavel(deps, protocolo._id, omitUndefined({ ...responsavel, email }), now)
}

async function giveBack({ protocolos, vez }: ChatDeps, { n }: Protocolo, at: Date): Promise<void> {
  await changeProtocolo(protocolos, vez, n, (before) =>
    wasHeardLater(before, at) ? undefined : toChange(before, { responsavel_id: null }, at),
  )
}

const wasHeardLater = ({ historico }: Protocolo, at: Date): boolean =>
  historico.some((one) => one.tipo === 'responsavel' && one.em > at)

/**
 * Sets the `responsavel` to the assignee at the platform; one who is no consultor here becomes `null`, with his name in
 * `historico`.
 *
 * @param at when this was heard: an assignment that was heard later is kept
 */
export async function setResponsavel(
  { protocolos, vez, follow }: Pick<ChatDeps, 'protocolos' | 'vez' | 'follow'>,
  n: number,
  { id, email, nome }: NonNullable<ConversationChange['responsavel']>,
  at: Date,
): Promise<void> {
  const { consultores } = await vez.readFresh()
  const wanted = email?.toLowerCase()
  const known = [...consultores].find(([, one]) => wanted !== undefined && one.email?.toLowerCase() === wanted)
  const responsavel_id = known?.[0] ?? null
  await follow(await findProtocolo(protocolos, vez, n), { responsavel_id })
  await changeProtocolo(protocolos, vez, n, (before) => {
    if (wasHeardLater(before, at)) return undefined
    const change = toChange(before, { responsavel_id }, at)
    if (!change || known) return change
    const eventos = change.eventos.map((one) => (one.tipo === 'responsavel' ? { ...one, para: nome ?? id } : one))
    return { ...change, eventos }
  })
}
