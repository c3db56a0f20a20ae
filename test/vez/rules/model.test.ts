import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { omitUndefined } from '../../../src/lib/omit.js'
import { isProtocolo, type Vez } from '../../../src/vez/document.js'
import type { Command } from '../../../src/vez/rules/commands.js'
import { chat, consultor, decideAt, later, outcome, turn, vezOf } from '../../support/vez.js'

/** `until`: in pause till that second, `Infinity` till he ends it; absent: he is not. */
type Person = {
  turno: number
  idiomas: string[]
  equipes: string[]
  online: boolean
  ativo: boolean
  until?: number | undefined
}

interface Given {
  readonly id: number
  /** What the protocol has to say of the others; absent where the rule did not decide. */
  readonly others?: { candidatos: number; segundo?: number; pulados?: Record<string, number[]> }
}

/**
 * The rule once more, from the API's description and not from the code: lowest last number, then lowest id. Who is preferred
 * and there comes before him, and keeps his number.
 */
function model(
  people: Map<number, Person>,
  asked: string,
  equipe: string | undefined,
  number: number,
  preferred?: number,
): Given | undefined {
  const knows = (one: string): boolean => one === asked || one.split('-')[0] === asked || one === asked.split('-')[0]
  const line = [...people].filter(([, one]) => one.ativo).sort(([idA, a], [idB, b]) => a.turno - b.turno || idA - idB)
  const isMember = ({ equipes }: Person): boolean =>
    equipe === undefined || equipes.some((one) => TEAMS.get(one) === TEAMS.get(equipe))
  const failure = (one: Person): string | undefined => {
    if (!isMember(one)) return 'equipe'
    if (!one.idiomas.some(knows)) return 'idioma'
    return one.until !== undefined ? 'pausa' : one.online ? undefined : 'offline'
  }
  const there = line.filter(([, one]) => failure(one) === undefined)
  const wanted = there.find(([id]) => id === preferred)
  if (wanted) return { id: wanted[0] }
  const [first, second] = there
  if (!first) return undefined
  const pulados: Record<string, number[]> = {}
  for (const [id, one] of line.slice(0, line.indexOf(first))) {
    const why = failure(one) ?? ''
    pulados[why] = [...(pulados[why] ?? []), id]
  }
  first[1].turno = number
  const others = {
    candidatos: there.length,
    ...(second && { segundo: second[0] }),
    ...(Object.keys(pulados).length > 0 && { pulados }),
  }
  return { id: first[0], others }
}

/** Whose pauses are over by now, in the order in which they ended; they are back. */
function back(people: Map<number, Person>, second: number): number[] {
  const over = [...people].filter(([, { until = Number.POSITIVE_INFINITY }]) => until <= second)
  over.sort(([idA, a], [idB, b]) => (a.until ?? 0) - (b.until ?? 0) || idA - idB)
  for (const [, one] of over) one.until = undefined
  return over.map(([id]) => id)
}

/** Which team each way of writing means. */
const TEAMS = new Map([
  ['vendas', 1],
  ['VENDAS', 1],
  ['pós-venda', 2],
  ['Pos-Venda', 2],
])
const oneTeam = fc.constantFrom(...TEAMS.keys())
/** What a request says of the team. */
const asked = fc.option(oneTeam, { nil: undefined, freq: 2 })
const equipes = fc.uniqueArray(oneTeam, { maxLength: 2 })
const idioma = fc.constantFrom('pt', 'pt-BR', 'pt-PT', 'en', 'es')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('turn' as const), idioma, equipe: asked }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('preferred' as const),
      idioma,
      equipe: asked,
      consultor: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('online' as const), id: fc.integer({ min: 1, max: 8 }), on: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('ativo' as const), id: fc.integer({ min: 1, max: 8 }), on: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('new' as const),
      idiomas: fc.uniqueArray(idioma, { minLength: 1, maxLength: 3 }),
      equipes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('teams' as const), id: fc.integer({ min: 1, max: 8 }), equipes }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pause' as const),
      id: fc.integer({ min: 1, max: 8 }),
      minutos: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), id: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('connect' as const), id: fc.integer({ min: 1, max: 8 }) }) },
)
const batch = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  /** How far the clock moves before them: it may be stepped back. */
  seconds: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: -90, max: 240 }) },
  ),
})
const batches = fc.array(batch, { maxLength: 25 })

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function toPedido(one: Step): Command {
  const { turno: _, ...dados } = consultor(one.do === 'new' ? { idiomas: one.idiomas, equipes: one.equipes } : {})
  switch (one.do) {
    case 'turn':
      return turn(one.idioma, omitUndefined({ equipe: one.equipe }))
    case 'preferred':
      return turn(
        one.idioma,
        omitUndefined({ equipe: one.equipe, preferido: { consultor_id: one.consultor, motivo: 'pedido' } }),
      )
    case 'new':
      return { tipo: 'criar', dados }
    case 'remove':
      return { tipo: 'remover', id: one.id }
    case 'teams':
      return { tipo: 'alterar', id: one.id, mudanca: { equipes: one.equipes } }
    case 'pause':
      return { tipo: 'alterar', id: one.id, mudanca: { pausa: one.minutos === null ? {} : { minutos: one.minutos } } }
    case 'back':
      return { tipo: 'alterar', id: one.id, mudanca: { pausa: null } }
    case 'connect':
      return { tipo: 'alterar', id: one.id, mudanca: { online: true, pausa: null } }
    default:
      return { tipo: 'alterar', id: one.id, mudanca: { [one.do]: one.on } }
  }
}

/** What a protocol says of those who did not get it. */
function whyOf(vez: Vez, n: number): unknown {
  const { candidatos, segundo, pulados } = vez.pendentes.filter(isProtocolo).find((one) => one.n === n) ?? {}
  return omitUndefined({ candidatos, segundo, pulados })
}

/** Who is back from his pause by this write, in the order in which it says so. */
const endsIn = ({ eventos }: Vez): (number | undefined)[] =>
  eventos.flatMap(({ tipo, por, consultores }) => (tipo === 'presenca' && por === 'agenda' ? [consultores?.[0]] : []))

describe('any history of turns and roster changes', () => {
  it('gives each turn to whom the model picks, and says of the others what it says, in whatever batches it comes', () => {
    fc.assert(
      fc.property(batches, (history) => {
        const people = new Map<number, Person>()
        let vez = vezOf([])
        let number = 0
        let lastId = 0
        let second = 0
        for (const { steps, seconds } of history) {
          second += seconds
          const decision = decideAt(vez, steps.map(toPedido), { now: later(second) })
          expect(endsIn(decision.vez)).toEqual(back(people, second))
          for (const [place, one] of steps.entries()) {
            const person = 'id' in one ? people.get(one.id) : undefined
            if (one.do === 'turn' || one.do === 'preferred') {
              const preferred = one.do === 'preferred' ? one.consultor : undefined
              const expected = model(people, one.idioma, one.equipe, number + 1, preferred)
              if (expected !== undefined) number += 1
              expect(outcome(decision.results[place])).toBe(expected?.id ?? 'indisponivel')
              if (expected) expect(whyOf(decision.vez, number)).toEqual(expected.others ?? {})
            } else if (one.do === 'new') {
              lastId += 1
              const { idiomas, equipes } = one
              people.set(lastId, { turno: number, idiomas, equipes, online: true, ativo: true })
            } else if (one.do === 'remove') people.delete(one.id)
            else if (!person) continue
            else if (one.do === 'teams') person.equipes = one.equipes
            else if (one.do === 'pause')
              person.until = one.minutos === null ? Number.POSITIVE_INFINITY : second + 60 * one.minutos
            else if (one.do === 'back') person.until = undefined
            else if (one.do === 'connect') Object.assign(person, { online: true, until: undefined })
            else person[one.do] = one.on
          }
          vez = { ...decision.vez, pendentes: [], eventos: [] }
          expect(vez.seq).toBe(number)
        }
      }),
    )
  })

  it('keeps two of the same languages and teams who are always there within one turn of each other, in any interval', () => {
    fc.assert(
      fc.property(batches, (history) => {
        const pair = [1_001, 1_002]
        const start = vezOf([])
        let vez = {
          ...start,
          consultores: new Map(pair.map((id) => [id, consultor({ idiomas: ['pt', 'en'], equipes: ['Vendas'] })])),
          ultimo_consultor_id: 0,
        }
        const difference = [0]
        let second = 0
        for (const { steps, seconds } of history) {
          second += seconds
          const decision = decideAt(vez, steps.map(toPedido), { now: later(second) })
          const preferred = new Set(
            decision.vez.pendentes.flatMap((one) => (isProtocolo(one) && one.por === 'preferido' ? [one.n] : [])),
          )
          for (const result of decision.results) {
            if (result.situacao === 'atribuido' && preferred.has(result.atribuicao.n)) continue
            const whose = outcome(result)
            const last = difference.at(-1) ?? 0
            if (whose === pair[0]) difference.push(last + 1)
            if (whose === pair[1]) difference.push(last - 1)
          }
          vez = { ...vez, ...decision.vez, consultores: new Map(decision.vez.consultores), pendentes: [], eventos: [] }
        }
        expect(Math.max(...difference) - Math.min(...difference)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

/** Somebody helps a waiting customer at the platform: nobody, a consultor, one who was deleted, or a stranger. */
const leave = (who: string, by: number | string | undefined): Command => ({
  tipo: 'sair_da_espera',
  canal: 'loja',
  contato_ids: [`wa:${who}`],
  ...(by !== undefined && { responsavel: by }),
})

const DELETED = 9

const turnsOf = ({ consultores }: Vez): number[] => [...consultores.values()].map(({ turno }) => turno)

describe('any history of chat customers', () => {
  const who = fc.integer({ min: 0, max: 5 })
  const event = fc.oneof(
    fc.record({ do: fc.constant('ask' as const), who, message: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ do: fc.constant('online' as const), id: fc.integer({ min: 1, max: 3 }), on: fc.boolean() }),
    fc.record({ do: fc.constant('later' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('helped' as const), who, by: fc.constantFrom(undefined, 1, 2, DELETED, 'Zoe') }),
  )

  it('serves every customer once, those who wait in the order in which they came unless they were helped elsewhere, and no one while someone waits for him', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(0, 20_000), (history, esperaIntervaloMs) => {
        let vez = vezOf([{ online: false }, { online: false }, { online: false }])
        let seconds = 0
        let arrivals: string[] = []
        const helped: string[] = []
        const served: string[] = []
        for (const one of history) {
          if (one.do === 'later') seconds += one.seconds
          const command: Command =
            one.do === 'ask'
              ? chat(`c${one.who}`, { chave: `c${one.who}:${one.message}` })
              : one.do === 'online'
                ? { tipo: 'alterar', id: one.id, mudanca: { online: one.on } }
                : one.do === 'helped'
                  ? leave(`c${one.who}`, one.by)
                  : { tipo: 'tique', fresco: true }
          if (one.do === 'ask' && !helped.includes(`c${one.who}`) && !arrivals.includes(`c${one.who}`))
            arrivals.push(`c${one.who}`)
          const now = new Date(Date.UTC(2026, 0, 5) + seconds * 1_000)
          const before = vez
          vez = decideAt(vez, [command], { now, esperaIntervaloMs }).vez
          const waits = vez.espera.map(({ contato }) => contato.ids[0]?.slice(3))
          const made = vez.pendentes.slice(before.pendentes.length).filter(isProtocolo)
          for (const { por, contato } of made) if (por === 'regra') served.push(contato?.ids[0]?.slice(3) ?? '')
          if (one.do === 'helped' && arrivals.includes(`c${one.who}`) && !served.includes(`c${one.who}`)) {
            // Gone from the line; with somebody he has a number and asks no more, without one he may ask again.
            arrivals = arrivals.filter((each) => each !== `c${one.who}`)
            const hasSomebody = one.by !== undefined && one.by !== DELETED
            if (hasSomebody) helped.push(`c${one.who}`)
            expect(made.filter(({ por }) => por === 'ajudou')).toHaveLength(hasSomebody ? 1 : 0)
            expect(turnsOf(vez)).toEqual(turnsOf(before))
          }
          expect(new Set([...served, ...waits])).toEqual(new Set(arrivals))
        }
        expect(new Set(served).size).toBe(served.length)
        expect(served).toEqual(arrivals.slice(0, served.length))
      }),
    )
  })

  it('of several teams lets nobody take a customer while one waits before him whom he could take', () => {
    const members = [['vendas'], ['vendas', 'suporte'], [], ['suporte']]
    const equipes = ['vendas', 'Suporte', undefined]
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('ask' as const), who: fc.integer({ min: 0, max: 99 }) }),
        fc.record({ do: fc.constant('online' as const), id: fc.integer({ min: 1, max: 4 }), on: fc.boolean() }),
        fc.record({ do: fc.constant('pause' as const), id: fc.integer({ min: 1, max: 4 }) }),
        fc.record({ do: fc.constant('later' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 20_000), (history, esperaIntervaloMs) => {
        let vez = vezOf(members.map((own) => ({ equipes: own, online: false })))
        let seconds = 0
        let arrivals: string[] = []
        for (const one of history) {
          if (one.do === 'later') seconds += one.seconds
          if (one.do === 'ask') arrivals.push(`c${one.who}`)
          const command: Command =
            one.do === 'ask'
              ? chat(`c${one.who}`, omitUndefined({ equipe: equipes[one.who % 3] }))
              : one.do === 'online'
                ? { tipo: 'alterar', id: one.id, mudanca: { online: one.on } }
                : one.do === 'pause'
                  ? { tipo: 'alterar', id: one.id, mudanca: { pausa: { minutos: 1 } } }
                  : { tipo: 'tique', fresco: true }
          vez = decideAt(vez, [command], { now: later(seconds), esperaIntervaloMs }).vez
          for (const { consultor_id = 0, contato, equipe } of vez.pendentes.filter(isProtocolo)) {
            const own = members[consultor_id - 1] ?? []
            const mayTake = (team: string | undefined): boolean =>
              team === undefined || own.includes(team.toLowerCase())
            expect(mayTake(equipe)).toBe(true)
            const place = arrivals.indexOf(contato?.ids[0]?.slice(3) ?? '')
            const overtaken = vez.espera.filter(
              (waits) => mayTake(waits.equipe) && arrivals.indexOf(waits.contato.ids[0]?.slice(3) ?? '') < place,
            )
            expect(overtaken).toEqual([])
            // Nobody remembers him here, so he who asks once more arrives behind those who wait by then.
            arrivals = arrivals.filter((each) => each !== arrivals[place])
          }
          vez = { ...vez, pendentes: [], eventos: [] }
        }
      }),
    )
  })
})
