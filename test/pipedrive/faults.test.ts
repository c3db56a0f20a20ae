import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ANSWERS, type Fault, type How } from '../../fakes/pipedrive/faults.js'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { ONE_EACH, personsWith, SHORT_MS, type World, world } from '../support/pipedrive.js'
import { sample } from '../support/sample.js'

const FACTOR = 10
const HOURS_7 = 7 * 3_600_000

let w: World
let customers = 0

beforeAll(async () => {
  w = await world({ factor: FACTOR, timeoutMs: SHORT_MS })
  w.fake.lag(20_000)
})
afterAll(() => w.end())
afterEach(() => {
  expect(w.fake.faultsLeft()).toBe(0)
  expect(w.fake.unplanned).toEqual([])
  expect(w.log()).not.toContain(TOKEN)
})

/** Applied or not, answered or not: all that an outcome may be. A kind is what a client can tell. */
const FAULTS: readonly (readonly [kind: string, name: string, how: How])[] = [
  ['no answer', 'cut before it was done', 'cortar_antes'],
  ['no answer', 'done, then cut', 'cortar_depois'],
  ['too late', 'done, and never answered', 'demorar'],
  ['too late', 'done, and answered after our limit', { lentoMs: 3_600_000 }],
  ['slow', 'slow', { lentoMs: 1_000 }],
  ['unreadable', 'done, half of the JSON', 'metade'],
  ['unreadable', 'done, a page with 200', 'html'],
  ['unreadable', 'done, nothing with 200', 'vazio'],
  ['unreadable', 'a redirect', 'redirecionar'],
  ['too many', '429 with a reset', ANSWERS.burst],
  ['too many', '429 with Retry-After', ANSWERS.burstRetryAfter],
  ['a pause', '429, the budget gone', ANSWERS.budgetGone],
  ['a pause', '403 of Cloudflare', ANSWERS.cloudflare],
  ['account refused', '401', ANSWERS.unauthorized],
  ['account refused', '402', ANSWERS.unpaid],
  ['their error', '500 with nothing', ANSWERS.emptyError],
  ['their error', '500', ANSWERS.error],
  ['their error', '503', ANSWERS.maintenance],
]

const GETS = {
  account: [/^\/v1\/users$/, /^\/v2\/pipelines$/, /^\/v2\/stages$/, /^\/v2\/dealFields$/],
  search: [/^\/v2\/persons\/search$/],
  read: [/^\/v2\/persons\/\d+$/],
  open: [/^\/v2\/deals$/],
}

const POSTS = {
  person: /^\/v2\/persons$/,
  deal: /^\/v2\/deals$/,
  activity: /^\/v2\/activities$/,
  note: /^\/v1\/notes$/,
}

const fault = (method: string, path: RegExp, how: How, more: Partial<Fault> = {}): void =>
  w.fake.fault({ method, path, times: 1, how, ...more })

/** A customer whom nobody knows, with eight digits of his own. */
function newCustomer() {
  customers += 1
  const last8 = String(88_000_000 + customers)
  return { last8, contato: { nome: `Cliente ${customers}`, telefone: `+55119${last8}` } }
}

/** One whom the account knows under another form of his number, with an open deal. */
function known() {
  const { last8, contato } = newCustomer()
  const person = w.fake.asPerson.addPerson({ name: contato.nome, phone: `(11) ${last8}` })
  const deal = w.fake.asPerson.addDeal({ title: 'Antigo', person_id: person.id, owner_id: 11 })
  // Past the index's lag.
  w.fake.clock.advance(21_000)
  return { last8, contato, person, deal }
}

async function becomesOne(contato: { telefone: string }, last8: string): Promise<void> {
  const n = await w.serve(contato)
  expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  expect(w.of(n)).toEqual(ONE_EACH)
  expect(personsWith(w.fake, last8)).toBe(1)
  const { pipedrive } = await w.read(n)
  expect(w.fake.state.deals.find(({ id }) => id === pipedrive.negocio_id)).toMatchObject({
    person_id: pipedrive.pessoa_id,
  })
}

type Case = (how: How) => Promise<void>

const atEachLookAfter =
  (lost: 'cortar_antes' | 'cortar_depois'): Case =>
  async (how) => {
    const { contato, last8 } = newCustomer()
    for (const path of Object.values(POSTS)) fault('POST', path, lost)
    for (const path of [POSTS.person, POSTS.activity, POSTS.note]) fault('GET', path, how)
    fault('GET', POSTS.deal, how, { skip: 1 })
    if (lost === 'cortar_antes') fault('GET', /^\/v2\/itemSearch\/field$/, how)
    await becomesOne(contato, last8)
  }

const CASES: Readonly<Record<string, Case>> = {
  'at each look at the account, and where each record is made': async (how) => {
    w.fake.clock.advance(HOURS_7)
    for (const path of GETS.account) fault('GET', path, how)
    for (const path of Object.values(POSTS)) fault('POST', path, how)
    const all = Object.keys(POSTS).map(() => newCustomer())
    await Promise.all(all.map(({ contato, last8 }) => becomesOne(contato, last8)))
  },
  'where a known person is looked for, read and changed, and his open deal': async (how) => {
    const { contato, last8, person, deal } = known()
    for (const path of [...GETS.search, ...GETS.read, ...GETS.open]) fault('GET', path, how)
    fault('PATCH', /^\/v2\/persons\/\d+$/, how)
    fault('PATCH', /^\/v2\/deals\/\d+$/, how)
    const n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    expect(w.of(n)).toEqual({ ...ONE_EACH, deals: 0 })
    expect((await w.read(n)).pipedrive).toMatchObject({
      pessoa_id: person.id,
      negocio_id: deal.id,
      negocio: 'aproveitado',
    })
    expect(personsWith(w.fake, last8)).toBe(1)
    expect(person.phones.map(({ value }) => value)).toEqual([`(11) ${last8}`, contato.telefone])
  },
  'at each look after every creation was cortar_antes': atEachLookAfter('cortar_antes'),
  'at each look after every creation was cortar_depois': atEachLookAfter('cortar_depois'),
}

const MATRIX = FAULTS.flatMap(([kind, name, how]) => Object.keys(CASES).map((where) => ({ kind, name, how, where })))

describe('a fault of Pipedrive', () => {
  const taken = sample('faults of Pipedrive', MATRIX, ({ kind, where }) => [kind, where])
  it.each(taken)('$name, $where', ({ how, where }) => CASES[where]?.(how))
})
