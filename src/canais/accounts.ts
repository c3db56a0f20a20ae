import type { Account, AnyAdapter } from '../../integrations/contract.js'
import { findAdapter } from '../../integrations/index.js'
import type { Core } from '../core.js'
import { Coalescer } from '../lib/coalescer.js'
import { OwnError } from '../lib/errors.js'
import { describe } from '../lib/logger.js'
import { LIMIT } from '../lib/mongo.js'
import { repeat } from '../lib/repeat.js'
import type { SecretBox } from '../lib/secret-box.js'
import { StartError } from '../lib/start-error.js'
import { TokenBucket } from '../lib/token-bucket.js'
import type { CanalGuardado, CanalModel } from './model.js'
import { ANTES, type Opcoes } from './options.js'

/** Every process sees a change within 5 s: this, its jitter and a read. */
const REFRESH_MS = 3_500
const JITTER = 1 / 7
/** Reads for requests that are about to be refused: a flood of them does not become a flood of reads. */
const RECHECKS_PER_SECOND = 5
const RECHECKS_BURST = 10

/** A chat account, ready to be used. */
export interface Canal extends Readonly<Opcoes> {
  readonly slug: string
  readonly plataforma: string
  readonly criado_em: Date
  readonly adapter: AnyAdapter
  readonly conta: Account<Readonly<Record<string, unknown>>>
  readonly guardado: CanalGuardado
}

/** What the turn must know of an account. */
export type Guardada = Pick<CanalGuardado, '_id' | 'horario' | 'criado_em' | 'rev'>

export interface Contas {
  get(slug: string): Canal | undefined
  all(): readonly Canal[]
  /** There is such an account, but this process has not the key that opens its secrets. */
  isLocked(slug: string): boolean
  /** Every account that is stored, whether its secrets open or not. */
  stored(): readonly Guardada[]
  /** Reads what there is now. */
  refresh(): Promise<void>
  /** The same, for who is about to refuse a request: the account may have been made, or given a secret, elsewhere a moment ago. */
  recheck(): Promise<void>
  stop(): Promise<void>
}

/** The purpose that a secret is encrypted for: it cannot be decrypted as another field or in another account. */
export const purpose = (slug: string, field: string): string => `canal:${slug}:${field}`

export interface ContasOptions extends Pick<Core, 'clock' | 'random' | 'logger'> {
  readonly canais: CanalModel
  readonly box: SecretBox | undefined
}

/** A stored account with its secrets open. Throws when a key is missing, or the settings are not its platform's any more. */
export function toCanal(stored: CanalGuardado, box: SecretBox, now: Date): Canal {
  const guardado = { ...ANTES, ...stored }
  const adapter = findAdapter(guardado.plataforma)
  if (!adapter) throw new OwnError('unknown platform')
  const { _id: slug, secretos, segredos, ajustes, ...options } = guardado
  const opened = Object.entries(secretos).map(([field, locked]) => [field, box.open(locked, purpose(slug, field))])
  const secrets = segredos
    .filter(({ ate }) => ate === undefined || ate > now)
    .map(({ valor }) => box.open(valor, purpose(slug, 'segredo')))
  return {
    ...options,
    slug,
    adapter,
    conta: { slug, ajustes: adapter.ajustes.parse({ ...ajustes, ...Object.fromEntries(opened) }), secrets },
    guardado,
  }
}

/**
 * The accounts as every process holds them, read again every few seconds. Throws a StartError when there are accounts and no
 * key that opens their secrets.
 */
export async function startContas({ canais, clock, random, logger, box }: ContasOptions): Promise<Contas> {
  let current = new Map<string, Canal>()
  let stored: readonly Guardada[] = []
  const broken = new Set<string>()

  const read = async (): Promise<void> => {
    const found = await canais.find().maxTimeMS(LIMIT.maxTimeMS).lean<CanalGuardado[]>()
    const next = new Map<string, Canal>()
    const there = new Set(found.map(({ _id }) => _id))
    for (const slug of broken) if (!there.has(slug)) broken.delete(slug)
    for (const one of found) {
      try {
        if (!box) throw new OwnError('no master key')
        next.set(one._id, toCanal(one, box, clock.now()))
        broken.delete(one._id)
      } catch (error) {
        if (!broken.has(one._id)) logger.error({ canal: one._id, ...describe(error) }, 'this account cannot be used')
        broken.add(one._id)
      }
    }
    current = next
    stored = found
  }
  await read()
  if (broken.size > 0) {
    throw new StartError(
      `Os segredos das contas de chat (${[...broken].join(', ')}) não abrem: defina em CHAVE_MESTRA a chave com que foram gravados.`,
    )
  }
  if (box) await relock(canais, [...current.values()], box)

  // One read at a time, so that an older result never replaces a newer one.
  const reads = new Coalescer<undefined>(read)
  const budget = new TokenBucket(clock, RECHECKS_PER_SECOND, RECHECKS_BURST)
  const rechecks = new Coalescer<undefined>(async () => {
    if (budget.take() === 0) await reads.add(undefined)
  })
  const stop = repeat({
    name: 'canais.refresh',
    clock,
    random,
    everyMs: REFRESH_MS,
    jitter: JITTER,
    work: () => reads.add(undefined),
    onError: (error) => logger.warn(describe(error), 'the accounts will be read again'),
  })
  return {
    get: (slug) => current.get(slug),
    all: () => [...current.values()],
    isLocked: (slug) => broken.has(slug),
    stored: () => stored,
    refresh: () => reads.add(undefined),
    recheck: () => rechecks.add(undefined),
    stop,
  }
}

/** Encrypts with the first master key what an older one had encrypted, so that the older one can be removed. */
async function relock(canais: CanalModel, all: readonly Canal[], box: SecretBox): Promise<void> {
  for (const { slug, guardado } of all) {
    const { secretos, segredos, rev } = guardado
    if (![...Object.values(secretos), ...segredos.map(({ valor }) => valor)].some(box.isStale)) continue
    const again = (locked: string, field: string): string =>
      box.lock(box.open(locked, purpose(slug, field)), purpose(slug, field))
    const entries = Object.entries(secretos).map(([field, locked]) => [field, again(locked, field)])
    const $set = {
      secretos: Object.fromEntries(entries),
      segredos: segredos.map((one) => ({ ...one, valor: again(one.valor, 'segredo') })),
    }
    await canais.updateOne({ _id: slug, rev }, { $set, $inc: { rev: 1 } }).maxTimeMS(LIMIT.maxTimeMS)
  }
}
