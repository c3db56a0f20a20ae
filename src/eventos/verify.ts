import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../lib/clock.js'
import type { Vez } from '../vez/document.js'
import { portraitOf } from '../vez/rules/ledger.js'
import { beginning, keep, resume } from './checkpoint.js'
import { type HistorySource, history } from './history.js'
import type { Problem, Replay } from './replay.js'
import { withPortrait } from './state.js'

export interface Verification {
  /** Up to which version of the line. */
  readonly versao: number
  /** After which version this run began. */
  readonly desde: number
  readonly entradas: number
  /** Of entries that earlier runs have verified. */
  readonly entradas_antes: number
  readonly ultimo_numero: number
  readonly confere: boolean
  readonly problemas: readonly Problem[]
}

export interface VerifyOptions extends HistorySource {
  readonly clock: Clock
  /** From the beginning, not from the last checkpoint. */
  readonly anew: boolean
  /** Is told of the progress now and then: entries that have been replayed. */
  readonly onProgress?: (entries: number) => void
  /** False ends the work early: nobody waits for it any more. */
  readonly isAlive?: () => boolean
}

/**
 * Replays the ledger up to the version of a snapshot, while turns go on, and compares the line that comes of it with the line of
 * that snapshot. What it found right is not looked at again the next time.
 */
export async function verify(options: VerifyOptions, vez: Vez): Promise<Verification> {
  const { connection, clock, anew, onProgress, isAlive = () => true } = options
  const { replay, before } = anew ? { replay: beginning(vez), before: 0 } : await resume(connection, vez)
  const desde = replay.place.versao
  let entradas = 0
  let isWhole = true
  for await (const steps of history(options, vez, replay.place)) {
    for (const step of steps) replay.apply(step)
    entradas += steps.length
    onProgress?.(entradas)
    isWhole = isAlive()
    if (!isWhole) break
  }
  if (isWhole && replay.isKnown) compare(replay, vez)
  await keep(connection, replay, before + entradas, clock.now())
  return {
    versao: vez.versao,
    desde,
    entradas,
    entradas_antes: before,
    ultimo_numero: replay.place.n,
    confere: replay.problems.length === 0,
    problemas: replay.problems,
  }
}

/** The line that the replay has come to, against the line as it was. */
function compare(replay: Replay, vez: Vez): void {
  const { people, waiting } = replay.line
  const differs = (frase: string): void => {
    replay.problems.push({ versao: vez.versao, lugar: replay.place.lugar, frase })
  }
  if (replay.place.n !== vez.seq) differs(`O último número do livro é ${replay.place.n}, e o da fila é ${vez.seq}.`)
  for (const [id, consultor] of vez.consultores) {
    const live = withPortrait(id, undefined, {
      ...portraitOf(consultor),
      turno: consultor.turno,
      abertos: consultor.abertos,
    })
    const known = people.get(id)
    const fields = Object.keys({ ...known, ...live }).filter(
      (field) => !isDeepStrictEqual(Reflect.get(known ?? {}, field) ?? null, Reflect.get(live, field) ?? null),
    )
    if (!known) differs(`O consultor ${id} está na fila, e não no livro.`)
    else if (fields.length > 0)
      differs(`Do consultor ${id} a fila e o livro dizem coisas diferentes: ${fields.join(', ')}.`)
  }
  for (const id of people.keys())
    if (!vez.consultores.has(id)) differs(`O consultor ${id} está no livro, e não na fila.`)
  const shut = [...replay.line.accounts].flatMap(([canal, dentro]) => (dentro ? [] : [canal])).sort()
  const shutLive = Object.entries(vez.contas).flatMap(([canal, { horario }]) =>
    horario?.dentro === false ? [canal] : [],
  )
  if (!isDeepStrictEqual(shut, shutLive.sort()))
    differs('No livro estão fora do horário outras contas de chat do que na fila.')
  const live = vez.espera.map(({ id }) => id)
  if (!isDeepStrictEqual([...waiting.keys()].sort(), [...live].sort()))
    differs(`No livro esperam ${waiting.size} clientes, e na fila ${live.length}, ou outros.`)
}
