import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { toNumero } from '../lib/numero.js'
import type { Protocolo } from '../protocolos/model.js'
import { applyEvent } from './apply-event.js'
import type { EventoGuardado, Quadro, Registro } from './model.js'
import { before, first, type Person, type Request } from './rule.js'
import { LineState, type Standing, withPortrait } from './state.js'

/** What a replay looks at of a protocol. */
export const LEDGER_FIELDS = [
  'n',
  'versao',
  'lugar',
  'lote',
  'created_at',
  'encerrado_em',
  'idioma',
  'equipe',
  'canal',
  'consultor_id',
  'por',
  'conta',
  'preferencia',
  'candidatos',
  'segundo',
  'turno_antes',
  'pulados',
  'pulados_cortados',
  'esperou_desde',
  'espera_id',
  'continua',
] as const

export type LedgerRow = Pick<Protocolo, Exclude<(typeof LEDGER_FIELDS)[number], 'equipe'>> & {
  readonly equipe?: string
}

/** One step of the history: a protocol, an event, or the roster at which the ledger begins. */
export type Step =
  | { readonly versao: number; readonly lugar: number; readonly protocolo: LedgerRow }
  | { readonly versao: number; readonly lugar: number; readonly registro: Registro }

/** Where the history is not as the rule would have it. */
export interface Problem {
  readonly versao: number
  readonly lugar: number
  /** The entry that is wrong, or the first one at which it shows. */
  readonly protocolo?: string
  readonly evento?: string
  readonly frase: string
}

/** Those that come after are not told: mostly they follow from the first. */
const MAX_PROBLEMS = 50

/** Where a replay stands. */
export interface Place {
  readonly versao: number
  readonly lugar: number
  /** The last number. */
  readonly n: number
}

/** Negative where the first comes before the second: what is of one version is of one write, and has its places there. */
export const byPlace = (one: Pick<Place, 'versao' | 'lugar'>, other: Pick<Place, 'versao' | 'lugar'>): number =>
  one.versao - other.versao || one.lugar - other.lugar

const Espera = z.looseObject({ espera: z.string(), idioma: z.string(), canal: z.string().optional() })
/** Replays the history step by step, by a rule of its own (`rule.ts`), and notes where it is not as it should be. */
export class Replay {
  readonly line: LineState
  readonly problems: Problem[] = []
  place: Place
  /** False: a release that keeps no ledger has written; what was is not known until the roster is told again. */
  isKnown = true
  #write: { readonly versao: number; readonly lote: string; readonly at: number } | undefined
  #rosters = new Map<string, Quadro[]>()

  /** When the ledger began; absent: with the first write. */
  knownSince: Date | undefined

  /** @param place from where on; at the beginning `n` is the highest number that was imported */
  constructor(place: Place, line = new LineState(), knownSince?: Date) {
    this.place = place
    this.line = line
    this.knownSince = knownSince
  }

  apply(step: Step): void {
    if ('registro' in step && isQuadro(step.registro)) this.#keepRoster(step.registro)
    else this.#take(step)
  }

  #take(step: Step): void {
    const { versao, lugar } = step
    if (byPlace(step, this.place) <= 0)
      this.#note(
        step,
        `está no lugar ${versao}.${lugar}, que não vem depois de ${this.place.versao}.${this.place.lugar}`,
      )
    this.#checkWrite(step)
    this.place = { ...this.place, versao, lugar }
    if ('protocolo' in step) this.#protocolo(step, step.protocolo)
    else if (!isQuadro(step.registro)) this.#evento(step, step.registro)
  }

  /** All entries of one version are of one write and of one instant. */
  #checkWrite(step: Step): void {
    const { lote, at } =
      'protocolo' in step
        ? { lote: step.protocolo.lote, at: step.protocolo.created_at.getTime() }
        : { lote: lotOf(step.registro), at: instantOf(step.registro) }
    const write = this.#write
    if (write?.versao === step.versao && (write.lote !== lote || write.at !== at))
      this.#note(step, `não é da mesma gravação que as outras entradas da versão ${step.versao}`)
    this.#write = { versao: step.versao, lote, at }
  }

  #protocolo(step: Step, row: LedgerRow): void {
    const { n, por, consultor_id, conta } = row
    if (n !== this.place.n + 1) this.#note(step, `vem depois de ${toNumero(this.place.n)}: a numeração tem uma falha`)
    this.place = { ...this.place, n: Math.max(n, this.place.n) }
    if (por === undefined) this.isKnown = false
    if (!this.isKnown) return
    this.#served(step, row)
    if (por === 'regra') this.#byRule(step, row)
    if (por === 'preferido') this.#preferred(step, row)
    const moves = (por === 'regra' || por === 'preferido') && conta !== false
    if (consultor_id !== undefined) this.line.gave(consultor_id, moves ? n : undefined)
  }

  #served(step: Step, { por, esperou_desde, espera_id }: LedgerRow): void {
    // Of whom somebody helped elsewhere an event of the same write tells that he left.
    if (por === 'ajudou' || esperou_desde === undefined || espera_id === undefined) return
    if (this.line.waiting.delete(espera_id)) return
    this.#note(step, 'é de um cliente que esperava, e no livro ele não estava na espera')
  }

  #byRule(step: Step, row: LedgerRow): void {
    const standing = this.line.standing(askedBy(row))
    const chosen = first(standing.eligible)
    if (chosen?.id !== row.consultor_id) {
      const wanted = chosen ? `o consultor ${chosen.id}` : 'ninguém'
      this.#note(step, `foi para o consultor ${row.consultor_id}, e a regra daria ${wanted}`)
      return
    }
    const second = first(standing.eligible.filter((one) => one !== chosen))
    const expected = { candidatos: standing.eligible.length, segundo: second?.id, turno_antes: chosen?.turno }
    const { candidatos, segundo, turno_antes } = row
    if (!isDeepStrictEqual({ candidatos, segundo, turno_antes }, expected))
      this.#note(
        step,
        `guarda outros candidatos do que os que havia (${expected.candidatos}, depois o consultor ${expected.segundo ?? 'nenhum'})`,
      )
    if (chosen && !toldOf(row, skippedBefore(standing, chosen)))
      this.#note(step, 'guarda outros pulados do que os que havia antes na fila')
  }

  #preferred(step: Step, row: LedgerRow): void {
    const { eligible } = this.line.standing(askedBy(row))
    if (!eligible.some(({ id }) => id === row.consultor_id))
      this.#note(step, `foi para o consultor ${row.consultor_id}, o preferido, que não podia receber`)
  }

  #evento(step: Step, evento: EventoGuardado): void {
    if (evento.tipo === 'inicio') this.#begin(step, evento)
    else if (this.isKnown) {
      this.knownSince ??= evento.em
      for (const frase of applyEvent(this.line, evento)) this.#note(step, frase)
    }
  }

  #keepRoster(quadro: Quadro): void {
    const parts = this.#rosters.get(quadro.marca) ?? []
    this.#rosters.set(quadro.marca, [...parts, quadro])
  }

  /** The history goes on from the roster that this event names. */
  #begin(step: Step, { marca = '', em }: EventoGuardado): void {
    const parts = this.#rosters.get(marca) ?? []
    this.#rosters.clear()
    if (parts.length === 0 || parts.length !== parts[0]?.partes) {
      this.#note(step, 'começa o livro, e falta o quadro de consultores de antes')
      return
    }
    this.line.clear()
    for (const { pessoas, politica, contas = {}, espera = [], seq } of parts) {
      for (const [canal, { horario }] of Object.entries(contas))
        if (horario) this.line.setAccount(canal, horario.dentro)
      if (politica) this.line.setCommon(politica)
      for (const { id, ...portrait } of pessoas) this.line.put(withPortrait(id, undefined, portrait))
      for (const one of espera) {
        const { espera: entry, idioma, canal } = Espera.parse(one)
        this.line.waiting.set(entry, { idioma, ...(canal !== undefined && { canal }) })
      }
      this.place = { ...this.place, n: Math.max(seq, this.place.n) }
    }
    this.isKnown = true
    this.knownSince ??= em
  }

  #note(step: Step, frase: string): void {
    const { versao, lugar } = step
    if (this.problems.length >= MAX_PROBLEMS) return
    const name = 'protocolo' in step ? { protocolo: toNumero(step.protocolo.n) } : { evento: step.registro._id }
    const subject =
      'protocolo' in step ? toNumero(step.protocolo.n) : `O evento ${step.registro._id} (${step.registro.tipo})`
    this.problems.push({ versao, lugar, ...name, frase: `${subject} ${frase}.` })
  }
}

export const isQuadro = (registro: Registro): registro is Quadro => registro.tipo === 'quadro'

const lotOf = (registro: Registro): string => ('lote' in registro ? registro.lote : '')
const instantOf = (registro: Registro): number => ('em' in registro ? registro.em.getTime() : 0)

/** What was asked for, of a protocol or of somebody who waits. */
export const askedBy = ({ idioma = '', equipe, canal }: Partial<Request>): Request => ({
  idioma,
  ...(equipe !== undefined && { equipe }),
  ...(canal !== undefined && { canal }),
})

type Skipped = Readonly<Record<string, readonly number[]>>

/** Who stood before the chosen one and could not, by reason, in the order of the line. */
function skippedBefore({ out }: Standing, chosen: Person): Skipped {
  const skipped: Record<string, number[]> = {}
  const ahead = out.filter(({ person }) => before(person, chosen) < 0)
  for (const { person, reason } of ahead.sort((one, other) => before(one.person, other.person))) {
    const ids = skipped[reason] ?? []
    skipped[reason] = [...ids, person.id]
  }
  return skipped
}

/** Does a protocol tell of these? Of very many it names some, and of the others how many they were. */
function toldOf({ pulados = {}, pulados_cortados }: LedgerRow, expected: Skipped): boolean {
  if (!pulados_cortados) return isDeepStrictEqual(pulados, expected)
  const reasons = new Set([...Object.keys(expected), ...Object.keys(pulados), ...Object.keys(pulados_cortados)])
  return [...reasons].every((reason) => {
    const named = pulados[reason] ?? []
    const all = expected[reason] ?? []
    return named.every((id) => all.includes(id)) && named.length + (pulados_cortados[reason] ?? 0) === all.length
  })
}
