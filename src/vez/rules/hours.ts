import { isDeepStrictEqual } from 'node:util'
import { type Plano, trechoEm } from '../../agenda/plano.js'
import type { Agenda, Conta, Horario, Politica } from '../document.js'
import type { Boundaries, Boundary } from './boundary.js'
import type { AccountHoursCommand, Autor, CommandResult } from './commands.js'
import type { DecisionContext, Draft } from './draft.js'
import { SISTEMA } from './ledger.js'

/** People, and accounts, that one event names: of a full roster a change for all is at most six events. */
const NAMED_BY_AN_EVENT = 200
/** Hours that were looked up at an instant so far ahead of now come from a clock that was wrong, ms. */
const WRONG_CLOCK_MS = 3_600_000
const FUSO = 'America/Sao_Paulo'
const AGENDA: Autor = { por: 'agenda' }

/** What hours depend on beside themselves. */
export interface Common {
  readonly politica: Politica
  readonly moment: DecisionContext
}

export const zoneOf = (agenda: Agenda | undefined, { politica, moment }: Common): string =>
  agenda?.fuso ?? politica.fuso ?? moment.fuso ?? FUSO

/** Somebody's plan by his own hours and, where they say nothing, the common ones; `undefined`: he has no hours. */
export function planoOf(own: Agenda | undefined, common: Common): Plano | undefined {
  const shared = common.politica.agenda
  const semana = own?.semana ?? shared?.semana
  const folgas = [...(own?.folgas ?? []), ...(shared?.folgas ?? [])]
  return toPlano(own, semana, folgas, common)
}

/** The plan of a chat account, which has only hours of its own. */
export const planoOfConta = ({ agenda }: Conta, common: Common): Plano | undefined =>
  toPlano(agenda, agenda.semana, agenda.folgas ?? [], common)

function toPlano(
  own: Agenda | undefined,
  semana: string | undefined,
  folgas: readonly string[],
  common: Common,
): Plano | undefined {
  const { feriados = {} } = common.politica
  const isHoliday = Object.values(feriados).some((one) => (Array.isArray(one) ? one.length > 0 : one === true))
  const off = own?.feriados !== false && isHoliday
  if (semana === undefined && folgas.length === 0 && !off) return undefined
  return {
    fuso: zoneOf(own, common),
    ...(semana !== undefined && { semana }),
    ...(folgas.length > 0 && { folgas }),
    ...(off && { feriados }),
  }
}

type LookUp = (plano: Plano | undefined, at: Date) => Horario | undefined

const horarioAt: LookUp = (plano, at) => plano && trechoEm(plano, at)

/** For many people: a plan that several of them share is looked up once. */
function sharedLookUp(): LookUp {
  const known = new Map<string, Horario | undefined>()
  return (plano, at) => {
    const key = `${at.getTime()} ${JSON.stringify(plano)}`
    if (!known.has(key)) known.set(key, horarioAt(plano, at))
    return known.get(key)
  }
}

/**
 * The instant that hours are looked up for when they are set: no earlier than the boundary that was applied last, by whatever
 * process, so that none is crossed back and then once more. But for what a clock did that was far ahead.
 */
function lookedUpAt(before: Horario | undefined, now: Date): Date {
  const { desde } = before ?? {}
  if (!desde || desde <= now || desde.getTime() - now.getTime() > WRONG_CLOCK_MS) return now
  return desde
}

/** Somebody's hours after a change of what they depend on. */
export const horarioAfter = (
  plano: Plano | undefined,
  before: Horario | undefined,
  now: Date,
  lookUp: LookUp = horarioAt,
): Horario | undefined => lookUp(plano, lookedUpAt(before, now))

/** Who is about to be in or out: a person or an account. */
type Who = number | string

const horarioOf = (draft: Draft, who: Who): Horario | undefined =>
  (typeof who === 'number' ? draft.consultores.get(who) : draft.contas[who])?.horario

/** Writes down of these who is in now, and then who is out: many people and accounts of one instant in one event. */
function recordHours(draft: Draft, moved: readonly Who[], autor: Autor, ate?: Date): void {
  for (const dentro of [true, false]) {
    const ids = moved.filter((who) => isIn(horarioOf(draft, who)) === dentro)
    const people = ids.filter((id) => typeof id === 'number')
    const accounts = ids.filter((id) => typeof id === 'string')
    for (let first = 0; first < Math.max(people.length, accounts.length); first += NAMED_BY_AN_EVENT) {
      const consultores = people.slice(first, first + NAMED_BY_AN_EVENT)
      const canais = accounts.slice(first, first + NAMED_BY_AN_EVENT)
      draft.record({
        tipo: 'horario',
        ...(consultores.length > 0 && { consultores }),
        ...(canais.length > 0 && { canais }),
        para: { dentro },
        ...autor,
        ...(ate && { ate }),
      })
    }
  }
}

/** Sets the hours of a person or an account; an account without any goes on with none. */
function put(draft: Draft, who: Who, horario: Horario | undefined): void {
  if (typeof who === 'number') {
    const consultor = draft.consultores.get(who)
    if (!consultor) return
    const { horario: _, ...rest } = consultor
    draft.put(who, { ...rest, ...(horario && { horario }) })
    return
  }
  const conta = draft.contas[who]
  if (!conta) return
  const { horario: _, ...rest } = conta
  draft.setConta(who, { ...rest, ...(horario && { horario }) })
}

const planoOfWho = (draft: Draft, who: Who): Plano | undefined => {
  if (typeof who === 'number') return planoOf(draft.consultores.get(who)?.agenda, draft)
  const conta = draft.contas[who]
  return conta && planoOfConta(conta, draft)
}

const isIn = (horario: Horario | undefined): boolean => horario?.dentro !== false

/** The boundaries of hours: those of one instant that lead the same way are one, with at most so many as one event names. */
export const ENDS_OF_HOURS: Boundaries = {
  *instants({ consultores, contas }) {
    for (const { horario } of consultores.values()) if (horario?.ate) yield horario.ate
    for (const { horario } of Object.values(contas)) if (horario?.ate) yield horario.ate
  },

  due({ consultores, contas }, now) {
    const due = new Map<string, { ate: Date; ids: Who[] }>()
    const look = (who: Who, { ate, dentro }: Partial<Horario> = {}): void => {
      if (!ate || ate > now) return
      const key = `${ate.getTime()} ${dentro}`
      const one = due.get(key) ?? { ate, ids: [] }
      one.ids.push(who)
      due.set(key, one)
    }
    for (const [id, { horario }] of consultores) look(id, horario)
    for (const [slug, { horario }] of Object.entries(contas)) look(slug, horario)
    return [...due.values()].flatMap(({ ate, ids }) =>
      Array.from({ length: Math.ceil(ids.length / NAMED_BY_AN_EVENT) }, (_, part) =>
        boundaryOf(ate, ids.slice(part * NAMED_BY_AN_EVENT, (part + 1) * NAMED_BY_AN_EVENT)),
      ),
    )
  },
}

const boundaryOf = (ate: Date, ids: readonly Who[]): Boundary => ({
  ate,
  cross: (draft) => lookAgain(draft, ids, AGENDA, ate),
})

/** Looks up everybody's hours, after a change of what is common or to find out what a wrong clock has done. */
export const reviewHours = (draft: Draft, autor: Autor = AGENDA): void =>
  lookAgain(draft, [...draft.consultores.keys(), ...Object.keys(draft.contas)], autor)

/**
 * Sets the hours of these to what they say now, and not to the opposite of what was: after a time in which nobody looked, several
 * boundaries may have passed. Where nothing has changed by them there is no event.
 *
 * @param ate the boundary that is crossed
 */
function lookAgain(draft: Draft, ids: readonly Who[], autor: Autor, ate?: Date): void {
  const lookUp = sharedLookUp()
  const moved: Who[] = []
  for (const who of ids) {
    const before = horarioOf(draft, who)
    const horario = horarioAfter(planoOfWho(draft, who), before, draft.moment.now, lookUp)
    // Never so at a boundary: the end that was known is past.
    if (before?.dentro === horario?.dentro && before?.ate?.getTime() === horario?.ate?.getTime()) continue
    put(draft, who, horario)
    if (isIn(before) !== isIn(horario)) moved.push(who)
  }
  recordHours(draft, moved, autor, ate)
}

/** The hours of an account after a change of it. A change that is older than what is known comes too late. */
export function applyAccountHours(draft: Draft, command: AccountHoursCommand): CommandResult {
  const position = draft.place()
  const { slug, agenda, criado_em, rev, autor = SISTEMA } = command
  const before = draft.contas[slug]
  const isLate = before && (criado_em < before.criado_em || (+criado_em === +before.criado_em && rev < before.rev))
  const isSame = before ? agenda !== null && isDeepStrictEqual(before.agenda, agenda) : agenda === null
  if (isLate || (isSame && before?.rev === rev) || (!before && agenda === null))
    return { ...position, situacao: 'feito' }
  if (agenda === null) draft.setConta(slug, undefined)
  else {
    const conta: Conta = { agenda, criado_em, rev }
    const horario = horarioAfter(planoOfConta(conta, draft), before?.horario, draft.moment.now)
    draft.setConta(slug, { ...conta, ...(horario && { horario }) })
  }
  if (isSame) return { ...position, situacao: 'feito' }
  const told = (conta: Conta | undefined) => ({ agenda: conta?.agenda ?? null, dentro: isIn(conta?.horario) })
  draft.record({ tipo: 'horario', canal: slug, de: told(before), para: told(draft.contas[slug]), ...autor }, position)
  return { ...position, situacao: 'feito' }
}
