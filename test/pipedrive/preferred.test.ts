import { afterEach, describe, expect, it } from '@jest/globals'
import { testCanal } from '../support/chat.js'
import { type HeldTimers, holdTimers } from '../support/held-timers.js'
import { longAgo, type World, type WorldOptions, world } from '../support/pipedrive.js'
import { until } from '../support/until.js'

const [ANA, BIA, CAIO] = [11, 12, 13]
const DAY_MS = 86_400_000
const TIMER = 'pipedrive.preferred'
/** Until a test moves the clock on. */
const HANGS = { lentoMs: DAY_MS }

let w: World
let timers: HeldTimers
afterEach(() => w.end())

/** Three consultores with users; only a test ends the wait for Pipedrive. */
async function use(options: WorldOptions = {}): Promise<void> {
  w = await world({
    factor: 1,
    consultores: [ANA, BIA, CAIO].map((id_pipedrive) => ({ id_pipedrive })),
    clockOf: (shared) => {
      timers = holdTimers((name) => name === TIMER, shared)
      return timers.clock
    },
    ...options,
    env: { PIPEDRIVE_DONO_CONHECIDO: 'sim', ...options.env },
  })
  w.fake.asPerson.activate(CAIO)
}

let phones = 0
/** A person there whom we do not know. */
function person(owner_id?: number): { id: number; telefone: string } {
  phones += 1
  const telefone = `+55119${70_000_000 + phones}`
  const { id } = w.fake.asPerson.addPerson({ name: 'Cliente', phone: telefone, ...(owner_id && { owner_id }) })
  return { id, telefone }
}

const deal = (person_id: number, owner_id: number) => w.fake.asPerson.addDeal({ title: 'Negócio', person_id, owner_id })

/** What looking for owners has cost so far. */
const spent = async (): Promise<number> =>
  (
    await w.service.database.connection
      .collection<{ _id: string; tokens: number }>('pipedrive_conta')
      .findOne({ _id: 'procura' })
  )?.tokens ?? 0

const turnOf = async (telefone: string) => {
  const { consultor_id, preferencia } = await w.read(await w.serve({ telefone }))
  return { consultor_id, preferencia }
}

const followed = (consultor_id: number, motivo: string) => ({
  consultor_id,
  preferencia: { consultor_id, seguida: true, motivo },
})
const byRule = (consultor_id: number, motivo: string, preferred: number | null = null) => ({
  consultor_id,
  preferencia: { consultor_id: preferred, seguida: false, motivo },
})

describe('a customer whom Pipedrive knows', () => {
  it('goes to the owner of his newest open deal, who keeps his place, and is not asked about again', async () => {
    await use()
    const { id, telefone } = person(ANA)
    deal(id, BIA)
    deal(id, CAIO)
    expect(await turnOf(telefone)).toEqual(followed(3, 'negocio'))
    const once = await spent()
    expect(once).toBeGreaterThan(0)
    expect(await turnOf(telefone)).toEqual(followed(3, 'negocio'))
    expect(await spent()).toBe(once)
    // Nobody has had a turn by the rule.
    for (const consultor_id of [1, 2, 3])
      expect((await w.read(await w.serve(undefined))).consultor_id).toBe(consultor_id)
  })

  it('goes to the owner of his person, or of its organisation, where the deal is of somebody who is no consultor', async () => {
    await use()
    const ofPerson = person(BIA)
    deal(ofPerson.id, 1)
    expect(await turnOf(ofPerson.telefone)).toEqual(followed(2, 'pessoa'))
    const ofOrganization = person(1)
    const stored = w.fake.state.persons.find(({ id }) => id === ofOrganization.id)
    w.fake.state.organizations.push({ ...organization(CAIO), id: 900 })
    if (stored) stored.org_id = 900
    expect(await turnOf(ofOrganization.telefone)).toEqual(followed(3, 'organizacao'))
  })

  it('goes by the rule where that one cannot, and says why', async () => {
    await use()
    const { telefone } = person(CAIO)
    await w.service.call('PUT', '/consultor/3/connection?status=false')
    expect(await turnOf(telefone)).toEqual(byRule(1, 'offline', 3))
    expect(await turnOf(person(1).telefone)).toEqual(byRule(2, 'dono_sem_consultor'))
  })

  it('is followed when people there give him to somebody else, without a question', async () => {
    await use()
    const { id, telefone } = person(ANA)
    const first = deal(id, ANA)
    await turnOf(telefone)
    const once = await spent()
    await w.ended(1)
    w.fake.asPerson.changeOwner(first.id, BIA)
    await w.service.reconcile()
    expect(await turnOf(telefone)).toEqual(followed(2, 'negocio'))
    // A newer one, which no protocol of ours is about.
    const newer = deal(id, CAIO)
    await w.service.reconcile()
    expect(await turnOf(telefone)).toEqual(followed(3, 'negocio'))
    for (const n of [2, 3]) await w.ended(n)
    w.fake.asPerson.close(newer.id, 'lost')
    await w.service.reconcile()
    expect(await turnOf(telefone)).toEqual(followed(2, 'negocio'))
    await w.ended(4)
    w.fake.asPerson.close(first.id, 'won')
    w.fake.asPerson.changePersonOwner(id, CAIO)
    await longAgo(w.service, w.fake)
    await w.service.reconcile()
    expect(await turnOf(telefone)).toEqual(followed(3, 'pessoa'))
    expect(await spent()).toBe(once)
  })

  it('is asked about only by a request that takes a turn', async () => {
    await use()
    const canal = await testCanal(w.service, 'generico')
    const headers = { 'x-webhook-segredo': canal.segredo }
    const { telefone } = person(BIA)
    const ask = async (id: string, contato: object = { id: 'c', telefone }) =>
      (await canal.post({ id, contato }, { headers })).body
    expect(await ask('one')).toMatchObject({ situacao: 'atribuido', consultor: { id: 2 } })
    const once = await spent()
    // As if nothing were known of him: the next message still belongs to his protocol.
    await w.ended(1)
    await w.service.database.connection.collection('pipedrive_clientes').deleteMany({})
    expect(await ask('two')).toMatchObject({ situacao: 'em_atendimento', consultor: { id: 2 } })
    expect(await ask('three', { id: 'another', nome: 'Sem telefone' })).toMatchObject({ consultor: { id: 1 } })
    expect(await w.read(await w.serve(undefined))).toMatchObject({ preferencia: null })
    expect(await spent()).toBe(once)
  })
})

/** As the account keeps one. */
const organization = (owner_id: number) => ({
  ...{ name: 'Empresa', owner_id, visible_to: 3 },
  ...{ add_time: '2026-01-01T00:00:00Z', update_time: '2026-01-01T00:00:00Z', is_deleted: false },
})

describe('a customer whom Pipedrive does not know', () => {
  it('is looked for once a day, and goes by the rule', async () => {
    await use()
    const telefone = '+5511960000001'
    expect(await turnOf(telefone)).toEqual(byRule(1, 'sem_dono'))
    const once = await spent()
    await w.ended(1)
    await forgetOwner()
    expect(await turnOf(telefone)).toEqual(byRule(2, 'sem_dono'))
    expect(await spent()).toBe(once)
    await w.ended(2)
    await forgetOwner()
    w.fake.clock.advance(DAY_MS + 1_000)
    await turnOf(telefone)
    // The day's first: of the person whom the sync has made meanwhile.
    expect(await spent()).toBe(12)
  })

  it('is not looked for at all where it was not asked for', async () => {
    await use({ env: { PIPEDRIVE_DONO_CONHECIDO: 'nao' } })
    const { telefone } = person(BIA)
    expect(await turnOf(telefone)).toEqual({ consultor_id: 1, preferencia: null })
    expect(await spent()).toBe(0)
  })
})

/** What the sync has learnt of the customer's owner goes; that he was looked for stays. */
const forgetOwner = () =>
  w.service.database.connection
    .collection('pipedrive_clientes')
    .updateMany({}, { $unset: { donos: '', pessoa_dono_id: '' } })

describe('a Pipedrive that does not answer', () => {
  it('delays its own customer until the time is up, and nobody else', async () => {
    await use()
    const known = person(CAIO)
    await turnOf(known.telefone)
    await w.ended(1)
    w.fake.fault({ path: /persons\/search/, method: 'GET', times: 1, how: HANGS })
    const waiting = turnOf(person(BIA).telefone)
    await until(() => timers.timesSet(TIMER) === 2)
    expect((await w.read(await w.serve(undefined))).consultor_id).toBe(1)
    expect(await turnOf(known.telefone)).toEqual(followed(3, 'negocio'))
    expect(timers.msOf(TIMER)).toBe(1_500)
    await timers.fire(TIMER)
    expect(await waiting).toEqual(byRule(2, 'tempo_esgotado'))
    w.fake.clock.advance(DAY_MS)
  })

  it('is asked about few customers at once: the others go by the rule at once', async () => {
    await use()
    w.fake.fault({ path: /persons\/search/, method: 'GET', times: 8, how: HANGS })
    const hanging = Array.from({ length: 8 }, () => turnOf(person(BIA).telefone))
    await until(async () => (await spent()) === 8 * 74)
    expect(await turnOf(person(BIA).telefone)).toEqual(byRule(1, 'ocupado'))
    await timers.fire(TIMER)
    for (const one of await Promise.all(hanging)) expect(one.preferencia.motivo).toBe('tempo_esgotado')
    w.fake.clock.advance(DAY_MS)
  })

  it.each([
    ['limite', 'burst', 429],
    ['token', 'unauthorized', 401],
  ] as const)(
    'leaves it to the rule at once when it refuses, and while it is paused: %s',
    async (motivo, name, status) => {
      await use()
      const { ANSWERS } = await import('../../fakes/pipedrive/faults.js')
      w.fake.fault({ path: /persons\/search/, method: 'GET', times: Number.POSITIVE_INFINITY, how: ANSWERS[name] })
      const { telefone } = person(BIA)
      expect(await turnOf(telefone)).toEqual(byRule(1, motivo))
      expect(w.fake.calls.some((call) => call.status === status)).toBe(true)
      expect(await turnOf(person(BIA).telefone)).toEqual(byRule(2, 'em_pausa'))
    },
  )
})

describe('the budget', () => {
  it('is a tenth of the day at most, for all customers', async () => {
    await use()
    w.fake.limits.dailyLimit = 1_500
    // Only what Pipedrive has answered says how much a day has.
    await w.serve({ telefone: '+5511960000009' })
    await w.ended(1)
    const first = await turnOf(person(BIA).telefone)
    const motivos = [first, await turnOf(person(BIA).telefone), await turnOf(person(BIA).telefone)]
    expect(motivos.map(({ preferencia }) => preferencia.motivo)).toEqual(['pessoa', 'orcamento', 'orcamento'])
    expect(await spent()).toBeLessThanOrEqual(150)
  })
})
