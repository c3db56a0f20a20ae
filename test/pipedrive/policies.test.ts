import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ANSWERS } from '../../fakes/pipedrive/faults.js'
import { clienteHash } from '../../src/tarefas/cliente.js'
import { testCanal } from '../support/chat.js'
import { campo, numeroOf, ONE_EACH, PROTOCOLO, personsWith, type World, world } from '../support/pipedrive.js'
import { sample } from '../support/sample.js'
import { testService } from '../support/service.js'
import { until } from '../support/until.js'

const ANA = 11
const BIA = 12
/** Deactivated in the stand-in from the start. */
const CAIO = 13
const FACTOR = 1

let w: World
let endLast = async (): Promise<void> => undefined
afterAll(() => endLast())

/** The last one ends: each looks for work ten times as often as a service does. */
async function use(options: Parameters<typeof world>[0]): Promise<void> {
  await endLast()
  w = await world({ factor: FACTOR, ...options })
  endLast = w.end
}

let customers = 0
function newCustomer() {
  customers += 1
  const last8 = String(66_000_000 + customers)
  return { last8, contato: { nome: `Cliente ${customers}`, telefone: `+55119${last8}` } }
}

async function synced(contato: object | undefined) {
  const n = await w.serve(contato)
  expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  return { n, pipedrive: (await w.read(n)).pipedrive }
}

const dealOf = (id: number) => w.fake.state.deals.find((one) => one.id === id)

describe.each([
  ['manter', 'mantido_com_outro', BIA],
  ['transferir', 'transferido', ANA],
  ['novo', 'novo', BIA],
] as const)('an open deal of somebody else: %s', (policy, negocio, owner) => {
  beforeAll(() => use({ env: { PIPEDRIVE_NEGOCIO_DE_OUTRO: policy }, consultores: [{ id_pipedrive: ANA }] }))

  const withDeal = () => {
    const { last8, contato } = newCustomer()
    const person = w.fake.asPerson.addPerson({ name: contato.nome, phone: contato.telefone })
    const deal = w.fake.asPerson.addDeal({ title: 'De Bia', person_id: person.id, owner_id: BIA, stage_id: 2 })
    w.fake.asPerson.setField(deal.id, PROTOCOLO, 'antes')
    return { last8, contato, person, deal }
  }

  it('is done and recorded; value and stage stay', async () => {
    const { contato, deal, person } = withDeal()
    const { n, pipedrive } = await synced(contato)
    expect(pipedrive).toMatchObject({ negocio, pessoa_id: person.id })
    expect(pipedrive.negocio_id === deal.id).toBe(policy !== 'novo')
    expect(dealOf(deal.id)).toMatchObject({ owner_id: owner, stage_id: 2, value: 0, title: 'De Bia' })
    expect(w.of(n)).toEqual({ ...ONE_EACH, deals: policy === 'novo' ? 1 : 0 })
  })

  it('is recorded too when nobody knows what became of the call', async () => {
    const { contato } = withDeal()
    for (const path of [/^\/v2\/deals$/, /^\/v2\/deals\/\d+$/]) {
      for (const method of ['POST', 'PATCH']) w.fake.fault({ method, path, times: 1, how: 'cortar_depois' })
    }
    const { n, pipedrive } = await synced(contato)
    // Transferred by the attempt before, it is already his.
    expect(pipedrive.negocio).toBe(policy === 'transferir' ? 'aproveitado' : negocio)
    expect(w.of(n)).toEqual({ ...ONE_EACH, deals: policy === 'novo' ? 1 : 0 })
  })
})

describe('a consultor whose user is gone', () => {
  const outOf = async () => (await w.service.call('GET', '/vez')).body.fora

  it('is told, and stays in the sequence: avisar', async () => {
    await use({ consultores: [{ id_pipedrive: CAIO }] })
    const { n, pipedrive } = await synced(newCustomer().contato)
    expect(pipedrive).toMatchObject({ sem_usuario: true })
    expect(dealOf(pipedrive.negocio_id)?.owner_id).toBe(1)
    expect(w.of(n)).toEqual(ONE_EACH)
    expect(w.log()).toContain('user of Pipedrive is gone')
    expect(await outOf()).toEqual([])
  })

  it('leaves the sequence with the reason, until a person puts him back: tirar', async () => {
    const consultores = [{ id_pipedrive: CAIO }, { id_pipedrive: ANA }, {}]
    await use({ env: { PIPEDRIVE_USUARIO_INATIVO: 'tirar' }, consultores })
    const { pipedrive } = await synced(newCustomer().contato)
    expect(pipedrive).toMatchObject({ sem_usuario: true })
    expect(w.log()).toContain('out of the sequence')
    const [caio, ...more] = await outOf()
    expect(more).toEqual([])
    expect(caio.motivos).toEqual(['fora_da_sequencia', 'usuario_do_pipedrive_inativo'])
    for (let turn = 0; turn < 4; turn += 1) {
      const { n } = await synced(newCustomer().contato)
      expect((await w.read(n)).consultor_id).not.toBe(caio.consultor_id)
    }
    // Another change of his keeps the reason.
    const path = `/consultor/${caio.consultor_id}`
    await w.service.call('PUT', path, { body: { nome: 'Caio Lima' } })
    expect((await outOf())[0].motivos).toContain('usuario_do_pipedrive_inativo')
    await w.service.call('PUT', path, { body: { status_ativo_sequencial: true, id_pipedrive: BIA } })
    expect(await outOf()).toEqual([])
    await w.service.call('PUT', path, { body: { status_ativo_sequencial: false } })
    expect((await outOf())[0].motivos).toEqual(['fora_da_sequencia'])
  })

  it('is not one who has just been made there, nor one who never had any', async () => {
    await use({ env: { PIPEDRIVE_USUARIO_INATIVO: 'tirar' }, consultores: [{ id_pipedrive: ANA }] })
    await synced(newCustomer().contato)
    w.fake.state.users.push({ ...(w.fake.state.users[0] as (typeof w.fake.state.users)[0]), id: 77, name: 'Novo' })
    await w.service.call('PUT', '/consultor/1', { body: { id_pipedrive: 77 } })
    const { pipedrive } = await synced(newCustomer().contato)
    expect(dealOf(pipedrive.negocio_id)?.owner_id).toBe(77)
    await w.service.call('PUT', '/consultor/1', { body: { id_pipedrive: null } })
    const { pipedrive: without } = await synced(newCustomer().contato)
    expect(without.sem_usuario ?? false).toBe(false)
    expect(dealOf(without.negocio_id)?.owner_id).toBe(1)
    expect(w.log()).not.toContain('is gone')
    expect(await outOf()).toEqual([])
  })
})

describe('who has the person', () => {
  const personOf = (id: number) => w.fake.state.persons.find((one) => one.id === id)
  const moved = async (n: number, to: number, id: number) => {
    await w.service.call('PUT', `/protocolo/${n}`, { body: { responsavel_id: to } })
    await w.comes(() => dealOf(id)?.owner_id === (to === 1 ? ANA : BIA), 'the new owner of the deal')
    await w.quiet()
  }
  const two = [{ id_pipedrive: ANA }, { id_pipedrive: BIA, status_online: false }]

  it('that we made: whoever has the deal, now and later; one that was there before stays whose it is', async () => {
    await use({ consultores: two })
    const { contato } = newCustomer()
    const first = await synced(contato)
    const { pessoa_id, negocio_id } = first.pipedrive
    expect(personOf(pessoa_id)?.owner_id).toBe(ANA)
    await moved(first.n, 2, negocio_id)
    expect(personOf(pessoa_id)?.owner_id).toBe(BIA)

    w.fake.asPerson.close(negocio_id, 'won')
    const second = await synced(contato)
    expect(second.pipedrive.negocio_id).not.toBe(negocio_id)
    expect(personOf(pessoa_id)?.owner_id).toBe(ANA)

    const { contato: old } = newCustomer()
    const there = w.fake.asPerson.addPerson({ name: old.nome, phone: old.telefone, owner_id: BIA })
    const third = await synced(old)
    expect(third.pipedrive.pessoa_id).toBe(there.id)
    await moved(third.n, 2, third.pipedrive.negocio_id)
    await moved(third.n, 1, third.pipedrive.negocio_id)
    expect(personOf(there.id)?.owner_id).toBe(BIA)
  })

  it('is the token’s where it is set so, and nobody moves it', async () => {
    await use({ env: { PIPEDRIVE_DONO_DA_PESSOA: 'token' }, consultores: two })
    const { n, pipedrive } = await synced(newCustomer().contato)
    expect(personOf(pipedrive.pessoa_id)?.owner_id).toBe(1)
    await moved(n, 2, pipedrive.negocio_id)
    expect(personOf(pipedrive.pessoa_id)?.owner_id).toBe(1)
  })

  it('may be refused to the new one: everything else is there, and the protocol says so where people moved it', async () => {
    await use({ consultores: two })
    const { contato } = newCustomer()
    const { n, pipedrive } = await synced(contato)
    w.fake.fault({ method: 'PATCH', path: /deals\/\d+$/, times: 1, how: ANSWERS.forbidden })
    await w.service.call('PUT', `/protocolo/${n}`, { body: { responsavel_id: 2 } })
    const refused = async () => (await w.read(n)).pipedrive.dono_recusado
    await w.comes(async () => (await refused()) !== null, 'the word on the protocol')
    expect(await refused()).toMatchObject({ em: expect.any(String), status: 403 })
    const { fila } = (await w.service.call('GET', '/pipedrive/estado')).body
    expect(fila.motivos).toMatchObject([
      { estado: 'morta', tipo: 'pipedrive_responsavel', motivo: 'recusada:403', protocolos: [numeroOf(n)] },
    ])
    await w.service.call('POST', '/tarefas/repetir', { body: { tipo: 'pipedrive_responsavel' } })
    await w.comes(() => dealOf(pipedrive.negocio_id)?.owner_id === BIA, 'the new owner')
    await w.comes(async () => (await refused()) === null, 'the end of the word')

    w.fake.asPerson.close(pipedrive.negocio_id, 'won')
    w.fake.fault({ method: 'PATCH', path: /persons\/\d+$/, times: 9, how: ANSWERS.forbidden })
    const again = await synced(contato)
    expect(w.of(again.n)).toEqual(ONE_EACH)
  })
})

describe('a stage that the account has not', () => {
  it('kills nothing: the work waits, it is said which setting is wrong, and it goes on once the stage is there', async () => {
    await use({ env: { PIPEDRIVE_ETAPA: 'Chegada' } })
    const ns = [await w.serve(newCustomer().contato), await w.serve(newCustomer().contato)]
    const estado = async () => (await w.service.call('GET', '/pipedrive/estado')).body
    await w.allWait(2)
    const { pausa, fila, em_uso } = await estado()
    expect(pausa).toMatchObject({ falha: 'etapa', motivo: expect.stringContaining('PIPEDRIVE_ETAPA') })
    expect(fila).toMatchObject({ mortas: 0, motivos: [{ estado: 'pendente', motivo: 'etapa', quantas: 2 }] })
    expect(em_uso.motivo).toMatch(/PIPEDRIVE_ETAPA/)
    const looks = () => w.fake.calls.filter(({ path }) => path === '/v2/stages').length
    const before = looks()
    w.fake.state.stages.push({ id: 70, name: 'Chegada', pipeline_id: 1, order_nr: 9 })
    for (const n of ns) {
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
      expect(dealOf((await w.read(n)).pipedrive.negocio_id)).toMatchObject({ stage_id: 70 })
    }
    expect(looks()).toBe(before + 1)
  })
})

describe('which protocols', () => {
  const owed = async () => w.service.database.connection.collection('tarefas').countDocuments({ tipo: 'pipedrive' })

  it('a turn of nobody known becomes nothing, and a number alone neither', async () => {
    await use({})
    await w.service.call('GET', '/consultor/da-vez?idioma=pt')
    await w.service.call('GET', '/gerar-protocolo')
    const { n } = await synced(newCustomer().contato)
    expect(n).toBe(3)
    expect(await owed()).toBe(1)
  })

  it('with SEM_CONTATO=negocio each turn becomes a deal of the one person of whom nothing is known', async () => {
    await use({ env: { PIPEDRIVE_SEM_CONTATO: 'negocio' } })
    await w.service.call('GET', '/gerar-protocolo')
    const persons = () => w.fake.state.persons.filter(({ is_deleted }) => !is_deleted)
    // Of unknown outcome, and the index does not know it yet.
    w.fake.lag(3_600_000)
    w.fake.fault({ method: 'POST', path: /persons$/, times: 1, how: 'cortar_depois' })
    const ns = await Promise.all([w.serve(undefined), w.serve(undefined)])
    for (const n of ns) {
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
      expect(w.of(n)).toEqual(ONE_EACH)
    }
    w.fake.lag(0)
    expect(persons()).toMatchObject([{ name: 'Sem contato', phones: [], emails: [] }])
    const deals = await Promise.all(ns.map(async (n) => (await w.read(n)).pipedrive.negocio_id))
    expect(new Set(deals).size).toBe(2)
    for (const [place, id] of deals.entries())
      expect(dealOf(id)).toMatchObject({
        title: `Atendimento ${numeroOf(ns[place] ?? 0)} – Cliente ${numeroOf(ns[place] ?? 0)}`,
        person_id: persons()[0]?.id,
      })
    expect(await owed()).toBe(2)
    w.fake.fault({ method: 'POST', path: /./, times: 3, how: 'cortar_depois' })
    const again = await synced(undefined)
    expect(w.of(again.n)).toEqual(ONE_EACH)

    // Forgotten here it is found there, and one that is gone is made anew.
    await w.service.database.connection.collection('pipedrive_clientes').deleteMany({})
    w.fake.clock.advance(2 * 3_600_000)
    await synced(undefined)
    expect(persons()).toHaveLength(1)
    w.fake.asPerson.deletePerson(persons()[0]?.id ?? 0)
    await synced(undefined)
    expect(persons()).toMatchObject([{ name: 'Sem contato' }])
  })

  it('a customer who waits is not there before somebody has him', async () => {
    await use({ consultores: [{ id_pipedrive: ANA, status_online: false }] })
    const canal = await testCanal(w.service, 'generico', {
      esperar: true,
      idioma: 'pt',
      // Nobody listens there: what the customer is told is no matter here.
      ajustes: { retorno_url: 'http://127.0.0.1:9/' },
    })
    const { contato } = newCustomer()
    const answer = await canal.post({ id: 'm1', contato }, { headers: { 'x-webhook-segredo': canal.segredo } })
    expect(answer.body).toMatchObject({ situacao: 'em_espera' })
    await w.service.runRounds()
    expect(await owed()).toBe(0)
    expect(w.fake.calls).toEqual([])
    await w.service.call('PUT', '/consultor/1/connection?status=true')
    await until(async () => (await owed()) === 1, undefined, 'the customer to be served')
    expect(await w.ended(1)).toMatchObject({ estado: 'feita' })
    expect(w.of(1)).toEqual(ONE_EACH)
  })

  it('none without a token', async () => {
    const service = await testService({})
    await service.call('POST', '/consultor', { body: { nome: 'Ana Souza', idiomas: ['pt'], status_online: true } })
    await service.call('POST', '/vez', { body: { idioma: 'pt', contato: newCustomer().contato } })
    const protocolos = service.database.connection.collection('protocolos')
    await until(async () => (await protocolos.findOne({ n: 1 })) !== null, undefined, 'the copy')
    expect(await service.database.connection.collection('tarefas').findOne({})).toBeNull()
    await service.end()
  })
})

describe('a protocol that is anonymised', () => {
  beforeAll(() => use({}))
  const clienteOf = (contato: { telefone: string }) =>
    w.service.database.connection
      .collection<{ _id: string }>('pipedrive_clientes')
      .findOne({ _id: clienteHash({ ids: [], ...contato }) ?? '' })

  it('before it was synced becomes nothing there', async () => {
    const { contato, last8 } = newCustomer()
    w.fake.fault({ method: 'GET', path: /^\/v1\/users$/, times: 1, how: { status: 503 } })
    w.fake.clock.advance(7 * 3_600_000)
    const n = await w.serve(contato)
    await until(() => w.fake.faultsLeft() === 0, undefined, 'the first attempt')
    await w.service.call('POST', `/protocolo/${n}/anonimizar`)
    const before = w.fake.state.deals.length
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    expect(personsWith(w.fake, last8)).toBe(0)
    expect(w.fake.state.deals).toHaveLength(before)
  })

  it('afterwards is forgotten here, and so is the customer', async () => {
    const { contato } = newCustomer()
    const { n } = await synced(contato)
    expect(await clienteOf(contato)).not.toBeNull()
    await w.service.call('POST', `/protocolo/${n}/anonimizar`)
    expect((await w.read(n)).pipedrive).toBeNull()
    expect(await clienteOf(contato)).toBeNull()
  })

  it('in between is forgotten as well', async () => {
    const { contato } = newCustomer()
    let n = 0
    const anonymise = (): void => void w.service.call('POST', `/protocolo/${n}/anonimizar`)
    w.fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 1, how: { antes: anonymise } })
    w.fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 1, how: { lentoMs: 300 } })
    n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    expect((await w.read(n)).pipedrive).toBeNull()
    const left = await w.service.database.connection.collection('protocolos').findOne({ n })
    expect(left).not.toHaveProperty('pipedrive')
  })
})

describe('what changes between two of our calls', () => {
  beforeAll(async () => {
    await use({ consultores: [{ id_pipedrive: ANA }] })
    w.fake.state.fields.push(campo('c'.repeat(40), 'Consultor da vez'))
  })
  afterEach(() => expect(w.fake.faultsLeft()).toBe(0))

  const last = <T>(all: readonly T[]): T => all.at(-1) as T
  const happens = (method: string, path: RegExp, antes: () => void): void =>
    w.fake.fault({ method, path, times: 1, how: { antes } })
  const activity = /^\/v2\/activities$/
  const deal = /^\/v2\/deals$/

  const BETWEEN: readonly [string, RegExp, () => void][] = [
    [
      'the person is deleted before the deal is made',
      deal,
      () => w.fake.asPerson.deletePerson(last(w.fake.state.persons).id),
    ],
    [
      'the deal is deleted before the activity is made',
      activity,
      () => w.fake.asPerson.delete(last(w.fake.state.deals).id),
    ],
    [
      'the deal is won before the activity is made',
      activity,
      () => w.fake.asPerson.close(last(w.fake.state.deals).id, 'won'),
    ],
    [
      'the person is deleted before the activity is made',
      activity,
      () => w.fake.asPerson.deletePerson(last(w.fake.state.persons).id),
    ],
    ['a field is deleted before the deal is made', deal, () => w.fake.asPerson.deleteField('c'.repeat(40))],
  ]
  /** The record that changes, and the call before which it does. */
  const changes = sample('changes between two calls', BETWEEN, ([what, path]) => [
    what.split(' ')[1] ?? '',
    path.source,
  ])
  it.each(changes)('%s', async (_what, path, antes) => {
    const { contato, last8 } = newCustomer()
    happens('POST', path, antes)
    const { n, pipedrive } = await synced(contato)
    expect(w.of(n)).toEqual(ONE_EACH)
    expect(personsWith(w.fake, last8)).toBe(1)
    expect(dealOf(pipedrive.negocio_id)?.is_deleted).toBe(false)
    expect(w.fake.state.activities.find(({ id }) => id === pipedrive.atividade_id)?.deal_id).toBe(pipedrive.negocio_id)
  })

  it('the user is deactivated before the deal is made', async () => {
    happens('POST', deal, () => w.fake.asPerson.deactivate(ANA))
    const { n, pipedrive } = await synced(newCustomer().contato)
    expect(pipedrive).toMatchObject({ sem_usuario: true })
    expect(w.of(n)).toEqual(ONE_EACH)
    w.fake.asPerson.activate(ANA)
    w.fake.clock.advance(7 * 3_600_000)
  })

  const ENDS: readonly [string, (id: number) => void, number][] = [
    ['won', (id: number) => w.fake.asPerson.close(id, 'won'), 3_600_000],
    ['won at once', (id: number) => w.fake.asPerson.close(id, 'won'), 0],
    ['lost', (id: number) => w.fake.asPerson.close(id, 'lost', 'caro'), 3_600_000],
    ['deleted', (id: number) => w.fake.asPerson.delete(id), 3_600_000],
    ['archived', (id: number) => w.fake.asPerson.archive(id), 3_600_000],
  ]
  const isClosed = (what: string): boolean => what.startsWith('won') || what === 'lost'
  it.each(sample('ends of a deal', ENDS, ([what]) => [isClosed(what) ? 'closed' : what]))(
    'the deal of last time is %s: the customer gets another, and what is lost on the way is not taken for it',
    async (_what, change, passed) => {
      const { contato, last8 } = newCustomer()
      const first = await synced(contato)
      w.fake.clock.advance(passed)
      change(first.pipedrive.negocio_id)
      w.fake.fault({ method: 'POST', path: deal, times: 1, how: 'cortar_antes' })
      const { n, pipedrive } = await synced(contato)
      expect(pipedrive.negocio_id).not.toBe(first.pipedrive.negocio_id)
      expect(dealOf(pipedrive.negocio_id)).toMatchObject({ status: 'open', is_archived: false })
      expect(w.of(n)).toEqual(ONE_EACH)
      expect(personsWith(w.fake, last8)).toBe(1)
    },
  )

  it('an open deal of the person is won just before it is used: it is not taken for the one that was lost on the way', async () => {
    const { contato } = newCustomer()
    const person = w.fake.asPerson.addPerson({ name: contato.nome, phone: contato.telefone })
    const old = w.fake.asPerson.addDeal({ title: 'Antigo', person_id: person.id, owner_id: ANA })
    w.fake.clock.advance(3_600_000)
    happens('PATCH', /^\/v2\/deals\/\d+$/, () => w.fake.asPerson.close(old.id, 'won'))
    w.fake.fault({ method: 'POST', path: deal, times: 1, how: 'cortar_antes' })
    const { n, pipedrive } = await synced(contato)
    expect(pipedrive.negocio_id).not.toBe(old.id)
    expect(w.of(n)).toEqual(ONE_EACH)
  })

  it('the deal of last time is merged into another: that one is used', async () => {
    const { contato } = newCustomer()
    const first = await synced(contato)
    const other = w.fake.asPerson.addDeal({ title: 'Outro', person_id: first.pipedrive.pessoa_id, owner_id: ANA })
    w.fake.asPerson.mergeDeals(first.pipedrive.negocio_id, other.id)
    const { pipedrive } = await synced(contato)
    expect(pipedrive.negocio_id).toBe(other.id)
  })

  it.each([
    ['moved to another pipeline', (id: number) => w.fake.asPerson.moveStage(id, 3)],
    ['given to another person', (id: number) => giveToSomebody(id)],
  ])(
    'the deal of last time is %s unseen: the customer gets another, and that one stays as it is',
    async (_what, change) => {
      const { contato } = newCustomer()
      const first = await synced(contato)
      change(first.pipedrive.negocio_id)
      const { stage_id, person_id, owner_id } = dealOf(first.pipedrive.negocio_id) ?? {}
      const second = await synced(contato)
      expect(second.pipedrive.negocio_id).not.toBe(first.pipedrive.negocio_id)
      expect(second.pipedrive).toMatchObject({ negocio: 'criado', pessoa_id: first.pipedrive.pessoa_id })
      expect(w.of(second.n)).toEqual(ONE_EACH)
      expect(dealOf(first.pipedrive.negocio_id)).toMatchObject({ stage_id, person_id, owner_id })
      const third = await synced(contato)
      expect(third.pipedrive.negocio_id).toBe(second.pipedrive.negocio_id)
    },
  )

  function giveToSomebody(id: number): void {
    const found = dealOf(id)
    if (found) found.person_id = w.fake.asPerson.addPerson({ name: 'Outra', phone: '+5511900000001' }).id
  }

  it('the person has an organization there: the new deal is its too', async () => {
    const { contato } = newCustomer()
    const person = w.fake.asPerson.addPerson({ name: contato.nome, phone: contato.telefone })
    const { add_time, update_time } = person
    w.fake.state.organizations.push({
      ...{ id: 60, name: 'Empresa', owner_id: ANA, visible_to: 3 },
      ...{ add_time, update_time, is_deleted: false },
    })
    person.org_id = 60
    const { pipedrive } = await synced(contato)
    expect(dealOf(pipedrive.negocio_id)).toMatchObject({ person_id: person.id, org_id: 60 })
  })

  it('the users cannot be read: what is set goes on, with the id that we have', async () => {
    w.fake.clock.advance(7 * 3_600_000)
    w.fake.fault({ method: 'GET', path: /^\/v1\/users$/, times: 1, how: ANSWERS.forbidden })
    const { n, pipedrive } = await synced(newCustomer().contato)
    expect(w.of(n)).toEqual(ONE_EACH)
    expect(dealOf(pipedrive.negocio_id)?.owner_id).toBe(ANA)
    w.fake.clock.advance(7 * 3_600_000)
  })

  it('the person of last time is merged into another: that one is used', async () => {
    const { contato, last8 } = newCustomer()
    const first = await synced(contato)
    w.fake.asPerson.close(first.pipedrive.negocio_id, 'won')
    const other = w.fake.asPerson.addPerson({ name: 'Clara', phone: contato.telefone })
    w.fake.asPerson.mergePersons(first.pipedrive.pessoa_id, other.id)
    const { pipedrive } = await synced(contato)
    expect(pipedrive.pessoa_id).toBe(other.id)
    expect(personsWith(w.fake, last8)).toBe(1)
  })

  describe('the customer is known by another of his ids', () => {
    let lids = 0
    const nextLid = () => {
      lids += 1
      return `lid:${lids}`
    }
    const phonesOf = (id: number) => w.fake.state.persons.find((one) => one.id === id)?.phones.map(({ value }) => value)

    it('by none but that first: the telephone is added to the person that he is', async () => {
      const { contato } = newCustomer()
      const id = nextLid()
      const first = await synced({ nome: contato.nome, id })
      const { pipedrive } = await synced({ ...contato, id })
      expect(pipedrive).toMatchObject({ pessoa_id: first.pipedrive.pessoa_id, negocio_id: first.pipedrive.negocio_id })
      expect(phonesOf(pipedrive.pessoa_id)).toEqual([contato.telefone])
    })

    it('and without his telephone later: he is that person still', async () => {
      const { contato } = newCustomer()
      const id = nextLid()
      const first = await synced({ ...contato, id })
      const { pipedrive } = await synced({ nome: contato.nome, id })
      expect(pipedrive.pessoa_id).toBe(first.pipedrive.pessoa_id)
    })

    it('but with another telephone he is another; and of a person that is gone a new one is made', async () => {
      const [one, other] = [newCustomer().contato, newCustomer().contato]
      const id = nextLid()
      const first = await synced({ ...one, id })
      const second = await synced({ ...other, id })
      expect(second.pipedrive.pessoa_id).not.toBe(first.pipedrive.pessoa_id)
      w.fake.asPerson.deletePerson(second.pipedrive.pessoa_id)
      const third = await synced({ nome: one.nome, id })
      expect(third.pipedrive.pessoa_id).not.toBe(second.pipedrive.pessoa_id)
    })
  })

  /** Once at first, and once more after all that is known has been read again. */
  const refuseDeals = (): void => w.fake.fault({ method: 'POST', path: deal, times: 2, how: ANSWERS.forbidden })

  it('a later protocol has the deal: one that is worked off after it leaves its number there, and is done all the same', async () => {
    const { contato } = newCustomer()
    refuseDeals()
    const late = await w.serve(contato)
    expect(await w.ended(late)).toMatchObject({ estado: 'morta' })
    const { n, pipedrive } = await synced(contato)
    const [dead] = (await w.service.call('GET', '/tarefas?estado=morta')).body
    await w.service.call('POST', `/tarefas/${dead.id}/repetir`)
    await until(async () => (await w.ended(late)).estado === 'feita')
    expect(await w.read(late)).toMatchObject({ pipedrive: { negocio_id: pipedrive.negocio_id } })
    expect(dealOf(pipedrive.negocio_id)?.custom_fields[PROTOCOLO]).toBe(numeroOf(n))
    expect(w.of(late)).toEqual({ ...ONE_EACH, deals: 0 })
  })

  it('a refusal that nothing mends is dead and visible, and the customer’s next one does not make another person', async () => {
    const { contato, last8 } = newCustomer()
    refuseDeals()
    const n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'morta', motivo: 'recusada:403' })
    const { body } = await w.service.call('GET', '/tarefas?estado=morta')
    expect(body).toMatchObject([{ tipo: 'pipedrive', motivo: 'recusada:403' }])
    expect((await w.service.call('GET', '/pipedrive/estado')).body.fila.motivos).toMatchObject([
      { estado: 'morta', tipo: 'pipedrive', motivo: 'recusada:403', quantas: 1, protocolos: [numeroOf(n)] },
    ])
    w.fake.lag(60_000)
    await synced(contato)
    w.fake.lag(0)
    expect(personsWith(w.fake, last8)).toBe(1)
    const answer = await w.service.call('POST', '/tarefas/repetir', { body: { motivo: 'recusada', tipo: 'pipedrive' } })
    expect(answer.body).toEqual({ repetidas: 1, ha_mais: false })
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  })
})

describe('a plan that is full', () => {
  const estado = async () => (await w.service.call('GET', '/pipedrive/estado')).body
  const posts = () => w.fake.calls.filter(({ method, path }) => method === 'POST' && path === '/v2/deals').length

  beforeAll(() => use({ consultores: [{ id_pipedrive: ANA }], isPatient: true, factor: 10 }))

  it.each([false, true])(
    'is said, kills nothing, holds no other work, and goes on by itself (no code: %s)',
    async (omitCapCode) => {
      const [known, one, other] = [newCustomer(), newCustomer(), newCustomer()]
      const before = await synced(known.contato)
      w.fake.switches.omitCapCode = omitCapCode
      w.fake.limits.deals = 0
      const ns = [await w.serve(one.contato), await w.serve(other.contato)]
      await w.allWait(2)
      const { pausa, pausas, fila } = await estado()
      expect(pausa).toMatchObject({ falha: 'limite_do_plano', alcance: 'negocios_novos', ate: expect.any(String) })
      expect(pausa.motivo).toMatch(/limite do plano/)
      expect(pausas).toEqual([pausa])
      expect(fila).toMatchObject({
        mortas: 0,
        motivos: [{ estado: 'pendente', motivo: 'limite_do_plano', quantas: 2 }],
      })
      // Who has a deal already is served as ever.
      expect((await synced(known.contato)).pipedrive.negocio_id).toBe(before.pipedrive.negocio_id)

      w.fake.limits.deals = null
      w.fake.clock.advance(Date.parse(pausa.ate) - w.fake.clock.now().getTime() + 1_000)
      for (const n of ns) {
        expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
        expect(w.of(n)).toEqual(ONE_EACH)
      }
      expect(await estado()).toMatchObject({ pausa: null, pausas: [], fila: { pendentes: 0, mortas: 0 } })
    },
  )

  it('is tried at once when a person says so', async () => {
    w.fake.limits.deals = 0
    const n = await w.serve(newCustomer().contato)
    await w.allWait(1)
    const tried = posts()
    // Due before there may be room: it waits on, without a call.
    const due = w.fake.clock.now()
    const tarefas = w.service.database.connection.collection<{ vence_em: Date }>('tarefas')
    await tarefas.updateOne({ protocolo: n, tipo: 'pipedrive' }, { $set: { vence_em: due } })
    const asked = w.fake.calls.length
    const waits = { protocolo: n, tipo: 'pipedrive', estado: 'pendente' }
    await until(async () => ((await tarefas.findOne(waits))?.vence_em ?? due) > due, undefined, 'its next time')
    expect(w.fake.calls.length).toBe(asked)
    w.fake.limits.deals = null
    const answer = await w.service.call('POST', '/tarefas/repetir', {
      body: { motivo: 'limite_do_plano' },
    })
    expect(answer.body).toEqual({ repetidas: 1, ha_mais: false })
    await until(() => w.of(n).notes === 1, undefined, 'the sync')
    expect(posts()).toBe(tried + 1)
  })
})
