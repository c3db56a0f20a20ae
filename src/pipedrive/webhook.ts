import { randomBytes } from 'node:crypto'
import Router from '@koa/router'
import type { Context } from 'koa'
import { Counter } from 'prom-client'
import { type RecordChange, readEvent } from '../../integrations/pipedrive/events.js'
import type { Followed, WebhookTarget } from '../../integrations/pipedrive/webhooks.js'
import type { Config } from '../config.js'
import type { Core } from '../core.js'
import { unauthorized } from '../http/auth.js'
import { readRaw } from '../http/raw.js'
import { cached } from '../lib/cached.js'
import { AppError, OwnError } from '../lib/errors.js'
import { parseJson } from '../lib/json.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { type SecretBox, secretBox } from '../lib/secret-box.js'
import { sameText } from '../lib/signature.js'
import { StartError } from '../lib/start-error.js'
import { newTarefa, type Tarefa } from '../tarefas/model.js'
import type { Outbox } from '../tarefas/outbox.js'
import { type AccountDocuments, accountDocuments, readAccount } from './model.js'

const KNOWN_MS = 5_000
/**
 * An event lists all users who may see the record and all fields, so it can be large
 * (docs/vendors/pipedrive.md#events-are-large).
 */
const MAX_BODY_BYTES = 1_000_000

/** The type of tarefa that reads a changed record again. */
export const PIPEDRIVE_EVENT = 'pipedrive_evento'

/** Compared with while there are no credentials, so that the time of the answer says nothing. */
const NOBODYS: WebhookCredentials = {
  segredo: randomBytes(32).toString('base64url'),
  usuario: randomBytes(16).toString('base64url'),
  senha: randomBytes(32).toString('base64url'),
}

/**
 * `POST /webhooks/pipedrive/{segredo}`: durable before the 200, worked off later.
 *
 * @param credentials `undefined` while nobody has set the webhooks up
 */
export function pipedriveWebhook(
  { clock, logger, registry, outbox }: Pick<Core, 'clock' | 'logger' | 'registry'> & { outbox: Pick<Outbox, 'insert'> },
  credentials: () => Promise<WebhookCredentials | undefined>,
): Router {
  const events = new Counter({
    name: 'pipedrive_eventos_total',
    help: 'Eventos que o Pipedrive enviou, por resultado',
    labelNames: ['resultado'],
    registers: [registry],
  })
  const router = new Router()
  router.post('/webhooks/pipedrive/:segredo', async (ctx) => {
    ctx.state.rota = '/webhooks/pipedrive/:segredo'
    verify(ctx, (await credentials()) ?? NOBODYS)
    const { bytes } = await readRaw(ctx.req, { clock, max: MAX_BODY_BYTES })
    const json = parseJson(bytes.toString('utf8'))
    if (json === undefined) throw new AppError(400, 'JSON inválido')
    const read = readEvent(json)
    if (read.tipo === 'ilegivel') {
      logger.error({ porque: read.porque }, 'an event of Pipedrive cannot be read: its webhook must be of version 2.0')
    }
    if (read.tipo === 'mudanca') await outbox.insert(toTarefa(read.mudanca, clock.now()))
    events.inc({ resultado: read.tipo })
    // An unreadable event is accepted too: a repetition would be as unreadable, and ten refusals disable the webhook.
    ctx.body = { detail: 'recebido' }
  })
  return router
}

function verify(ctx: Context, { segredo, usuario, senha }: WebhookCredentials): void {
  const expected = `Basic ${Buffer.from(`${usuario}:${senha}`).toString('base64')}`
  const right = [sameText(ctx.params.segredo, segredo), sameText(ctx.get('authorization'), expected)]
  if (right.includes(false)) throw unauthorized('Webhook não autorizado')
}

const toTarefa = (evento: RecordChange, now: Date): Tarefa =>
  newTarefa({
    origin: evento.chave,
    tipo: PIPEDRIVE_EVENT,
    payload: { evento },
    // Events of one record are worked off in order, so that the last one leaves its latest state.
    conversationKey: `${PIPEDRIVE_EVENT}\n${evento.objeto}:${evento.id}`,
    now,
  })

/** What Pipedrive shows when it calls us: a part of the address, and what Basic auth takes. */
export type WebhookCredentials = Omit<WebhookTarget, 'url' | keyof Followed>

/** Of the `masterKeys` each may decrypt what is stored; the first one encrypts. */
type CredentialsDeps = Pick<Core, 'connection' | 'masterKeys'> & {
  readonly config: Pick<Config, 'PIPEDRIVE_WEBHOOK_USUARIO' | 'PIPEDRIVE_WEBHOOK_SENHA'>
}

const purpose = (field: keyof WebhookCredentials): string => `pipedrive:webhook:${field}`

/**
 * The credentials of the webhook, as every replica knows them; `undefined` when none have been made.
 *
 * @throws StartError when no master key opens them
 */
export async function readCredentials(deps: CredentialsDeps): Promise<WebhookCredentials | undefined> {
  const found = await readAccount(deps.connection, 'webhook')
  return found ? opened(deps, found) : undefined
}

/**
 * The credentials of the webhook, made once: two processes at once get the same ones.
 *
 * @throws StartError without a master key, or when none opens what is there
 */
export async function makeCredentials(deps: CredentialsDeps): Promise<WebhookCredentials> {
  const box = boxOf(deps)
  const collection = accountDocuments(deps.connection, 'webhook')
  const known = await readCredentials(deps)
  if (known) {
    await relock(collection, box)
    return known
  }
  const locked = (field: keyof WebhookCredentials): string =>
    box.lock(randomBytes(32).toString('base64url'), purpose(field))
  // The document may exist with `segredo` only, from a time when user and password came from the environment.
  await collection.insertOne({ _id: 'webhook', segredo: locked('segredo') }).catch(unlessThere)
  if (deps.config.PIPEDRIVE_WEBHOOK_USUARIO === undefined) {
    await collection.updateOne(
      { _id: 'webhook', usuario: { $exists: false } },
      { $set: { usuario: locked('usuario'), senha: locked('senha') } },
      LIMIT,
    )
  }
  const made = await readCredentials(deps)
  if (!made) throw new OwnError('the credentials were removed while they were made')
  return made
}

/** The credentials, cached for a few seconds, so that a flood of requests does not become a flood of reads. */
export const cachedCredentials = (core: Core): (() => Promise<WebhookCredentials | undefined>) =>
  cached(core.clock, KNOWN_MS, () => readCredentials(core)).get

function opened(
  deps: CredentialsDeps,
  { segredo, ...generated }: AccountDocuments['webhook'],
): WebhookCredentials | undefined {
  const { PIPEDRIVE_WEBHOOK_USUARIO, PIPEDRIVE_WEBHOOK_SENHA } = deps.config
  const box = boxOf(deps)
  const open = (field: keyof WebhookCredentials, locked: string): string => {
    try {
      return box.open(locked, purpose(field))
    } catch {
      throw new StartError(
        'As credenciais do webhook do Pipedrive não abrem: defina em CHAVE_MESTRA a chave com que foram gravadas.',
      )
    }
  }
  const usuario = PIPEDRIVE_WEBHOOK_USUARIO ?? (generated.usuario && open('usuario', generated.usuario))
  const senha = PIPEDRIVE_WEBHOOK_SENHA ?? (generated.senha && open('senha', generated.senha))
  return usuario && senha ? { segredo: open('segredo', segredo), usuario, senha } : undefined
}

/** Encrypts again with the first key what an older key has encrypted, so that the older one can be removed. */
async function relock(collection: ReturnType<typeof accountDocuments<'webhook'>>, box: SecretBox): Promise<void> {
  const found = await collection.findOne({ _id: 'webhook' }, LIMIT)
  for (const field of ['segredo', 'usuario', 'senha'] as const) {
    const locked = found?.[field]
    if (locked === undefined || !box.isStale(locked)) continue
    const again = box.lock(box.open(locked, purpose(field)), purpose(field))
    await collection.updateOne({ _id: 'webhook', [field]: locked }, { $set: { [field]: again } }, LIMIT)
  }
}

function boxOf({ masterKeys }: CredentialsDeps): SecretBox {
  const [first, ...rest] = masterKeys
  if (first === undefined)
    throw new StartError('Defina CHAVE_MESTRA: as credenciais do webhook do Pipedrive são gravadas cifradas.')
  return secretBox([first, ...rest])
}

function unlessThere(error: unknown): void {
  if (!isDuplicateKey(error)) throw error
}
