import type { Account, AnyAdapter, Gatilho } from '../../integrations/contract.js'
import { findAdapter } from '../../integrations/index.js'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import type { SecretBox } from '../lib/secret-box.js'
import { StartError } from '../lib/start-error.js'
import { Together } from '../lib/together.js'
import type { CanalGuardado, CanalModel } from './model.js'

const MAX_TIME_MS = 3_000
/** Every process sees a change within 5 s: this, its jitter and a read. */
const REFRESH_MS = 3_000
const JITTER_MS = 1_000

/** A chat account, ready to be used. */
export interface Canal {
  readonly slug: string
  readonly plataforma: string
  readonly ativo: boolean
  readonly idioma: string
  readonly gatilho: Gatilho
  readonly palavras: readonly string[]
  /** 0 = no window. */
  readonly janela_ms: number
  readonly esperar: boolean
  readonly espera_max_ms: number
  readonly idade_max_ms: number
  readonly textos: CanalGuardado['textos']
  readonly avisar_consultor: boolean
  readonly comandos: boolean
  readonly disponibilidade: boolean
  readonly adapter: AnyAdapter
  readonly conta: Account
  readonly guardado: CanalGuardado
}

export interface Contas {
  get(slug: string): Canal | undefined
  all(): readonly Canal[]
  /** Reads what there is now. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

/** What a secret of an account is locked for: it opens in no other place. */
export const purpose = (slug: string, field: string): string => `canal:${slug}:${field}`

export interface ContasOptions {
  readonly canais: CanalModel
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly box: SecretBox | undefined
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A stored account with its secrets open. Throws when a key is missing, or the settings are not its platform's any more. */
export function toCanal(guardado: CanalGuardado, box: SecretBox, now: Date): Canal {
  const adapter = findAdapter(guardado.plataforma)
  if (!adapter) throw new Error('unknown platform')
  const { _id: slug } = guardado
  const opened = Object.entries(guardado.secretos).map(([field, locked]) => [
    field,
    box.open(locked, purpose(slug, field)),
  ])
  const ajustes: unknown = adapter.ajustes.parse({ ...guardado.ajustes, ...Object.fromEntries(opened) })
  const secrets = guardado.segredos
    .filter(({ ate }) => ate === undefined || ate > now)
    .map(({ valor }) => box.open(valor, purpose(slug, 'segredo')))
  return {
    slug,
    plataforma: guardado.plataforma,
    ativo: guardado.ativo,
    idioma: guardado.idioma,
    gatilho: guardado.gatilho,
    palavras: guardado.palavras,
    janela_ms: guardado.janela_h * HOUR_MS,
    esperar: guardado.esperar,
    espera_max_ms: guardado.espera_max_min * MINUTE_MS,
    idade_max_ms: guardado.idade_max_min * MINUTE_MS,
    textos: guardado.textos,
    avisar_consultor: guardado.avisar_consultor,
    comandos: guardado.comandos,
    disponibilidade: guardado.disponibilidade,
    adapter,
    conta: { slug, ajustes, secrets },
    guardado,
  }
}

/**
 * The accounts as every process holds them, read again every few seconds. Throws a StartError when there are accounts and no
 * key that opens their secrets.
 */
export async function startContas({ canais, clock, random, logger, box }: ContasOptions): Promise<Contas> {
  let current = new Map<string, Canal>()
  const broken = new Set<string>()

  const read = async (): Promise<void> => {
    const found = await canais.find().maxTimeMS(MAX_TIME_MS).lean<CanalGuardado[]>()
    const next = new Map<string, Canal>()
    for (const one of found) {
      try {
        if (!box) throw new Error('no master key')
        next.set(one._id, toCanal(one, box, clock.now()))
        broken.delete(one._id)
      } catch (error) {
        if (!broken.has(one._id)) logger.error({ canal: one._id, ...describe(error) }, 'this account cannot be used')
        broken.add(one._id)
      }
    }
    current = next
  }
  await read()
  if (broken.size > 0) {
    throw new StartError(
      `Os segredos das contas de chat (${[...broken].join(', ')}) não abrem: defina em CHAVE_MESTRA a chave com que foram gravados.`,
    )
  }
  if (box) await relock(canais, [...current.values()], box)

  // One read at a time: an older one never ends after a newer one.
  const reads = new Together<undefined>(read)
  let running: Promise<void> = Promise.resolve()
  let cancel = (): void => undefined
  const schedule = (): void => {
    cancel = clock.after(REFRESH_MS + random() * JITTER_MS, () => {
      running = reads
        .add(undefined)
        .catch((error: unknown) => logger.warn(describe(error), 'the accounts will be read again'))
        .then(schedule)
    })
  }
  schedule()
  return {
    get: (slug) => current.get(slug),
    all: () => [...current.values()],
    refresh: () => reads.add(undefined),
    stop: async () => {
      cancel()
      await running
      cancel()
    },
  }
}

/** Secrets that an older key of the list locked are locked with the first one, so that the older one can go. */
async function relock(canais: CanalModel, all: readonly Canal[], box: SecretBox): Promise<void> {
  for (const { slug, guardado } of all) {
    const again = (locked: string, field: string): string =>
      box.isStale(locked) ? box.lock(box.open(locked, purpose(slug, field)), purpose(slug, field)) : locked
    const secretos = Object.fromEntries(
      Object.entries(guardado.secretos).map(([field, locked]) => [field, again(locked, field)]),
    )
    const segredos = guardado.segredos.map((one) => ({ ...one, valor: again(one.valor, 'segredo') }))
    const isStale = [...Object.values(guardado.secretos), ...guardado.segredos.map(({ valor }) => valor)].some(
      box.isStale,
    )
    if (!isStale) continue
    await canais
      .updateOne({ _id: slug, rev: guardado.rev }, { $set: { secretos, segredos }, $inc: { rev: 1 } })
      .maxTimeMS(MAX_TIME_MS)
  }
}
