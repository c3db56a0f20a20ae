import { OF_AN_ACCOUNT } from '../../integrations/pipedrive/account.js'
import { RecordChange } from '../../integrations/pipedrive/events.js'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Atendimento } from '../../integrations/pipedrive/mapping.js'
import { sync } from '../../integrations/pipedrive/sync.js'
import type { SyncSettings } from '../../integrations/pipedrive/sync-state.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { OutboundFailure } from '../lib/outbound.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Handler } from '../tarefas/attempt.js'
import { CLIENTES, clienteHash } from '../tarefas/cliente.js'
import { DO_PIPEDRIVE, type Payload, STATUS_NO_PIPEDRIVE, type Tarefa } from '../tarefas/model.js'
import { readAjustes, settingsFor } from './ajustes.js'
import type { PipedriveCore } from './connect.js'
import { userOf } from './consultores-by-user.js'
import type { Inbound } from './inbound.js'
import { type Lease, takeLease } from './model.js'
import { followResponsavel, followStatus, type Outbound } from './outbound.js'
import { RESPONSAVEL_NO_PIPEDRIVE } from './owed.js'
import { SEM_CONTATO_ID, syncStore } from './store.js'
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
/** Why an event waits for its second look, which is the last one. */
const UNKNOWN = 'desconhecido'

/** What the outbox does at Pipedrive: person, deal, activity and note of a protocol. */
export function pipedriveHandlers(core: PipedriveCore, inbound: Inbound): Record<string, Handler> {
  const deps: Outbound = { ...core, inbound }
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
      const { responsavel_id, consultor_id } = protocolo
      const users = {
        usuario: await userOf(core.vez, responsavel_id),
        usuarioDaVez: await activeUserOf(core, consultor_id),
      }
      const one = toAtendimento(protocolo, users)
      const settings = await settingsOf(core, protocolo)
      await sync({ pipedrive, account, store, settings, now: () => clock.now() }, one, protocolo.pipedrive ?? {})
      // A change of status meanwhile found no activity there yet, so it is made up for here.
      await followStatus(deps, await protocoloOf(deps, { protocolo: protocolo.n }))
      situation.synced(protocolo.numero)
    }),
    [STATUS_NO_PIPEDRIVE]: about((protocolo) => followStatus(deps, protocolo)),
    [RESPONSAVEL_NO_PIPEDRIVE]: about((protocolo) => followResponsavel(deps, protocolo)),
    [PIPEDRIVE_EVENT]: handler(async ({ payload, motivo }) => {
      const read = RecordChange.safeParse(payload.evento)
      if (!read.success) throw new OutboundFailure('evento_ilegivel', { definitive: true, unasked: true })
      if ((await inbound.event(read.data)) || motivo === UNKNOWN) return
      // It may be a record that we have just made and not stored yet.
      throw new OutboundFailure(UNKNOWN, { unasked: true, waitMs: NEW_MS })
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
async function protocoloOf(
  { protocolos }: PipedriveCore,
  { protocolo }: Pick<Payload, 'protocolo'>,
): Promise<Protocolo> {
  const found = await protocolos.findById(protocolo).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
  if (!found) throw new OutboundFailure('sem_protocolo', { unasked: true })
  return found
}

/** Runs the work while no other process works for this customer. What the work needs is to be read inside. */
async function alone(
  { protocolos, clock }: PipedriveCore,
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

/** The user of this consultor, if he may be given something. */
async function activeUserOf(
  { vez, account }: PipedriveCore,
  consultor: number | undefined,
): Promise<number | undefined> {
  const user = await userOf(vez, consultor)
  return user !== undefined && (await account.isActive(user)) ? user : undefined
}
