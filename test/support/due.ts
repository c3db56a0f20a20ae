import type { Connection } from 'mongoose'
import type { MovableClock } from './hurried-clock.js'

/** More than a worker takes until it looks again, ms of its clock. */
const NEXT_LOOK_MS = 1_300

/** Moves the clock ahead to when the first of the outbox that waits is due and looked at; never while somebody works. */
export async function passToDue(connection: Connection, clock: MovableClock): Promise<void> {
  const tarefas = connection.collection<{ estado: string; vence_em: Date }>('tarefas')
  const open = await tarefas.find({ estado: { $in: ['pendente', 'em_curso'] } }).toArray()
  if (open.length === 0 || open.some(({ estado }) => estado === 'em_curso')) return
  const due = Math.min(...open.map(({ vence_em }) => vence_em.getTime())) - clock.now().getTime()
  clock.advance(Math.max(0, due) + NEXT_LOOK_MS)
}
