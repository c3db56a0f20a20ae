import { expect } from '@jest/globals'
import type fc from 'fast-check'
import { toEventoGuardado } from '../../src/eventos/model.js'
import { Replay, type Step } from '../../src/eventos/replay.js'
import { toProtocolo } from '../../src/protocolos/copy.js'
import type { Protocolo } from '../../src/protocolos/model.js'
import { toUpdate } from '../../src/vez/commit/update.js'
import { type Entry, emptyVez, entryId, isProtocolo, type ProtocoloPendente, type Vez } from '../../src/vez/document.js'
import type { CommandResult, PriorProtocol } from '../../src/vez/rules/commands.js'
import { decide } from '../../src/vez/rules/decide.js'
import { noDrainResult } from '../../src/vez/rules/draft.js'
import { isOpenStatus } from '../../src/vez/rules/limit.js'
import type { PriorProtocols } from '../../src/vez/rules/prior-protocols.js'
import type { Act } from './line-acts.js'
import { INTERVAL_S, type LineModel, type Said } from './line-model.js'
import { applyUpdate, later, T0 } from './vez.js'

export type Happening = fc.Command<LineModel, LineWorld>

type ProcessName = 'A' | 'B'

/** What the database knows of one protocol. */
type Copied = Pick<Protocolo, 'status' | 'responsavel_id'> & { readonly entry: ProtocoloPendente }

/** The deciding code with what stands around it: the stored document, the copies of protocols, the clocks of two processes. */
export class LineWorld {
  vez: Vez = emptyVez('m0')
  readonly clocks: Record<ProcessName, number> = { A: 0, B: 0 }
  readonly copied = new Map<number, Copied>()
  /** Seen as copied by the next write, which drops them. */
  acknowledged = new Set<string>()
  readonly steps: Step[] = []
  #writes = 0

  /** Decides and, unless that gets lost, stores; returns the answers and the numbers that were made. */
  write(process: ProcessName, commands: Parameters<typeof decide>[1], isLost: boolean) {
    this.#writes += 1
    const now = later(this.clocks[process])
    const context = { now, writeId: `w${this.#writes}`, esperaIntervaloMs: INTERVAL_S * 1_000 }
    const drained = { ...noDrainResult, drained: this.acknowledged }
    const { vez, changed, results } = decide(this.vez, commands, this.#known(commands), context, drained)
    expect(results).toHaveLength(commands.length)
    const made = vez.pendentes.filter((one) => isProtocolo(one) && one.writeId === context.writeId).filter(isProtocolo)
    if (changed && !isLost) this.#store(vez, made)
    return { answers: results.map((one) => answerOf(one, vez.pendentes)), made: made.map(saidOf) }
  }

  #store(after: Vez, made: readonly ProtocoloPendente[]): void {
    this.acknowledged = new Set()
    for (const one of made)
      this.steps.push({ versao: one.versao, lugar: one.lugar, protocolo: ledgerRow(toProtocolo(one)) })
    for (const one of after.eventos)
      this.steps.push({ versao: one.versao, lugar: one.lugar, registro: toEventoGuardado(one) })
    const stored = applyUpdate(this.vez, toUpdate(this.vez, after, 'p', { unset: [] }))
    this.vez = { ...stored, eventos: [] }
  }

  /** Copies all that waits for it; where that is heard of, the next write drops it. */
  copy(isHeard: boolean): void {
    for (const one of this.vez.pendentes) {
      if (isProtocolo(one)) this.#copyOf(one)
      if (isHeard) this.acknowledged.add(entryId(one))
    }
  }

  /** A change of a protocol copies it first. */
  change(n: number, change: Partial<Copied>): void {
    const pending = this.vez.pendentes.filter(isProtocolo).find((one) => one.n === n)
    const copied = this.copied.get(n) ?? (pending && this.#copyOf(pending))
    if (copied) this.copied.set(n, { ...copied, ...change })
  }

  #copyOf(entry: ProtocoloPendente): Copied {
    const { status, responsavel_id } = toProtocolo(entry)
    const one = this.copied.get(entry.n) ?? { status, responsavel_id, entry }
    this.copied.set(entry.n, one)
    return one
  }

  /** What is looked up for a write. */
  #known(commands: Parameters<typeof decide>[1]): PriorProtocols {
    const copies = [...this.copied.values()]
    const ids = commands.flatMap((one) => (one.tipo === 'recontar' ? one.ids : []))
    const openOf = (id: number): number[] =>
      copies.filter((one) => one.responsavel_id === id && isOpenStatus(one.status)).map(({ entry }) => entry.n)
    const pending = new Set(this.vez.pendentes.filter(isProtocolo).map(({ n }) => n))
    return {
      byKey: new Map(copies.flatMap((one) => (one.entry.chave === undefined ? [] : [[one.entry.chave, prior(one)]]))),
      byContact: new Map(copies.flatMap((one) => (one.entry.contato?.ids ?? []).map((id) => [id, prior(one)]))),
      open: {
        byConsultor: new Map(ids.map((id) => [id, openOf(id)])),
        copied: new Map([...this.copied].filter(([n]) => pending.has(n))),
      },
    }
  }

  /** Does the ledger, replayed by the product's own check, tell how the line is now? */
  expectReplay(): void {
    const replay = new Replay({ versao: 0, lugar: 0, n: 0 })
    const order = (one: Step, other: Step): number => one.versao - other.versao || one.lugar - other.lugar
    for (const step of this.steps.toSorted(order)) replay.apply(step)
    expect(replay.problems).toEqual([])
    const told = [...replay.line.people.values()].map(({ id, turno, abertos }) => [id, turno, abertos ?? 0])
    expect(told).toEqual([...this.vez.consultores].map(([id, { turno, abertos }]) => [id, turno, abertos ?? 0]))
    expect([...replay.line.waiting.keys()].sort()).toEqual(this.vez.espera.map(({ id }) => id).sort())
  }
}

const ledgerRow = ({ equipe, ...row }: Protocolo) => ({ ...row, ...(equipe !== undefined && { equipe }) })

const prior = ({ entry, ...state }: Copied): PriorProtocol => ({
  ...entry,
  ...state,
  contato_ids: entry.contato?.ids ?? [],
  ultimo_contato_em: entry.created_at,
})

const TOLD = ['n', 'consultor_id', 'por', 'candidatos', 'segundo', 'turno_antes', 'pulados', 'preferencia'] as const

const saidOf = (made: ProtocoloPendente): Said =>
  Object.fromEntries(TOLD.flatMap((field) => (made[field] === undefined ? [] : [[field, made[field]]])))

function answerOf(result: CommandResult, pendentes: readonly Entry[]): Said | string {
  if (result.situacao === 'em_espera') return { waits: result.posicao }
  if (result.situacao === 'indisponivel' && 'fora' in result) return { motivo: result.motivo, fora: result.fora }
  if (result.situacao !== 'atribuido') return result.situacao
  const { n } = result.atribuicao
  const made = pendentes.filter(isProtocolo).find((one) => one.n === n)
  return result.repetida || !made ? { again: n } : saidOf(made)
}

/** Those that do not have the waiting customers looked at once more after them. */
const PLAIN = new Set(['turno', 'numero', 'tique'])

interface WriteOptions {
  readonly process: ProcessName
  readonly moves: number
  readonly fate: 'told' | 'lost' | 'unheard'
  readonly acts: readonly Act[]
}

/** A write by one of two processes: its clock moves, and all that was asked for meanwhile is decided together. */
export function written({ process, moves, fate, acts }: WriteOptions): Happening {
  const clock = moves === 0 ? '' : ` ${moves > 0 ? '+' : ''}${moves} s`
  return {
    check: () => true,
    toString: () =>
      `\n  ${process}${clock}${fate === 'told' ? '' : `, ${fate}`}: ${acts.map(({ text }) => text).join('; ')}`,
    run: (line, world) => {
      world.clocks[process] += moves
      const sent = acts.map(({ send }) => send(line))
      const commands = sent.map(([command]) => command)
      const { answers, made } = world.write(process, commands, fate === 'lost')
      if (fate === 'lost') return
      line.begin(world.clocks[process])
      const expected = sent.map(([{ tipo }, answer]) => {
        line.serve()
        const said = answer()
        if (!PLAIN.has(tipo)) line.serve()
        return said
      })
      if (fate === 'told') expect(answers).toEqual(expected)
      expect(made).toEqual(line.made)
      expect(standing(world.vez)).toEqual(line.standing())
    },
  }
}

/** How everybody and everything stands, as the model tells it. */
function standing({ consultores, contas, espera }: Vez): unknown {
  const seconds = (at: Date | undefined): number =>
    at ? (at.getTime() - T0.getTime()) / 1_000 : Number.POSITIVE_INFINITY
  return {
    people: [...consultores].map(([id, { turno, abertos = 0, pausa, horario }]) => ({
      ...{ id, turno, abertos, dentro: horario?.dentro ?? true },
      ...(pausa && { pausa: seconds(pausa.ate) }),
    })),
    closed: Object.keys(contas)
      .filter((slug) => contas[slug]?.horario?.dentro === false)
      .sort(),
    waiting: espera.map(({ chave }) => chave),
  }
}

export const copies = (isHeard: boolean): Happening => ({
  check: ({ number }) => number > 0,
  toString: () => `\n  all is copied${isHeard ? '' : ', which nobody hears'}`,
  run: (_line, world) => world.copy(isHeard),
})

/** Somebody closes, opens or hands over a protocol; nobody is counted anew by that alone. */
export function changes({
  nth,
  ...change
}: { readonly nth: number } & Partial<Pick<Protocolo, 'status' | 'responsavel_id'>>): Happening {
  const nOf = ({ number }: LineModel): number => (nth % number) + 1
  return {
    check: ({ number }) => number > 0,
    toString: () => `\n  number ${nth} (of those that there are): ${Object.values(change).join()}`,
    run: (line, world) => {
      const n = nOf(line)
      world.change(n, change)
      const one = line.protocols.get(n)
      if (!one) return
      if (change.responsavel_id != null) one.of = change.responsavel_id
      if (change.status !== undefined) one.open = change.status === 'aberto'
    },
  }
}
