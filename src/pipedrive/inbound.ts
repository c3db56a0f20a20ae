import { isActiveUser } from '../../integrations/pipedrive/account.js'
import type { RecordChange } from '../../integrations/pipedrive/events.js'
import { unlessGone } from '../../integrations/pipedrive/failure.js'
import type {
  AtividadeDoPipedrive,
  NegocioDoPipedrive,
  PessoaDoPipedrive,
} from '../../integrations/pipedrive/schema.js'
import { LIMIT } from '../lib/mongo.js'
import { changeProtocolo } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { reportAutomatic } from './automatic.js'
import { ownerRecords } from './clientes.js'
import type { PipedriveCore } from './connect.js'
import { type Diff, type Directory, diffActivity, diffDeal } from './diff.js'
import type { Follow } from './owed.js'
import { refOf } from './store.js'
import { isBefore } from './times.js'

const CHUNK = 100
/** What is known of a customer only as long as that deal is open, or that person is his. */
const OF_A_DEAL = { 'donos.negocio': '', negocio_funil_id: '' } as const
const OF_A_PERSON = { donos: '' } as const

export interface InboundOptions {
  /** Makes durable, before the change, that the chat conversation is handed to the new responsável. */
  readonly reassign: (before: Protocolo) => Promise<void>
  readonly follow: Follow
}

/** Takes what people changed at Pipedrive over into our protocols. */
export interface Inbound {
  /** False when no protocol of ours has this record. */
  event(change: RecordChange): Promise<boolean>
  deals(found: readonly NegocioDoPipedrive[]): Promise<void>
  activities(found: readonly AtividadeDoPipedrive[]): Promise<void>
  /** Takes over who has these persons. */
  persons(found: readonly PessoaDoPipedrive[]): Promise<void>
  /** Checks the users of all consultores. */
  users(): Promise<void>
}

export function pipedriveInbound(core: PipedriveCore, { reassign, follow }: InboundOptions): Inbound {
  const { pipedrive, account, protocolos, clientes, vez, clock, onUserGone } = core
  const owners = ownerRecords(clientes)
  const prefersOwners = core.config.PIPEDRIVE_DONO_CONHECIDO === 'sim'
  const ours = protocolos.db.collection<Protocolo>('protocolos')

  const withRefs = (refs: readonly string[]): Promise<Protocolo[]> =>
    ours.find({ 'pipedrive.refs': { $in: [...refs] } }, LIMIT).toArray()

  async function people(): Promise<Directory> {
    const users = (await account.usersIfAllowed()) ?? []
    const { consultores } = vez.latest() ?? (await vez.readFresh())
    return {
      consultorOf: (usuario) => [...consultores].find(([, one]) => one.id_pipedrive === usuario)?.[0],
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
    if (one) await owners.deals([one])
    for (const before of about) await settle(before, (current) => diffDeal(current, one, known, at, hora), true)
    if (one?.status === 'open' && !one.is_archived) return
    const ids = [...new Set(about.map(({ pipedrive: its }) => its?.negocio_id))].filter((id) => id !== undefined)
    await forget('negocio_id', ids)
  }

  async function activity(one: AtividadeDoPipedrive | undefined, about: readonly Protocolo[]): Promise<void> {
    const known = await people()
    const at = clock.now()
    for (const before of about) await settle(before, (current) => diffActivity(current, one, known, at), false)
  }

  /** Forgets these ids of customers, so that the next sync searches for them again. */
  async function forget(field: 'pessoa_id' | 'negocio_id', ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return
    const known = field === 'pessoa_id' ? OF_A_PERSON : OF_A_DEAL
    await clientes.updateMany({ [field]: { $in: [...ids] } }, { $unset: { [field]: '', ...known } }, LIMIT)
  }

  async function merged(objeto: 'negocio' | 'pessoa', from: number, to: number): Promise<void> {
    const field = objeto === 'negocio' ? 'negocio_id' : 'pessoa_id'
    // Whether we made the one that stays is not known.
    const gone = objeto === 'pessoa' ? { pessoa_dono_id: '' as const } : { negocio_funil_id: '' as const }
    await clientes.updateMany({ [field]: from }, { $set: { [field]: to }, $unset: gone }, LIMIT)
    for (const { n } of await withRefs([refOf(objeto, from)])) {
      const set = {
        $set: { [`pipedrive.${field}`]: to },
        $addToSet: { 'pipedrive.refs': refOf(objeto, to) },
        ...(objeto === 'pessoa' && { $unset: { 'pipedrive.pessoa_dono_id': '' as const } }),
      }
      await ours.updateOne({ _id: n, [`pipedrive.${field}`]: from }, set, LIMIT)
      await ours.updateOne({ _id: n }, { $pull: { 'pipedrive.refs': refOf(objeto, from) } }, LIMIT)
    }
  }

  async function user(id: number): Promise<boolean> {
    const { consultores } = await vez.readFresh()
    if (![...consultores.values()].some((one) => one.id_pipedrive === id)) return false
    account.forgetUsers()
    if (!(await account.isActive(id))) await onUserGone(id)
    return true
  }

  /** Another's deal, whose person is a customer of ours: it may be the newest one. False: he is none. */
  async function foreignDeal(id: number, pessoa_id: number | undefined): Promise<boolean> {
    if (!prefersOwners || pessoa_id === undefined || !(await owners.hasPerson(pessoa_id))) return false
    const one = await pipedrive.deal(id).catch(unlessGone)
    await owners.deals([one ?? { id, person_id: pessoa_id, is_deleted: true }])
    return true
  }

  async function event({ objeto, id, excluido, unido_a, hora, empresa, pessoa_id }: RecordChange): Promise<boolean> {
    if (empresa !== undefined && empresa !== ((await account.me()).company_id ?? empresa)) return true
    if (objeto === 'usuario') return user(id)
    if (objeto === 'pessoa') {
      if (unido_a !== undefined) await merged('pessoa', id, unido_a)
      else if (excluido) await forget('pessoa_id', [id])
      else if (prefersOwners && (await owners.hasPerson(id))) await owners.persons([await pipedrive.person(id)])
      return true
    }
    if (objeto === 'negocio' && unido_a !== undefined) {
      await merged('negocio', id, unido_a)
      return event({ chave: '', objeto, id: unido_a, excluido: false })
    }
    const about = await withRefs([refOf(objeto, id)])
    if (about.length === 0) return objeto === 'negocio' && foreignDeal(id, pessoa_id)
    if (hora !== undefined && about.every(({ pipedrive: known }) => isBefore(hora, hourOf(objeto, known)))) return true
    if (objeto === 'negocio') await deal(excluido ? undefined : await pipedrive.deal(id).catch(unlessGone), about, hora)
    else await activity(excluido ? undefined : await pipedrive.activity(id).catch(unlessGone), about)
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
      await owners.deals(found)
      await each(found, 'negocio', (one, about) => deal(one.status === 'deleted' ? undefined : one, about))
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
