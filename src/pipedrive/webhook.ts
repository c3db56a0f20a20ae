import { randomBytes } from 'node:crypto'
import Router from '@koa/router'
import type { Context } from 'koa'
import { type Mudanca, readEvent } from '../../integrations/pipedrive/events.js'
import { unauthorized } from '../http/auth.js'
import { readRaw } from '../http/raw.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { parseJson } from '../lib/json.js'
import type { Logger } from '../lib/logger.js'
import { sameText } from '../lib/signature.js'
import { type Tarefa, tarefaId, toOrdem } from '../tarefas/model.js'
import type { Credenciais } from './credentials.js'

/** An event names every user who may see the record, and every field (reference 3). */
const MAX_BODY_BYTES = 1_000_000

/** A record that has to be looked at again. */
export const EVENTO_DO_PIPEDRIVE = 'pipedrive_evento'

export interface WebhookDeps {
  /** `undefined` while nobody has set the webhooks up. */
  readonly credenciais: () => Promise<Credenciais | undefined>
  readonly clock: Clock
  readonly logger: Logger
  /** There already is fine: an event may come several times. */
  readonly insert: (tarefa: Tarefa) => Promise<void>
  readonly received: (resultado: 'mudanca' | 'alheio' | 'ilegivel') => void
}

/** Whatever is compared while there are no credentials. */
const NOBODYS: Credenciais = {
  segredo: randomBytes(32).toString('base64url'),
  usuario: randomBytes(16).toString('base64url'),
  senha: randomBytes(32).toString('base64url'),
}

/** `POST /webhooks/pipedrive/{segredo}`: durable before the 200, worked off later. */
export function pipedriveWebhook({ credenciais, clock, logger, insert, received }: WebhookDeps): Router {
  const router = new Router()
  router.post('/webhooks/pipedrive/:segredo', async (ctx) => {
    ctx.state.rota = '/webhooks/pipedrive/:segredo'
    verify(ctx, (await credenciais()) ?? NOBODYS)
    const json = parseJson((await readRaw(ctx.req, MAX_BODY_BYTES)).toString('utf8'))
    if (json === undefined) throw new AppError(400, 'JSON inválido')
    const lida = readEvent(json)
    if (lida.tipo === 'ilegivel') {
      logger.error({ porque: lida.porque }, 'an event of Pipedrive cannot be read: its webhook must be of version 2.0')
    }
    if (lida.tipo === 'mudanca') await insert(toTarefa(lida.mudanca, clock.now()))
    received(lida.tipo)
    // Repeated it would read no better, and ten refusals ban the webhook.
    ctx.body = { detail: 'recebido' }
  })
  return router
}

function verify(ctx: Context, { segredo, usuario, senha }: Credenciais): void {
  const expected = `Basic ${Buffer.from(`${usuario}:${senha}`).toString('base64')}`
  const right = [sameText(ctx.params.segredo, segredo), sameText(ctx.get('authorization'), expected)]
  if (right.includes(false)) throw unauthorized('Webhook não autorizado')
}

const toTarefa = (evento: Mudanca, em: Date): Tarefa => ({
  _id: tarefaId(evento.chave, EVENTO_DO_PIPEDRIVE),
  tipo: EVENTO_DO_PIPEDRIVE,
  fila: 'pipedrive',
  estado: 'pendente',
  evento,
  criada_em: em,
  vence_em: em,
  ordem: toOrdem(em),
  tentativas: 0,
  // One after the other: each reads the record after the one before has, so the last one tells how it is.
  fio: `${EVENTO_DO_PIPEDRIVE}\n${evento.objeto}:${evento.id}`,
})
