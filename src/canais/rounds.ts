import type { mongo } from 'mongoose'
import type { InboundMessage, OutboundContext } from '../../integrations/contract.js'
import { describe } from '../lib/logger.js'
import { LIMIT } from '../lib/mongo.js'
import { repeat } from '../lib/repeat.js'
import type { Protocolo } from '../protocolos/model.js'
import { isOlder } from '../vez/rules/instants.js'
import type { Canal } from './accounts.js'
import { canSend, contactIds } from './ask.js'
import { consultorOfEmail } from './consultor-of.js'
import { type ChatDeps, outboundOf } from './deps.js'
import type { CanalGuardado } from './model.js'
import { receive } from './receive.js'
import { latestProtocolo } from './window.js'

const PRESENCE_MS = 60_000
const RECONCILE_MS = 300_000
/** Delay of the first rounds after a start: they find what was lost while the service was down. */
const SOON_MS = 30_000
/** Overlap with the round before, since clocks differ and events come late; what is known already is a replay. */
const MARGIN_MS = 120_000

/**
 * What webhooks alone do not tell: who is there at the platform (each minute), and conversations whose events were lost (every
 * five minutes, where the platform sends each event only once).
 */
export function startRounds(deps: ChatDeps) {
  const { contas, canais, clock, random, logger, vez } = deps
  const emails = new Map<string, ReadonlyMap<string, string>>()
  const callTo = (canal: Canal): OutboundContext<unknown> => outboundOf(deps, canal, `ronda:${canal.slug}`)
  const forEach = async (does: (canal: Canal) => Promise<void>): Promise<void> => {
    for (const canal of contas.all().filter((one) => one.ativo && canSend(one))) {
      await does(canal).catch((error: unknown) =>
        logger.warn({ canal: canal.slug, ...describe(error) }, 'a round of this account failed'),
      )
    }
  }

  /** Agents' e-mails; where the account says so, whoever went online or offline there does so here. */
  async function presence(canal: Canal): Promise<void> {
    const found = await canal.adapter.listPresences?.(callTo(canal))
    if (!found) return
    emails.set(canal.slug, new Map(found.map(({ id, email }) => [id, email])))
    if (!canal.disponibilidade) return
    const roster = await vez.readFresh()
    const before = canal.guardado.presencas ?? {}
    // Only a change at the platform changes something here, compared with what is stored: what people set here stays till then.
    const changed = found.filter(({ id, online }) => before[id] !== online)
    if (changed.length === 0) return
    const autor = { por: `canal:${canal.slug}`, motivo: 'presenca' }
    for (const { email, online } of changed) {
      const same = consultorOfEmail(roster, email)
      if (same && same[1].online !== online)
        await vez.submit({ tipo: 'alterar', id: same[0], mudanca: { online }, autor })
    }
    const seen = Object.fromEntries(changed.map(({ id, online }) => [`presencas.${id}`, online]))
    await note(canal, { $set: seen })
    await contas.refresh()
  }

  const note = ({ slug }: Canal, update: mongo.UpdateFilter<CanalGuardado>): Promise<unknown> =>
    canais.db.collection<CanalGuardado>('canais').updateOne({ _id: slug }, update, LIMIT)

  /**
   * Looks back to the last complete round, not to the last event: an event after an outage does not mean that those during it
   * have arrived.
   */
  async function reconcile(canal: Canal): Promise<void> {
    const { adapter, guardado } = canal
    if (!adapter.findMissed) return
    const now = clock.now()
    const since = guardado.reconciliado_em ?? guardado.criado_em
    const events = await adapter.findMissed(callTo(canal), new Date(since.getTime() - MARGIN_MS))
    if (events.length > 0) await vez.drainAll()
    for (const event of events) await takeIn(canal, event)
    await note(canal, { $max: { reconciliado_em: now } })
  }

  async function takeIn(canal: Canal, event: InboundMessage): Promise<void> {
    const protocolo = await latestProtocolo(deps.protocolos, contactIds(canal, event.contato))
    if (protocolo && isAttended(protocolo, event)) return
    // An open conversation asks for a person only where the trigger is the transfer itself.
    const asks = canal.gatilho === 'transferencia'
    await receive(deps, canal, asks ? event : { ...event, tipo: 'mensagem', pediu: false })
  }

  const every = (name: string, everyMs: number, does: (canal: Canal) => Promise<void>) =>
    repeat({
      name,
      clock,
      random,
      firstMs: SOON_MS,
      everyMs,
      work: () => forEach(does),
      onError: (error) => logger.warn(describe(error), 'the rounds will be tried again'),
    })
  const stops = [
    every('canais.presence', PRESENCE_MS, presence),
    every('canais.lost-messages', RECONCILE_MS, reconcile),
  ]

  return {
    /** The e-mail of a platform's agent, as far as it is known. */
    emailOf: (slug: string, agent: string): string | undefined => emails.get(slug)?.get(agent),
    /** Both rounds now. */
    async run(): Promise<void> {
      await forEach(presence)
      await forEach(reconcile)
    },
    async stop(): Promise<void> {
      for (const stop of stops) await stop()
    },
  }
}

/** Has this conversation its protocol already? One that was unassigned counts no more once its customer has written again. */
function isAttended({ conversa, encerrado_em, responsavel_id, historico }: Protocolo, event: InboundMessage): boolean {
  if (conversa !== event.conversa || encerrado_em !== undefined) return false
  const last = responsavel_id === null ? historico.findLast(({ tipo }) => tipo === 'responsavel') : undefined
  const isGivenBack = last?.para === null
  return !isGivenBack || !event.enviado_em || isOlder(event.enviado_em, last.em)
}
