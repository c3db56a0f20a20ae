import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isProtocolo } from '../../../src/vez/document.js'
import type { Command, CommandResult } from '../../../src/vez/rules/commands.js'
import { chat, decideAt, outcome, vezOf } from '../../support/vez.js'

describe('any history of customers who come back', () => {
  /** As the chat of the tests lets a customer wait. */
  const TWO_HOURS_S = 7_200
  const QUARTER_S = 900
  const id = fc.integer({ min: 1, max: 3 })
  const via = fc.constantFrom(['phone'], ['lid'], ['phone', 'lid'])
  const event = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        who: fc.integer({ min: 0, max: 3 }),
        message: fc.integer({ min: 0, max: 20 }),
        via,
        passes: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('online' as const), id, on: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('later' as const), seconds: fc.constantFrom(60, 800, 1_000) }),
    },
  )

  interface Given {
    readonly n: number
    readonly whose: number
    readonly ids: ReadonlySet<string>
    readonly key: string
    readonly continues?: number
  }
  type Waiting = { readonly ids: Set<string>; readonly key: string; readonly since: number }

  const meets = (one: ReadonlySet<string>, ids: readonly string[]): boolean => ids.some((each) => one.has(each))

  /** Who has which customer, from the words of the guides and not from the code. */
  class Model {
    readonly people = new Map(
      [1, 2, 3].map((one) => [one, { turno: 0, online: false, since: Number.NEGATIVE_INFINITY }]),
    )
    readonly given: Given[] = []
    waiting: Waiting[] = []
    at = 0

    #give(ids: ReadonlySet<string>, key: string, continues?: number): number | undefined {
      const [first] = [...this.people]
        .filter(([, { online }]) => online)
        .sort(([idA, a], [idB, b]) => a.turno - b.turno || idA - idB)
      if (!first) return undefined
      const n = this.given.length + 1
      first[1].turno = n
      this.given.push({ n, whose: first[0], ids, key, ...(continues !== undefined && { continues }) })
      return first[0]
    }

    #expire(): void {
      this.waiting = this.waiting.filter(({ since }) => this.at - since < TWO_HOURS_S)
    }

    switchTo(one: number, online: boolean): void {
      this.#expire()
      const person = this.people.get(one)
      if (!person || person.online === online) return
      person.online = online
      person.since = this.at
      this.waiting = this.waiting.filter(({ ids, key }) => this.#give(ids, key) === undefined)
    }

    /** To whom, or what else. */
    ask(key: string, ids: readonly string[], passes: boolean): number | string {
      this.#expire()
      const replay = this.given.find((one) => one.key === key)
      if (replay) return replay.whose
      const entries = this.waiting.filter((one) => one.key === key || meets(one.ids, ids))
      const [first, ...rest] = entries
      if (first) {
        for (const each of [...rest.flatMap((one) => [...one.ids]), ...ids]) first.ids.add(each)
        this.waiting = this.waiting.filter((one) => !rest.includes(one))
        return 'em_espera'
      }
      const before = this.given.findLast((one) => meets(one.ids, ids))
      if (!before) {
        const whose = this.#give(new Set(ids), key)
        if (whose === undefined) this.waiting.push({ ids: new Set(ids), key, since: this.at })
        return whose ?? 'em_espera'
      }
      const his = this.people.get(before.whose)
      const absent = his !== undefined && !his.online && this.at - his.since >= QUARTER_S
      const whose = absent && passes ? this.#give(new Set([...ids, ...before.ids]), key, before.n) : undefined
      return whose ?? (absent ? 'absent' : 'em_atendimento')
    }
  }

  const toCommand = (one: Exclude<typeof event extends fc.Arbitrary<infer T> ? T : never, { do: 'later' }>): Command =>
    one.do === 'online'
      ? { tipo: 'alterar', id: one.id, mudanca: { online: one.on } }
      : chat(`c${one.who}`, {
          chave: `c${one.who}:${one.message}`,
          contato: { ids: one.via.map((kind) => `${kind}:${one.who}`) },
          chat: { ausente: { ms: QUARTER_S * 1_000, ...(one.passes && { passar: {} }) } },
        })

  const told = (result: CommandResult | undefined): string | number | undefined =>
    result?.situacao === 'em_atendimento' && result.ausencia ? 'absent' : outcome(result)

  it('leaves each with his own, or passes him on by the rule to one who continues his protocol under all his ids', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80, size: 'max' }), (history) => {
        const model = new Model()
        let vez = vezOf([{ online: false }, { online: false }, { online: false }])
        for (const one of history) {
          if (one.do === 'later') {
            model.at += one.seconds
            continue
          }
          const decision = decideAt(vez, [toCommand(one)], { now: new Date(Date.UTC(2026, 0, 5) + model.at * 1_000) })
          vez = decision.vez
          if (one.do === 'online') model.switchTo(one.id, one.on)
          else {
            const ids = one.via.map((kind) => `${kind}:${one.who}`)
            expect(told(decision.results[0])).toBe(model.ask(`c${one.who}:${one.message}`, ids, one.passes))
          }
        }
        const protocols = vez.pendentes.filter(isProtocolo)
        expect(protocols.map(({ n, consultor_id, continua }) => [n, consultor_id, continua])).toEqual(
          model.given.map(({ n, whose, continues }) => [n, whose, continues]),
        )
        for (const { n, contato } of protocols) expect(new Set(contato?.ids)).toEqual(model.given[n - 1]?.ids)
        expect(vez.espera).toHaveLength(model.waiting.length)
        const continued = protocols.flatMap(({ continua }) => continua ?? [])
        expect(new Set(continued).size).toBe(continued.length)
      }),
    )
  })

  it('keeps two who are always there within one turn of each other, in any interval, whoever is passed on', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 80, size: 'max' }),
        fc.constantFrom(0, 20_000),
        (history, esperaIntervaloMs) => {
          // 1, 2 and 3 come and go; 4 and 5 are always there.
          let vez = vezOf([{ online: false }, { online: false }, { online: false }, {}, {}])
          let seconds = 0
          for (const one of history) {
            if (one.do === 'later') seconds += one.seconds
            const command: Command = one.do === 'later' ? { tipo: 'tique', fresco: true } : toCommand(one)
            const now = new Date(Date.UTC(2026, 0, 5) + seconds * 1_000)
            vez = decideAt(vez, [command], { now, esperaIntervaloMs }).vez
          }
          const difference = [0]
          for (const { consultor_id } of vez.pendentes.filter(isProtocolo)) {
            const last = difference.at(-1) ?? 0
            if (consultor_id === 4) difference.push(last + 1)
            if (consultor_id === 5) difference.push(last - 1)
          }
          expect(Math.max(...difference) - Math.min(...difference)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})
