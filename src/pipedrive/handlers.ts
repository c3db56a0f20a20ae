import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Settings } from '../../integrations/pipedrive/feito.js'
import type { Atendimento } from '../../integrations/pipedrive/mapping.js'
import { sync } from '../../integrations/pipedrive/sync.js'
import type { Clock } from '../lib/clock.js'
import { OutboundFailure } from '../lib/outbound.js'
import { CLIENTES, clienteHash } from '../protocolos/cliente.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Handler } from '../tarefas/attempt.js'
import { DO_PIPEDRIVE, type Tarefa } from '../tarefas/model.js'
import { RESPONSAVEL_NO_PIPEDRIVE, STATUS_NO_PIPEDRIVE } from './follow.js'
import { type Lease, takeLease } from './lease.js'
import type { Look } from './look.js'
import type { ClienteModel } from './model.js'
import { followResponsavel, followStatus, type PushDeps, userOf } from './push.js'
import { syncStore } from './store.js'
import { EVENTO_DO_PIPEDRIVE } from './webhook.js'

const MAX_TIME_MS = 3_000
/** Longer than any trouble over there; with the attempts of half a day, an end all the same. */
const MAX_AGE_MS = 7 * 86_400_000
const MAX_ATTEMPTS = 300
/** Longer than one call to Pipedrive takes, with its wait before: it is renewed before each record that is made. */
const LEASE_MS = 60_000
/** Somebody else works for this customer: looked at again after this. */
const BUSY_MS = 3_000
/** An event may come before the id of the record that it tells of is written down. */
const NEW_MS = 15_000

export interface HandlerDeps extends PushDeps {
  readonly settings: Settings
  readonly clientes: ClienteModel
  readonly clock: Clock
  readonly look: Look
  /** Throws when this is not the account that it should be. */
  readonly ensureCompany: () => Promise<void>
}

/** What the outbox does at Pipedrive: person, deal, activity and note of a protocol. */
export function pipedriveHandlers(deps: HandlerDeps): Record<string, Handler> {
  const handler = (run: (tarefa: Tarefa) => Promise<void>): Handler => ({
    // Each step looks at what is there already, so the whole may be repeated.
    repeatable: true,
    maxAgeMs: MAX_AGE_MS,
    maxAttempts: MAX_ATTEMPTS,
    run: (tarefa) =>
      deps
        .ensureCompany()
        .then(() => run(tarefa))
        .catch(rethrow),
  })
  return {
    [DO_PIPEDRIVE]: handler(async (tarefa) => {
      const protocolo = await protocoloOf(deps, tarefa)
      if (protocolo.anonimizado_em) return
      await alone(deps, protocolo, async (lease) => {
        const { pipedrive, account, settings, clock } = deps
        const now = await protocoloOf(deps, tarefa)
        if (now.anonimizado_em) return
        const store = syncStore(deps, now.n, protocolo.contato, lease)
        const one = toAtendimento(now, await userOf(deps, now))
        await sync({ pipedrive, account, store, settings, agora: () => clock.now() }, one, now.pipedrive ?? {})
        // What happened here meanwhile found nothing there yet that could follow.
        await followStatus(deps, await protocoloOf(deps, tarefa))
      })
    }),
    [STATUS_NO_PIPEDRIVE]: handler(async (tarefa) => {
      const protocolo = await protocoloOf(deps, tarefa)
      await alone(deps, protocolo, async () => followStatus(deps, await protocoloOf(deps, tarefa)))
    }),
    [RESPONSAVEL_NO_PIPEDRIVE]: handler(async (tarefa) => {
      const protocolo = await protocoloOf(deps, tarefa)
      await alone(deps, protocolo, async () => followResponsavel(deps, await protocoloOf(deps, tarefa)))
    }),
    [EVENTO_DO_PIPEDRIVE]: handler(async ({ evento, tentativas }) => {
      if (!evento || (await deps.look.event(evento)) || tentativas > 0) return
      // It may be of a record that we have just made, and do not know by its id yet.
      throw new OutboundFailure('desconhecido', { unasked: true, waitMs: NEW_MS })
    }),
  }
}

/** Throws when the drain has not copied it yet, or cannot. */
async function protocoloOf({ protocolos }: HandlerDeps, { protocolo }: Tarefa): Promise<Protocolo> {
  const found = await protocolos.findById(protocolo).maxTimeMS(MAX_TIME_MS).lean<Protocolo>()
  if (!found) throw new OutboundFailure('sem_protocolo', { unasked: true })
  return found
}

/** While nobody else works for this customer. What is read inside is what whoever was before has left. */
async function alone(
  { protocolos, clock }: HandlerDeps,
  { n, contato }: Protocolo,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const cliente = contato && clienteHash(contato)
  const id = cliente ?? `protocolo:${n}`
  const lease = await takeLease({ connection: protocolos.db, clock, colecao: CLIENTES, id, ms: LEASE_MS })
  if (!lease) throw new OutboundFailure('cliente_em_curso', { unasked: true, waitMs: BUSY_MS })
  try {
    await work(lease)
  } finally {
    const end = cliente === undefined ? lease.remove() : lease.release()
    // Should that fail, the lease ends by itself.
    await end.catch(() => undefined)
  }
}

function toAtendimento(protocolo: Protocolo, usuario: number | undefined): Atendimento {
  const { numero, created_at, contato, consultor_nome, idioma, plataforma, canal, referencia } = protocolo
  const { nome, telefone, email } = contato ?? {}
  return {
    numero,
    em: created_at,
    // A turn is always asked for in a language, a number for somebody never is.
    pelaVez: idioma !== undefined,
    ...(contato && {
      contato: {
        ...(nome !== undefined && { nome }),
        ...(telefone !== undefined && { telefone }),
        ...(email !== undefined && { email }),
      },
    }),
    ...(consultor_nome !== undefined && { consultor: consultor_nome }),
    ...(usuario !== undefined && { usuario }),
    ...(plataforma !== undefined && { plataforma }),
    ...(canal !== undefined && { canal }),
    ...(idioma !== undefined && { idioma }),
    ...(referencia !== undefined && { referencia }),
  }
}

/** A failure there as the outbox understands it. */
function rethrow(error: unknown): never {
  if (!(error instanceof PipedriveFailure)) throw error
  const { falha, status, code, waitMs, isEveryones } = error
  const motivo = [falha, ...(status > 0 ? [status] : []), ...(code === undefined ? [] : [code])].join(':')
  throw new OutboundFailure(motivo, {
    definitive: falha === 'recusada' || falha === 'nao_encontrado',
    waitMs,
    // It says nothing about this piece of work: a pause holds all of it.
    unasked: isEveryones || code === 'a_conferir',
  })
}
