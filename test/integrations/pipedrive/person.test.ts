import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../../fakes/pipedrive/server.js'
import type { Pipedrive } from '../../../integrations/pipedrive/client.js'
import { pipedriveClient } from '../../../integrations/pipedrive/client.js'
import type { Atendimento } from '../../../integrations/pipedrive/mapping.js'
import { findPerson, madeSince, newPerson } from '../../../integrations/pipedrive/person.js'
import type { Gate } from '../../../integrations/pipedrive/wire.js'

const VENDAS = 1
const POS_VENDA = 2
const MINUTE = 60_000

let fake: FakePipedrive
let pipedrive: Pipedrive
const gate: Gate = {
  enter: async () => undefined,
  heard: () => undefined,
  failed: () => undefined,
  passed: () => undefined,
}
const mark = async (): Promise<void> => undefined

beforeAll(async () => {
  fake = await startFakePipedrive()
  pipedrive = pipedriveClient({ token: TOKEN, base: `${fake.url}/api`, gate })
})
afterAll(() => fake.end())
beforeEach(() => {
  fake.reset()
  Object.assign(fake.limits, { burst: 1_000, search: 1_000 })
})

const one = (contato: NonNullable<Atendimento['contato']>): Atendimento => ({
  numero: '#00001',
  pelaVez: true,
  contato,
})
const find = (contato: NonNullable<Atendimento['contato']>) => findPerson(pipedrive, one(contato), VENDAS)
const phonesOf = (id: number) => fake.state.persons.find((person) => person.id === id)?.phones

describe('who has this telephone there', () => {
  it.each([
    ...['+55 11 98765-4321', '551187654321', '(11) 98765-4321', '11 8765 4321', '011987654321'],
    ...['11 98765-4321 / 11 3333-4444', '0 15 11 98765-4321', '(11) 3333-4444; (11) 98765-4321'],
  ])('%s is found by +5511987654321', async (phone) => {
    const { id } = fake.asPerson.addPerson({ name: 'Clara', phone })
    fake.asPerson.addPerson({ name: 'Outra', phone: '(21) 98765-4321' })
    expect(await find({ telefone: '+5511987654321' })).toEqual({ pessoa_id: id })
  })

  it('a landline is nobody’s mobile', async () => {
    fake.asPerson.addPerson({ name: 'Loja', phone: '(11) 3210-4321' })
    expect(await find({ telefone: '+5511932104321' })).toBeUndefined()
    fake.reset()
    fake.asPerson.addPerson({ name: 'Clara', phone: '(11) 93210-4321' })
    expect(await find({ telefone: '+551132104321' })).toBeUndefined()
  })

  it('a new form is added to all that is there; one that is there is not', async () => {
    const { id } = fake.asPerson.addPerson({ name: 'Clara', phone: '(11) 98765-4321' })
    await pipedrive.setPhones(id, [
      { value: '(11) 98765-4321', label: 'mobile', primary: true },
      { value: '(11) 3210-0000', label: 'home', primary: false },
    ])
    const before = phonesOf(id)
    await find({ telefone: '+5511987654321' })
    expect(phonesOf(id)).toEqual(before)
    await find({ telefone: '+551187654321' })
    expect(phonesOf(id)).toEqual([...(before ?? []), { value: '+551187654321', label: 'whatsapp', primary: false }])
    await find({ telefone: '+551187654321' })
    expect(phonesOf(id)).toHaveLength(3)
  })

  it('of several the one with an open deal in our pipeline, and the others are told', async () => {
    const [a, b, c] = fake.seed.samePhone(3).map(({ id }) => id)
    if (a === undefined || b === undefined || c === undefined) throw new Error('three')
    fake.asPerson.addDeal({ title: 'Velho', person_id: a })
    fake.clock.advance(MINUTE)
    const won = fake.asPerson.addDeal({ title: 'Ganho', person_id: b })
    fake.asPerson.close(won.id, 'won')
    fake.asPerson.addDeal({ title: 'Outro funil', person_id: c, stage_id: 3 })
    fake.clock.advance(MINUTE)
    await pipedrive.setPhones(c, [{ value: '(11) 98765-4321' }, { value: '(11) 3333-0000' }])
    const found = await find({ telefone: '+5511987654321' })
    expect(found?.pessoa_id).toBe(a)
    expect([...(found?.duplicadas ?? [])].sort()).toEqual([b, c].sort())
    expect(fake.state.persons.filter(({ is_deleted }) => !is_deleted)).toHaveLength(3)
    expect((await findPerson(pipedrive, one({ telefone: '+5511987654321' }), POS_VENDA))?.pessoa_id).toBe(c)
  })

  it('of several without a deal the last changed', async () => {
    const [a, b] = fake.seed.samePhone(2).map(({ id }) => id)
    if (a === undefined || b === undefined) throw new Error('two')
    fake.clock.advance(MINUTE)
    await pipedrive.setPhones(a, [{ value: '(11) 98765-4321' }])
    expect(await find({ telefone: '+5511987654321' })).toEqual({ pessoa_id: a, duplicadas: [b] })
  })

  it('not one who was deleted between search and look', async () => {
    const { id } = fake.asPerson.addPerson({ name: 'Clara', phone: '+5511987654321' })
    const antes = (): void => fake.asPerson.deletePerson(id)
    fake.fault({ method: 'GET', path: /^\/v2\/persons\/\d+$/, times: 1, how: { antes } })
    expect(await find({ telefone: '+5511987654321' })).toBeUndefined()
  })

  it('else who has this e-mail, in whatever case, and gets the number', async () => {
    const { id } = fake.asPerson.addPerson({ name: 'Clara', email: 'Clara@Exemplo.com.br' })
    expect(await find({ telefone: '+5511987654321', email: 'clara@exemplo.com.br' })).toEqual({ pessoa_id: id })
    expect(phonesOf(id)?.map(({ value }) => value)).toEqual(['+5511987654321'])
    expect(await find({ email: 'outra@exemplo.com.br' })).toBeUndefined()
    expect(await find({ nome: 'Clara' })).toBeUndefined()
  })
})

describe('a search that finds only beginnings', () => {
  it.each(['(11) 98765-4321', '11987654321', '11 98765-4321 / 11 3333-4444', '11 3333-4444; (11) 98765-4321'])(
    'finds %s, and asks in other ways only then',
    async (phone) => {
      const { id } = fake.asPerson.addPerson({ name: 'Clara', phone })
      const searches = () => fake.calls.filter(({ path }) => path === '/v2/persons/search').length
      fake.switches.phoneSearch = 'inicio'
      expect(await find({ telefone: '+5511987654321' })).toMatchObject({ pessoa_id: id })
      expect(searches()).toBeGreaterThan(1)
    },
  )
})

describe('an e-mail that several share', () => {
  const EMAIL = 'contato@empresa.com.br'
  const ask = (telefone?: string) => find({ email: EMAIL, ...(telefone && { telefone }) })

  it('joins nobody to who has another mobile, whatever number the customer has', async () => {
    const { id } = fake.asPerson.addPerson({ name: 'Clara', email: EMAIL, phone: '(11) 98765-4321' })
    expect(await ask('+5511987650000')).toBeUndefined()
    expect(await ask('+551133334444')).toBeUndefined()
    expect(phonesOf(id)).toHaveLength(1)
    expect(await ask('+5511987654321')).toEqual({ pessoa_id: id })
    expect(await ask()).toEqual({ pessoa_id: id })
  })

  it('joins who has a landline or no number, and gives him the mobile', async () => {
    const { id } = fake.asPerson.addPerson({ name: 'Loja', email: EMAIL, phone: '(11) 3333-4444' })
    expect(await ask('+5511987650000')).toEqual({ pessoa_id: id })
    expect(phonesOf(id)?.map(({ value }) => value)).toEqual(['(11) 3333-4444', '+5511987650000'])
    expect(await ask('+5511987651111')).toBeUndefined()
  })

  it('of any number of persons finds the one that fits, and never one whose address only contains it', async () => {
    for (let count = 0; count < 40; count += 1)
      fake.asPerson.addPerson({ name: `Colega ${count}`, email: EMAIL, phone: `(11) 98765-${1_000 + count}` })
    for (let count = 0; count < 110; count += 1)
      fake.asPerson.addPerson({ name: `Outro ${count}`, email: `x${count}${EMAIL}` })
    expect(await ask('+5511987659999')).toBeUndefined()
    const { id } = fake.asPerson.addPerson({ name: 'Clara', email: EMAIL.toUpperCase() })
    expect(await ask('+5511987659999')).toEqual({ pessoa_id: id })
    for (const { path, status } of fake.calls) expect([path, status]).toEqual([path, 200])
  })
})

describe('whom an attempt of unknown outcome made', () => {
  const since = new Date(Date.now() - MINUTE)
  const made = async (contato: NonNullable<Atendimento['contato']>) =>
    pipedrive.addPerson(newPerson(one(contato)), mark)
  const nobodys = async (): Promise<boolean> => false

  it.each([
    [{ nome: 'Clara', telefone: '+5511987654321' }],
    [{ nome: 'Clara', email: 'clara@exemplo.com.br' }],
    [{ nome: 'Clara' }],
    [{}],
  ])('%j is known by the list while the index knows nobody', async (contato) => {
    fake.lag(MINUTE)
    await made({ nome: 'Outra', telefone: '+5511900000000' })
    const id = await made(contato)
    expect(await madeSince(pipedrive, one(contato), since, nobodys)).toBe(id)
    expect(await madeSince(pipedrive, one({ telefone: '+5511911111111' }), since, nobodys)).toBeUndefined()
  })

  it('of a bare name is nobody who was there before, nor whom another protocol became', async () => {
    const old = await made({ nome: 'Maria' })
    const later = new Date(fake.clock.now().getTime() + MINUTE)
    fake.clock.advance(2 * MINUTE)
    await pipedrive.setPhones(old, [])
    expect(await madeSince(pipedrive, one({ nome: 'Maria' }), later, nobodys)).toBeUndefined()
    const [hers, his] = [await made({ nome: 'Maria' }), await made({ nome: 'Maria' })]
    expect(await madeSince(pipedrive, one({ nome: 'Maria' }), later, async (id) => id === hers)).toBe(his)
  })
})
