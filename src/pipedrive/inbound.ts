import { isActiveUser } from '../../integrations/pipedrive/account.js'
import type { RecordChange } from '../../integrations/pipedrive/events.js'
import { unlessGone } from '../../integrations/pipedrive/failure.js'
import { convertedDeal } from '../../integrations/pipedrive/lead.js'
import type {
  AtividadeDoPipedrive,
  LeadDoPipedrive,
  NegocioDoPipedrive,
  PessoaDoPipedrive,
} from '../../integrations/pipedrive/schema.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { changeProtocolo } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { reportAutomatic } from './automatic.js'
import { ownerRecords } from './clientes.js'
import type { PipedriveCore } from './connect.js'
import { consultoresByUser } from './consultores-by-user.js'
import { type Diff, type Directory, diffActivity, diffDeal } from './diff.js'
import type { Follow } from './owed.js'
import { recordIds } from './record-ids.js'
import { refOf } from './store.js'
import { isBefore } from './times.js'

const CHUNK = 100

export interface InboundOptions {
  /** Makes durable, before the change, that the chat conversation is handed to the new responsável. */
  readonly reassign: (before: Protocolo) => Promise<void>
  readonly follow: Follow
}

/** Takes what people changed at Pipedrive over into our protocols. */
export interface Inbound {
  /** False when no protocol of ours has this record, or not yet. */
  event(change: RecordChange): Promise<boolean>
  deals(found: readonly NegocioDoPipedrive[]): Promise<void>
  leads(found: readonly LeadDoPipedrive[]): Promise<void>
  activities(found: readonly AtividadeDoPipedrive[]): Promise<void>
  /** Takes over who has these persons. */
  persons(found: readonly PessoaDoPipedrive[]): Promise<void>
  /** Checks the users of all consultores. */
  users(): Promise<void>
}

export function pipedriveInbound(core: PipedriveCore, { reassign, follow }: InboundOptions): Inbound {
  const { pipedrive, account, protocolos, clientes, vez, clock, onUserGone } = core
  const prefersOwners = core.config.PIPEDRIVE_DONO_CONHECIDO === 'sim'
  const readDeal = (id: number) => pipedrive.deal(id).catch(unlessGone)
  const owners = ownerRecords(clientes, async (id) => (prefersOwners ? readDeal(id) : undefined))
  const ours = protocolos.db.collection<Protocolo>('protocolos')
  const { withRefs, forget, merged } = recordIds(clientes, ours)

  async function people(): Promise<Directory> {
    const users = (await account.usersIfAllowed()) ?? []
    const consultores = await consultoresByUser(vez)
    return {
      consultorOf: (usuario) => consultores.get(usuario),
      nameOf: (usuario) => users.find((one) => one.id === usuario)?.name ?? `usuário ${usuario}`,
    }
  }

  /** Writes the work that a change owes to others before the change itself. */
  async function settle(before: Protocolo, decide: (one: Protocolo) => Diff | undefined, follows: boolean) {
    const first = decide(before)
    if (!first) return
    if (first.reassigned) {
      await reassign(before)
      if (follows) await follow(before, { responsavel_id: first.change.$set.responsavel_id })
    }
    await changeProtocolo(protocolos, vez, before.n, (current) => decide(current)?.change)
    if (first.soon) await reportAutomatic(core, before)
  }

  async function deal(one: NegocioDoPipedrive | undefined, about: readonly Protocolo[], hora?: string): Promise<void> {
    const known = await people()
    const at = clock.now()
    for (const before of about) await settle(before, (current) => diffDeal(current, one, known, at, hora), true)
    if (one?.status === 'open' && !one.is_archived) {
      if (one.person_id != null) await forget('negocio_id', [one.id], { pessoa_id: { $ne: one.person_id } })
      return
    }
    const ids = [...new Set(about.map(({ pipedrive: its }) => its?.negocio_id))].filter((id) => id !== undefined)
    await forget('negocio_id', ids)
  }

  /** A lead is compared as an open deal is. */
  async function lead(one: LeadDoPipedrive, about: readonly Protocolo[], hora?: string): Promise<void> {
    const known = await people()
    const at = clock.now()
    const seen = { ...one, status: 'open' }
    for (const before of about) await settle(before, (current) => diffDeal(current, seen, known, at, hora), true)
    if (one.is_archived) await clientes.updateMany({ lead_id: one.id }, { $unset: { lead_id: '' } }, LIMIT)
  }

  /** Protocols of this lead, as long as it is no deal. */
  const ofLead = async (id: string): Promise<Protocolo[]> =>
    (await withRefs([refOf('lead', id)])).filter(
      ({ pipedrive: its }) => its?.lead_id === id && its.negocio_id === undefined,
    )

  /** Lead by lead: the protocols of one that people turned into a deal are the deal's from now on. */
  async function adopt(found: readonly NegocioDoPipedrive[]): Promise<void> {
    for (const { id, pipeline_id, source_lead_id: lead_id } of found) {
      const about = lead_id == null ? [] : await ofLead(lead_id)
      if (lead_id == null || about.length === 0) continue
      const set = omitUndefined({ negocio_id: id, negocio_funil_id: pipeline_id ?? undefined })
      const $set = Object.fromEntries(Object.entries(set).map(([field, value]) => [`pipedrive.${field}`, value]))
      const $addToSet = { 'pipedrive.refs': refOf('negocio', id) }
      for (const { n } of about)
        await ours.updateOne({ _id: n, 'pipedrive.negocio_id': { $exists: false } }, { $set, $addToSet }, LIMIT)
      await clientes.updateMany({ lead_id }, { $set: set, $unset: { lead_id: '' } }, LIMIT)
    }
  }

  /** One that is gone became a deal, or was deleted. */
  async function leadEvent(id: string, excluido: boolean, hora?: string): Promise<boolean> {
    const about = await ofLead(id)
    if (about.length === 0) return (await withRefs([refOf('lead', id)])).length > 0
    const read = excluido ? undefined : await pipedrive.lead(id).catch(unlessGone)
    if (read) {
      await lead(read, about, hora)
      return true
    }
    const became = await convertedDeal(pipedrive, id, about[0]?.pipedrive?.pessoa_id)
    if (became) {
      await adopt([became])
      await owners.deals([became])
      await deal(became, await withRefs([refOf('negocio', became.id)]))
      return true
    }
    await clientes.updateMany({ lead_id: id }, { $unset: { lead_id: '' } }, LIMIT)
    const known = await people()
    const at = clock.now()
    for (const before of about) await settle(before, (current) => diffDeal(current, undefined, known, at, hora), false)
    return true
  }

  async function activity(one: AtividadeDoPipedrive | undefined, about: readonly Protocolo[]): Promise<void> {
    const known = await people()
    const at = clock.now()
    for (const before of about) await settle(before, (current) => diffActivity(current, one, known, at), false)
  }

  async function user(id: number): Promise<boolean> {
    const { consultores } = await vez.readFresh()
    if (![...consultores.values()].some((one) => one.id_pipedrive === id)) return false
    account.forgetUsers()
    if (!(await account.isActive(id))) await onUserGone(id)
    return true
  }

  /**
   * A deal of no protocol, whose person is a customer of ours: it may be the newest one. False: he is none, or somebody works for
   * him just now, and it may be the deal that is being made.
   */
  async function foreignDeal(id: number, pessoa_id: number | undefined): Promise<boolean> {
    if (!prefersOwners || pessoa_id === undefined) return false
    const customers = await owners.ofPerson(pessoa_id)
    if (customers.length === 0) return false
    const one = await readDeal(id)
    await owners.deals([one ?? { id, person_id: pessoa_id, is_deleted: true }])
    if (customers.some(({ lease_ate }) => lease_ate > clock.now())) return false
    // Who worked for him until then has stored it.
    return (await withRefs([refOf('negocio', id)])).length === 0
  }

  async function event(change: RecordChange): Promise<boolean> {
    const { objeto, id, excluido, novo = false, unido_a, hora, empresa, pessoa_id, lead_id } = change
    if (empresa !== undefined && empresa !== ((await account.me()).company_id ?? empresa)) return true
    if (objeto === 'usuario') return user(id)
    if (objeto === 'lead') return lead_id === undefined || leadEvent(lead_id, excluido, hora)
    if (objeto === 'pessoa') {
      if (unido_a !== undefined) await merged('pessoa', id, unido_a)
      else if (excluido) await forget('pessoa_id', [id])
      else if (prefersOwners && (await owners.ofPerson(id)).length > 0)
        await owners.persons([await pipedrive.person(id)])
      return true
    }
    if (objeto === 'negocio' && unido_a !== undefined) {
      await merged('negocio', id, unido_a)
      return event({ chave: '', objeto, id: unido_a, excluido: false })
    }
    const about = await withRefs([refOf(objeto, id)])
    if (about.length === 0) return (objeto === 'negocio' && (await foreignDeal(id, pessoa_id))) || novo
    if (novo) return true
    if (hora !== undefined && about.every(({ pipedrive: known }) => isBefore(hora, hourOf(objeto, known)))) return true
    if (objeto === 'negocio') {
      const read = excluido ? undefined : await readDeal(id)
      if (read) await owners.deals([read])
      await deal(read, about, hora)
    } else await activity(excluido ? undefined : await pipedrive.activity(id).catch(unlessGone), about)
    return true
  }

  /** Calls `look` for each record that protocols of ours refer to. */
  async function each<T extends { readonly id: number }>(
    found: readonly T[],
    objeto: 'negocio' | 'atividade',
    look: (one: T, about: readonly Protocolo[]) => Promise<void>,
  ): Promise<void> {
    for (let start = 0; start < found.length; start += CHUNK) {
      const part = found.slice(start, start + CHUNK)
      const known = await withRefs(part.map(({ id }) => refOf(objeto, id)))
      for (const one of part) {
        const about = known.filter(({ pipedrive: its }) => its?.refs?.includes(refOf(objeto, one.id)))
        if (about.length > 0) await look(one, about)
      }
    }
  }

  return {
    event,
    deals: async (found) => {
      await adopt(found)
      await each(found, 'negocio', (one, about) => deal(one.status === 'deleted' ? undefined : one, about))
      // Last: a deal that has ended makes its customers forget whose they are, and a newer one may be among these.
      await owners.deals(found)
    },
    leads: async (found) => {
      for (const one of found) {
        const about = await ofLead(one.id)
        if (about.length > 0) await lead(one, about)
      }
    },
    persons: (found) => owners.persons(found),
    activities: (found) => each(found, 'atividade', activity),
    users: async () => {
      const { consultores } = await vez.readFresh()
      // The cached list may be older than an event that was lost.
      account.forgetUsers()
      const users = await account.usersIfAllowed()
      if (!users) return
      for (const { id_pipedrive: id } of consultores.values()) {
        if (id !== undefined && !isActiveUser(users, id)) await onUserGone(id)
      }
    },
  }
}

const hourOf = (objeto: 'negocio' | 'atividade', known: Protocolo['pipedrive']): string | undefined =>
  objeto === 'negocio' ? known?.negocio_hora : known?.atividade_hora
