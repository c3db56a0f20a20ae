import type { mongo } from 'mongoose'
import { OF_AN_ACCOUNT } from '../../integrations/pipedrive/account.js'
import { RecordChange } from '../../integrations/pipedrive/events.js'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Atendimento } from '../../integrations/pipedrive/mapping.js'
import { sync } from '../../integrations/pipedrive/sync.js'
import type { SyncSettings } from '../../integrations/pipedrive/sync-state.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { OutboundFailure } from '../lib/outbound.js'
import { dotted, isOver } from '../protocolos/change.js'
import type { NoPipedrive, Protocolo, ProtocoloModel } from '../protocolos/model.js'
import type { Handler } from '../tarefas/attempt.js'
import { CLIENTES, clienteHash } from '../tarefas/cliente.js'
import { DO_PIPEDRIVE, type Payload, STATUS_NO_PIPEDRIVE, type Tarefa } from '../tarefas/model.js'
import { readAjustes, settingsFor } from './ajustes.js'
import type { PipedriveCore } from './connect.js'
import type { Inbound } from './inbound.js'
import { type Lease, takeLease } from './model.js'
import { RESPONSAVEL_NO_PIPEDRIVE } from './owed.js'
import { refOf, SEM_CONTATO_ID, syncStore } from './store.js'
import { PIPEDRIVE_EVENT } from './webhook.js'

/**
 * Work is given up after this age, ms, or after `MAX_ATTEMPTS`, about half a day of attempts: longer than any outage seen. A plan
 * that is full is tried once an hour, so that the age alone counts there.
 */
const MAX_AGE_MS = 12 * 86_400_000
const MAX_ATTEMPTS = 300
/** Longer than one call and its wait for the rate limit; renewed before each record that is made. ms. */
const LEASE_MS = 60_000
/** Wait while another process works for this customer, ms. */
const BUSY_MS = 3_000
/** Wait for an event of an unknown record, ms: it may come before the id of a record of ours is stored. */
const NEW_MS = 15_000

interface Context extends PipedriveCore {
  /** The answer to an update holds the whole record, so changes that people made there meanwhile are taken over from it. */
  readonly inbound: Inbound
}

/** What the outbox does at Pipedrive: person, deal, activity and note of a protocol. */
export function pipedriveHandlers(core: PipedriveCore, inbound: Inbound): Record<string, Handler> {
  const deps: Context = { ...core, inbound }
  const handler = (run: (tarefa: Tarefa) => Promise<void>): Handler => ({
    // Each step looks at what is there already, so the whole may be repeated.
    repeatable: true,
    maxAgeMs: MAX_AGE_MS,
    maxAttempts: MAX_ATTEMPTS,
    run: async (tarefa) => {
      try {
        await core.ensureCompany()
        await run(tarefa)
      } catch (error) {
        // No call of its own shows it.
        const isEtapa = error instanceof PipedriveFailure && error.falha === 'etapa'
        if (isEtapa && error.code !== OF_AN_ACCOUNT) core.situation.held(error)
        throw toOutbound(error)
      }
    },
  })
  /** Work about one protocol, while no other process works for its customer. */
  const about = (work: (protocolo: Protocolo, lease: Lease, tarefa: Tarefa) => Promise<void>): Handler =>
    handler(async (tarefa) => {
      const { payload } = tarefa
      const before = await protocoloOf(deps, payload)
      await alone(deps, before, async (lease) => work(await protocoloOf(deps, payload), lease, tarefa))
    })
  return {
    [DO_PIPEDRIVE]: about(async (protocolo, lease, { motivo }) => {
      if (protocolo.anonimizado_em) return
      const { pipedrive, account, clock, limits, situation } = core
      // It was refused for want of room before: nothing is read again before there may be some.
      if (motivo?.startsWith('limite_do_plano')) limits.ensureRoom('negocio')
      const store = syncStore(deps, protocolo, lease)
      const users = { usuario: await userOf(deps, protocolo), usuarioDaVez: await turnUserOf(deps, protocolo) }
      const one = toAtendimento(protocolo, users)
      const settings = await settingsOf(core, protocolo)
      await sync({ pipedrive, account, store, settings, now: () => clock.now() }, one, protocolo.pipedrive ?? {})
      // A change of status meanwhile found no activity there yet, so it is made up for here.
      await followStatus(deps, await protocoloOf(deps, { protocolo: protocolo.n }))
      situation.synced(protocolo.numero)
    }),
    [STATUS_NO_PIPEDRIVE]: about((protocolo) => followStatus(deps, protocolo)),
    [RESPONSAVEL_NO_PIPEDRIVE]: about((protocolo) => followResponsavel(deps, protocolo)),
    [PIPEDRIVE_EVENT]: handler(async ({ payload, tentativas }) => {
      const read = RecordChange.safeParse(payload.evento)
      if (!read.success) throw new OutboundFailure('evento_ilegivel', { definitive: true, unasked: true })
      if ((await inbound.event(read.data)) || tentativas > 0) return
      // It may be a record that we have just made and not stored yet.
      throw new OutboundFailure('desconhecido', { unasked: true, waitMs: NEW_MS })
    }),
  }
}

/** As its chat account says it now; where there is no account, or no longer, as the environment does. */
async function settingsOf({ config, connection }: PipedriveCore, { canal, idioma }: Protocolo): Promise<SyncSettings> {
  const ofAccount = canal === undefined ? undefined : await readAjustes(connection, canal)
  return {
    criar: config.PIPEDRIVE_CRIAR,
    negocioDeOutro: config.PIPEDRIVE_NEGOCIO_DE_OUTRO,
    donoDaPessoa: config.PIPEDRIVE_DONO_DA_PESSOA,
    ...settingsFor(config, ofAccount, idioma),
  }
}

/** Throws when the drain has not copied it yet, or cannot. */
async function protocoloOf({ protocolos }: Context, { protocolo }: Pick<Payload, 'protocolo'>): Promise<Protocolo> {
  const found = await protocolos.findById(protocolo).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
  if (!found) throw new OutboundFailure('sem_protocolo', { unasked: true })
  return found
}

/** Runs the work while no other process works for this customer. What the work needs is to be read inside. */
async function alone(
  { protocolos, clock }: Context,
  { n, contato }: Protocolo,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  // All customers of whom nothing is known are one person there.
  const cliente = contato ? clienteHash(contato) : SEM_CONTATO_ID
  const id = cliente ?? `protocolo:${n}`
  const lease = await takeLease({ connection: protocolos.db, clock, colecao: CLIENTES, id, ms: LEASE_MS })
  if (!lease) throw new OutboundFailure('cliente_em_curso', { unasked: true, waitMs: BUSY_MS })
  try {
    await work(lease)
  } finally {
    const end = cliente === undefined ? lease.remove() : lease.release()
    // If this fails, the lease expires by itself.
    await end.catch(() => undefined)
  }
}

type Undefinable<K extends keyof Atendimento> = { readonly [F in K]: Atendimento[F] | undefined }

function toAtendimento(protocolo: Protocolo, users: Undefinable<'usuario' | 'usuarioDaVez'>): Atendimento {
  const { numero, contato, consultor_nome, idioma, plataforma, canal, referencia } = protocolo
  const { nome, telefone, email } = contato ?? {}
  return {
    numero,
    // A turn is always asked for in a language, a number for somebody never is.
    pelaVez: idioma !== undefined,
    ...omitUndefined({
      contato: contato && omitUndefined({ nome, telefone, email }),
      ...{ consultor: consultor_nome, ...users, plataforma, canal, idioma, referencia },
    }),
  }
}

/** A failure there as the outbox understands it. */
function toOutbound(error: unknown): unknown {
  if (!(error instanceof PipedriveFailure)) return error
  const { falha, status, code, waitMs, isEveryones } = error
  const motivo = [falha, ...(status > 0 ? [status] : []), ...(code === undefined ? [] : [code])].join(':')
  return new OutboundFailure(motivo, {
    definitive: falha === 'recusada' || falha === 'nao_encontrado',
    waitMs,
    // The pause concerns other work as well, so it says nothing of Pipedrive's health.
    unasked: isEveryones || falha === 'limite_do_plano' || code === 'a_conferir',
  })
}

/** Marks the activity done when the protocol is over, and not done when it is open again. */
async function followStatus(deps: Context, protocolo: Protocolo): Promise<void> {
  const { atividade_id, atividade_feita = false, atividade_excluida } = protocolo.pipedrive ?? {}
  const done = isOver(protocolo.status)
  if (atividade_id === undefined || atividade_excluida || done === atividade_feita) return
  await changeActivity(deps, atividade_id, { done }, { atividade_feita: done })
}

/** Deal, activity and a person that we made go to the user of whoever has the customer now. */
async function followResponsavel(deps: Context, protocolo: Protocolo): Promise<void> {
  const { account } = deps
  const owner_id = await userOf(deps, protocolo)
  if (owner_id === undefined || !protocolo.pipedrive) return
  if (!(await account.isActive(owner_id))) return deps.onUserGone(owner_id)
  const its = protocolo.pipedrive
  const isOpen = (its.negocio_situacao ?? 'open') === 'open'
  const { negocio_id, lead_id, atividade_id } = its
  try {
    if (negocio_id !== undefined && isOpen && its.negocio_dono_id !== owner_id)
      await changeDeal(deps, negocio_id, owner_id)
    if (negocio_id === undefined && lead_id !== undefined && isOpen && its.negocio_dono_id !== owner_id)
      await changeLead(deps, lead_id, owner_id)
    const isDone = its.atividade_excluida || its.atividade_feita
    if (atividade_id !== undefined && !isDone && its.atividade_dono_id !== owner_id)
      await changeActivity(deps, atividade_id, { owner_id }, { atividade_dono_id: owner_id })
    await givePerson(deps, protocolo, owner_id)
  } catch (error) {
    if (error instanceof PipedriveFailure && error.falha === 'recusada') await noteRefusal(deps, protocolo, error)
    throw error
  }
  if (its.dono_recusado) await changePipedrive(deps, protocolo, { $unset: { 'pipedrive.dono_recusado': '' } })
}

/** It stays with whom it is there, though the protocol says somebody else: people must see that. */
const noteRefusal = (deps: Context, protocolo: Protocolo, { status, code }: PipedriveFailure): Promise<void> =>
  changePipedrive(deps, protocolo, {
    $set: { 'pipedrive.dono_recusado': omitUndefined({ em: deps.clock.now(), status, codigo: code }) },
  })

/** Moves a person that we made; one that was there before belongs to whoever has it. */
async function givePerson(deps: Context, protocolo: Protocolo, owner_id: number): Promise<void> {
  const { config, pipedrive, clientes } = deps
  const { pessoa_id, pessoa_dono_id } = protocolo.pipedrive ?? {}
  if (config.PIPEDRIVE_DONO_DA_PESSOA === 'token' || pessoa_id === undefined) return
  const known = await clientes.findOne({ pessoa_id, pessoa_dono_id: { $exists: true } }, LIMIT)
  const owner = known?.pessoa_dono_id ?? pessoa_dono_id
  if (owner === undefined || owner === owner_id) return
  await pipedrive.giveTo(pessoa_id, owner_id)
  await clientes.updateMany({ pessoa_id }, { $set: { pessoa_dono_id: owner_id } }, LIMIT)
  await changePipedrive(deps, protocolo, { $set: { 'pipedrive.pessoa_dono_id': owner_id } })
}

async function changePipedrive(
  { protocolos }: Context,
  { n }: Protocolo,
  update: mongo.UpdateFilter<Protocolo>,
): Promise<void> {
  const filter = { _id: n, anonimizado_em: { $exists: false } }
  await protocolos.db.collection<Protocolo>('protocolos').updateOne(filter, update, LIMIT)
}

async function changeDeal({ pipedrive, protocolos, inbound }: Context, id: number, owner_id: number): Promise<void> {
  const after = await pipedrive.updateDeal(id, { owner_id })
  await note(protocolos, refOf('negocio', id), {
    negocio_dono_id: owner_id,
    negocio_hora: after.update_time ?? undefined,
  })
  await inbound.deals([after])
}

async function changeLead({ pipedrive, protocolos, inbound }: Context, id: string, owner_id: number): Promise<void> {
  const after = await pipedrive.updateLead(id, { owner_id })
  await note(protocolos, refOf('lead', id), {
    negocio_dono_id: owner_id,
    negocio_hora: after.update_time ?? undefined,
  })
  await inbound.leads([after])
}

async function changeActivity(
  { pipedrive, protocolos, inbound }: Context,
  id: number,
  change: { readonly done: boolean } | { readonly owner_id: number },
  ours: NoPipedrive,
): Promise<void> {
  const after = await pipedrive.updateActivity(id, change)
  await note(protocolos, refOf('atividade', id), { ...ours, atividade_hora: after.update_time ?? undefined })
  await inbound.activities([after])
}

/**
 * Stores what we have just written there, on all protocols of this record, so that none of them takes our own change for one
 * made by a person there.
 */
async function note(protocolos: ProtocoloModel, ref: string, state: Parameters<typeof dotted>[0]): Promise<void> {
  const update = { $set: dotted(omitUndefined({ ...state })) }
  await protocolos.db.collection<Protocolo>('protocolos').updateMany({ 'pipedrive.refs': ref }, update, LIMIT)
}

/** The user of the responsável; `undefined` when the responsável is unknown or has none. */
const userOf = (deps: Context, { responsavel_id }: Protocolo): Promise<number | undefined> =>
  consultorUser(deps, responsavel_id ?? undefined)

/** The user of whom the turn was given to, if he may be given something. */
async function turnUserOf(deps: Context, { consultor_id }: Protocolo): Promise<number | undefined> {
  const user = await consultorUser(deps, consultor_id)
  return user !== undefined && (await deps.account.isActive(user)) ? user : undefined
}

async function consultorUser({ vez }: Context, id: number | undefined): Promise<number | undefined> {
  if (id === undefined) return undefined
  const { consultores } = vez.latest() ?? (await vez.readFresh())
  return consultores.get(id)?.id_pipedrive
}
