import type { Connection } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { toNumero } from '../lib/numero.js'
import { slices } from '../lib/slices.js'
import { fromDocument, type Tarefa, type TarefaDocument, tarefaCollection } from '../tarefas/model.js'
import type { Estado } from './routes.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What ended is forgotten after 30 days; what waits is due within a day. */
const KEPT_MS = 32 * DAY_MS
const AHEAD_MS = DAY_MS
/** Tarefas of a state are counted up to this number. */
const MOST_COUNTED = 2_000
const MOST_REASONS = 50
/** Protocols that are named for one reason. */
const MOST_NAMED = 5

type Fila = NonNullable<Estado['fila']>
type Reason = Fila['motivos'][number]

/** Counts waiting, running and dead work along the index, up to a limit, and says of what waits or died why. */
export async function countQueue(connection: Connection, clock: Clock): Promise<Fila> {
  // One after the other: a look at this page must not take the database from the turns.
  const pendentes = await countTarefas(connection, clock, 'pendente')
  const em_curso = await countTarefas(connection, clock, 'em_curso')
  const mortas = await countTarefas(connection, clock, 'morta')
  const limitada = [pendentes, em_curso, mortas].some(({ capped }) => capped)
  const motivos = [...mortas.reasons, ...pendentes.reasons].slice(0, MOST_REASONS)
  return { pendentes: pendentes.count, em_curso: em_curso.count, mortas: mortas.count, limitada, motivos }
}

async function countTarefas(connection: Connection, clock: Clock, estado: Tarefa['estado']) {
  const now = clock.now().getTime()
  const range = { from: now - KEPT_MS, to: now + AHEAD_MS, descending: true, width: AHEAD_MS + HOUR_MS }
  const projection = { motivo: 1, tipo: 1, protocolo: 1, payload: 1, criada_em: 1, encerrada_em: 1 } as const
  const find = (low: number, high: number, limit: number) =>
    tarefaCollection(connection)
      .find<TarefaDocument>(
        { fila: 'pipedrive', estado, vence_em: { $gte: new Date(low), $lte: new Date(high) } },
        { projection, ...LIMIT },
      )
      .limit(limit)
      .toArray()
  const reasons = new Map<string, Reason>()
  let count = 0
  for await (const { found } of slices(range, find)) {
    count += found.length
    for (const one of found) tally(reasons, fromDocument({ ...one, estado }))
    if (count >= MOST_COUNTED) break
  }
  const sorted = [...reasons.values()].sort((a, b) => b.quantas - a.quantas)
  return { count, capped: count >= MOST_COUNTED, reasons: sorted }
}

function tally(reasons: Map<string, Reason>, { estado, tipo, motivo, payload, criada_em, encerrada_em }: Tarefa): void {
  if ((estado !== 'morta' && estado !== 'pendente') || motivo === undefined) return
  const since = encerrada_em ?? criada_em
  const key = `${tipo}\n${motivo}`
  const { quantas = 0, desde, protocolos = [] } = reasons.get(key) ?? {}
  const named = payload.protocolo === undefined ? [] : [toNumero(payload.protocolo)]
  reasons.set(key, {
    ...{ estado, tipo, motivo, quantas: quantas + 1 },
    desde: desde !== undefined && desde < since ? desde : since,
    protocolos: [...new Set([...protocolos, ...named])].slice(0, MOST_NAMED),
  })
}
