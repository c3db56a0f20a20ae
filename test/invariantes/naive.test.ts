import { expect, it } from '@jest/globals'
import { check, type Event, unfairness } from '../support/checker.js'

const PEOPLE = 6
const TURNS = 60

interface Naive {
  readonly id: number
  turno: number
}

/**
 * The history of the obvious way, findOneAndUpdate with a sort by the longest wait, for callers who come so many at once. All
 * who come at once sort the same image; whoever meets a write conflict checks the filter on the same record again and does not
 * sort again (SERVER-86250), so all of them get the same person.
 */
function naiveHistory(atOnce: number): Event[] {
  const people: Naive[] = Array.from({ length: PEOPLE }, (_, place) => ({ id: place + 1, turno: 0 }))
  const events: Event[] = people.map(({ id }) => ({
    at: `0.${id}`,
    what: { tipo: 'consultor', id, idiomas: ['pt'], elegivel: true },
  }))
  let n = 0
  while (n < TURNS) {
    const [person] = [...people].sort((a, b) => a.turno - b.turno || a.id - b.id)
    if (!person) throw new Error('nobody')
    for (let caller = 0; caller < atOnce; caller += 1) {
      n += 1
      person.turno = n
      events.push({ at: `${n}.1`, what: { tipo: 'turno', idioma: 'pt', n, consultor_id: person.id } })
    }
  }
  return events
}

it('the obvious way passes the checker while callers come one by one, and not when two come at once', () => {
  const [alone, together] = [naiveHistory(1), naiveHistory(2)]
  expect(check(alone)).toEqual([])
  expect(unfairness(alone, 1, 2)).toBe(1)
  expect(check(together)).toHaveLength(TURNS / 2)
  expect(unfairness(together, 1, 2)).toBe(2)
})
