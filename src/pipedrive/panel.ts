import type { Connection } from 'mongoose'
import { explain, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { EuDoPipedrive, GanchoDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { type SetupStep, withoutUser } from '../../integrations/pipedrive/setup.js'
import { ourWebhooks } from '../../integrations/pipedrive/webhooks.js'
import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import type { Estado, Tarefa } from '../tarefas/model.js'
import type { VezService } from '../vez/service.js'
import type { Connected } from './connect.js'
import { type AccountDocuments, accountDocuments } from './model.js'
import { runSetup, type SetupDeps, webhookTargetOf, working } from './setup.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What ended is forgotten after 30 days; what waits is due within a day. */
const KEPT_MS = 32 * DAY_MS
const AHEAD_MS = DAY_MS
/** Tarefas of a state are counted up to this number. */
const MOST_COUNTED = 2_000
/** Reloading the page must not use up the budget: it costs at most 10 tokens in five minutes and 22 in an hour. */
const WEBHOOKS_MS = 300_000
const ACCOUNT_MS = HOUR_MS
const FAILED_MS = 60_000

/** A value read from Pipedrive, or why it could not be read. */
export type Answered<T> = { readonly valor: T } | { readonly motivo: string }

/** How the connection to Pipedrive is doing. */
export interface Overview {
  readonly dominio: string | undefined
  readonly eu: Answered<EuDoPipedrive>
  readonly restante: number | undefined
  readonly estado: AccountDocuments['estado']
  readonly fila: {
    readonly pendentes: number
    readonly em_curso: number
    readonly mortas: number
    readonly limitada: boolean
  }
  readonly webhooks: Answered<readonly GanchoDoPipedrive[]>
  readonly semUsuario: Answered<ReturnType<typeof withoutUser>>
  readonly reconciliado_em: Date | undefined
  readonly atribuicao: AccountDocuments['atribuicao_automatica'] | undefined
}

/** What an administrator can see and do. */
export interface Panel {
  /** Throws an AppError 409 while another one is under way. */
  setup(simular: boolean): Promise<SetupStep[]>
  look(): Promise<Overview>
}

export interface PanelDeps extends SetupDeps, Pick<Connected, 'account' | 'limits' | 'situation'> {
  readonly vez: Pick<VezService, 'readFresh'>
}

/** Answers even when Pipedrive does not: a part that could not be read says why. */
export function pipedrivePanel(deps: PanelDeps): Panel {
  const { pipedrive, account, limits, situation, connection, clock, config, vez } = deps
  const me = remembered(clock, ACCOUNT_MS, () => pipedrive.me())
  const users = remembered(clock, ACCOUNT_MS, () => pipedrive.users())
  const webhooks = remembered(clock, WEBHOOKS_MS, () => pipedrive.webhooks())
  const consultores = async () => (await vez.readFresh()).consultores

  return {
    async setup(simular) {
      // What goes wrong is written down before the answer leaves: the command ends right after it.
      const passos = await runSetup(deps, await consultores(), simular).finally(() => situation.settled())
      if (simular) return passos
      // The set-up has changed the account, so nothing cached is used.
      account.forget()
      for (const one of [me, users, webhooks]) one.forget()
      return passos
    },
    async look() {
      const [eu, semUsuario, ganchos] = await Promise.all([me.get(), lacking(), ours()])
      const limit = LIMIT
      const [estado, reconciliacao, atribuicao] = await Promise.all([
        // Failures of the calls above are included.
        situation.settled().then(() => situation.read()),
        accountDocuments(connection, 'reconciliacao').findOne({ _id: 'reconciliacao' }, limit),
        accountDocuments(connection, 'atribuicao_automatica').findOne({ _id: 'atribuicao_automatica' }, limit),
      ])
      return {
        dominio: config.PIPEDRIVE_DOMINIO,
        eu,
        restante: limits.restante,
        estado,
        fila: await countQueue(connection, clock),
        webhooks: ganchos,
        semUsuario,
        reconciliado_em: reconciliacao?.concordou_em,
        atribuicao: atribuicao ?? undefined,
      }
    },
  }

  async function lacking(): Promise<Overview['semUsuario']> {
    const [asked, roster] = await Promise.all([users.get(), consultores()])
    return 'motivo' in asked ? asked : { valor: withoutUser(working(roster), asked.valor) }
  }

  async function ours(): Promise<Overview['webhooks']> {
    const alvo = await webhookTargetOf(deps, true)
    if (alvo === 'novo') return { motivo: 'Rode npm run pipedrive:setup: os webhooks ainda não foram feitos' }
    if ('situacao' in alvo) return { motivo: alvo.detalhe }
    const asked = await webhooks.get()
    return 'motivo' in asked ? asked : { valor: ourWebhooks(asked.valor, alvo) }
  }
}

interface Remembered<T> {
  get(): Promise<Answered<T>>
  forget(): void
}

/** Caches an answer for this long, and a failure for a minute; concurrent callers share one call. */
function remembered<T>(clock: Clock, ms: number, ask: () => Promise<T>): Remembered<T> {
  let known: { readonly asked: Promise<Answered<T>>; until: number } | undefined
  return {
    get() {
      if (known && clock.elapsed() < known.until) return known.asked
      const asked = ask().then(
        (valor): Answered<T> => ({ valor }),
        (error: unknown): Answered<T> => {
          if (!(error instanceof PipedriveFailure)) throw error
          one.until = clock.elapsed() + FAILED_MS
          return { motivo: explain(error) }
        },
      )
      const one = { asked, until: clock.elapsed() + ms }
      known = one
      return asked
    },
    forget() {
      known = undefined
    },
  }
}

/** Counts waiting, running and dead work along the index, up to a limit. */
async function countQueue(connection: Connection, clock: Clock): Promise<Overview['fila']> {
  // One after the other: a look at this page must not take the database from the turns.
  const pendentes = await countTarefas(connection, clock, 'pendente')
  const em_curso = await countTarefas(connection, clock, 'em_curso')
  const mortas = await countTarefas(connection, clock, 'morta')
  const limitada = [pendentes, em_curso, mortas].some(({ capped }) => capped)
  return { pendentes: pendentes.count, em_curso: em_curso.count, mortas: mortas.count, limitada }
}

async function countTarefas(connection: Connection, clock: Clock, estado: Estado) {
  const now = clock.now().getTime()
  const range = { from: now - KEPT_MS, to: now + AHEAD_MS, descending: true, width: AHEAD_MS + HOUR_MS }
  const find = (low: number, high: number, limit: number) =>
    connection
      .collection<Tarefa>('tarefas')
      .find(
        { fila: 'pipedrive', estado, vence_em: { $gte: new Date(low), $lte: new Date(high) } },
        { projection: { _id: 1 }, ...LIMIT },
      )
      .limit(limit)
      .toArray()
  let count = 0
  for await (const { found } of slices(range, find)) {
    count += found.length
    if (count >= MOST_COUNTED) return { count, capped: true }
  }
  return { count, capped: false }
}
