import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import { isWorkedOff } from '../support/chat.js'
import { fastClock } from '../support/fast-clock.js'
import { hurried } from '../support/hurried-clock.js'
import { becomes, isNoted, longAgo, stored } from '../support/pipedrive.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let fake: FakePipedrive
let service: TestService
let ana: number
let bia: number

beforeAll(async () => {
  // Fast enough that nobody waits, slow enough that a request has its time on a busy machine.
  fake = await startFakePipedrive({ clock: fastClock(5) })
  fake.limits.burst = 1_000
  service = await testService({
    clock: hurried(fake.clock),
    // Looks for what was lost only where a test asks for it.
    env: (url) => ({
      PIPEDRIVE_API_TOKEN: TOKEN,
      PIPEDRIVE_BASE_URL: fake.url,
      API_URL: url,
      PIPEDRIVE_RECONCILIAR_MIN: '0',
      PIPEDRIVE_DONO_CONHECIDO: 'sim',
    }),
  })
  const setup = await service.call('POST', '/pipedrive/setup', { body: {} })
  expect(setup.body.passos.filter(({ situacao }: { situacao: string }) => situacao === 'erro')).toEqual([])
  ana = await consultor('Ana', 11)
  bia = await consultor('Bia', 12)
})

afterAll(async () => {
  await service.end()
  await fake.end()
})

beforeEach(() => {
  Object.assign(fake.webhookSwitches, { duplicate: false, outOfOrder: false, drop: false, permitted: null })
  fake.switches.assignTo = null
})

async function consultor(nome: string, id_pipedrive?: number): Promise<number> {
  const body = { nome, idiomas: ['pt'], status_online: true, ...(id_pipedrive && { id_pipedrive }) }
  return (await service.call('POST', '/consultor', { body })).body.id
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
const protocolo = async (id: number): Promise<any> => (await service.call('GET', `/protocolo/${id}`)).body

let phones = 0
/** A protocol of this consultor with a customer, a new one unless he is named, once it is at Pipedrive. */
async function atendimento(consultor_id = ana, customer = phones + 1) {
  phones = Math.max(phones, customer)
  const contato = { nome: `Cliente ${customer}`, telefone: `+55119${80_000_000 + customer}` }
  const { body } = await service.call('POST', '/protocolo', { body: { consultor_id, contato } })
  await isNoted(service, body.id)
  // Who changes a deal has seen it first; a rule is quicker.
  fake.clock.advance(61_000)
  return { n: body.id as number, ...(await protocolo(body.id)).pipedrive }
}

/** It is at Pipedrive, after waits that the clock is moved over. */
const settled = (n: number) =>
  until(async () => {
    const tarefas = service.database.connection.collection<{ vence_em: Date }>('tarefas')
    const failed = { protocolo: n, tipo: 'pipedrive', estado: 'pendente', tentativas: { $gt: 0 } }
    const { vence_em } = (await tarefas.findOne(failed)) ?? {}
    if (vence_em) fake.clock.advance(Math.max(0, vence_em.getTime() - fake.clock.now().getTime()))
    return (await stored(service, n))?.pipedrive?.nota_id !== undefined
  })

/** All that has come is worked off. */
const quiet = () =>
  until(async () => {
    await fake.delivered()
    return isWorkedOff(service)
  })

const deal = (id: number) => fake.state.deals.find((one) => one.id === id)
const activity = (id: number) => fake.state.activities.find((one) => one.id === id)

describe('what people change at Pipedrive', () => {
  it('comes back: an activity that is done ends the protocol, reopened it goes on', async () => {
    const { n, atividade_id } = await atendimento()
    fake.asPerson.finishActivity(atividade_id)
    await becomes(service, n, { status: 'concluido' })
    expect((await protocolo(n)).historico).toMatchObject([
      { tipo: 'status', de: 'aberto', para: 'concluido', motivo: 'atividade_concluida' },
    ])
    fake.asPerson.reopenActivity(atividade_id)
    await becomes(service, n, { status: 'em_andamento', encerrado_em: null })
  })

  it('comes back: the customer is with whoever got the deal, and the activity goes along', async () => {
    const { n, negocio_id, atividade_id } = await atendimento(ana)
    fake.asPerson.changeOwner(negocio_id, 12)
    await becomes(service, n, { responsavel_id: bia, consultor_id: ana })
    expect((await protocolo(n)).historico).toMatchObject([{ tipo: 'responsavel', de: ana, para: bia }])
    await until(() => activity(atividade_id)?.owner_id === 12)
    await quiet()
    expect((await protocolo(n)).historico).toHaveLength(1)
  })

  it('comes back: somebody who is no consultor is nobody here, by his name', async () => {
    const { n, negocio_id } = await atendimento()
    fake.asPerson.changeOwner(negocio_id, 1)
    await becomes(service, n, { responsavel_id: null })
    expect((await protocolo(n)).historico).toMatchObject([{ de: ana, para: 'Integração' }])
  })

  it('comes back: won or lost ends the protocol, with the reason; the next conversation gets a new deal', async () => {
    const { n, negocio_id } = await atendimento()
    fake.asPerson.close(negocio_id, 'lost', 'preço')
    await becomes(service, n, { status: 'concluido' })
    expect(await protocolo(n)).toMatchObject({
      historico: [{ para: 'concluido', motivo: 'negocio_perdido' }],
      pipedrive: { negocio_situacao: 'lost', motivo_da_perda: 'preço' },
    })
    await quiet()
    const closed = JSON.stringify(deal(negocio_id))
    const next = await atendimento(ana, phones)
    expect(next.negocio_id).not.toBe(negocio_id)
    expect(JSON.stringify(deal(negocio_id))).toBe(closed)
  })

  it('comes back: a deleted deal is told of on the protocol', async () => {
    const { n, negocio_id } = await atendimento()
    fake.asPerson.delete(negocio_id)
    await until(async () => (await stored(service, n))?.historico?.length > 0)
    expect(await protocolo(n)).toMatchObject({
      status: 'aberto',
      historico: [{ tipo: 'pipedrive', motivo: 'negocio_excluido' }],
    })
  })

  it('comes back: of a merge the ids that stay are kept', async () => {
    const [first, second] = [await atendimento(), await atendimento()]
    fake.asPerson.mergePersons(first.pessoa_id, second.pessoa_id)
    fake.asPerson.mergeDeals(first.negocio_id, second.negocio_id)
    await until(async () => (await stored(service, first.n))?.pipedrive.negocio_id === second.negocio_id)
    await until(async () => (await stored(service, first.n))?.pipedrive.pessoa_id === second.pessoa_id)
    fake.asPerson.close(second.negocio_id, 'won')
    await becomes(service, first.n, { status: 'concluido' })
    await becomes(service, second.n, { status: 'concluido' })
  })

  it('ends in the same, however often, late and out of order its events come', async () => {
    Object.assign(fake.webhookSwitches, { duplicate: true, outOfOrder: true, permitted: 300 })
    const { n, negocio_id, atividade_id } = await atendimento()
    for (const owner of [12, 11, 1, 12]) fake.asPerson.changeOwner(negocio_id, owner)
    fake.asPerson.finishActivity(atividade_id)
    fake.asPerson.reopenActivity(atividade_id)
    fake.asPerson.finishActivity(atividade_id)
    await quiet()
    await becomes(service, n, { responsavel_id: bia, status: 'concluido' })
    const done = (await service.call('GET', '/tarefas?estado=morta')).body
    expect(done).toEqual([])
  })

  it('is found by lists when all its events were lost; both sides agree then', async () => {
    const { n, negocio_id, atividade_id } = await atendimento()
    const other = await atendimento()
    const before = fake.clock.now().getTime()
    fake.webhookSwitches.drop = true
    fake.asPerson.changeOwner(negocio_id, 12)
    fake.asPerson.finishActivity(atividade_id)
    fake.asPerson.delete(other.negocio_id)
    await longAgo(service, fake)
    await service.reconcile()
    await becomes(service, n, { responsavel_id: bia, status: 'concluido' })
    expect((await protocolo(other.n)).historico).toMatchObject([{ motivo: 'negocio_excluido' }])
    const { reconciliado_em } = (await service.call('GET', '/pipedrive/estado')).body
    expect(Date.parse(reconciliado_em)).toBeGreaterThan(before)
  })

  it('of a consultor without a user: the deal is the token’s, and whoever gets it first gets the customer too', async () => {
    const duda = await consultor('Duda')
    const one = await atendimento(duda)
    expect([deal(one.negocio_id)?.owner_id, activity(one.atividade_id)?.owner_id]).toEqual([1, 1])
    expect((await protocolo(one.n)).historico).toEqual([])
    fake.asPerson.changeOwner(one.negocio_id, 11)
    await becomes(service, one.n, { responsavel_id: ana })
    expect((await protocolo(one.n)).historico).toMatchObject([{ tipo: 'responsavel', de: duda, para: ana }])
    await until(() => activity(one.atividade_id)?.owner_id === 11)

    const other = await atendimento(duda)
    fake.asPerson.moveActivity(other.atividade_id, 12)
    await becomes(service, other.n, { responsavel_id: bia })
  })

  it('of a deal of unknown outcome and no owner: the first who gets it counts as well', async () => {
    const duda = await consultor('Elis')
    for (const path of [/^\/v2\/deals$/, /^\/v2\/activities$/])
      fake.fault({ method: 'POST', path, times: 1, how: 'cortar_depois' })
    const contato = { nome: 'Sem dono', telefone: '+5511977770001' }
    const { body } = await service.call('POST', '/protocolo', { body: { consultor_id: duda, contato } })
    await settled(body.id)
    fake.asPerson.changeOwner((await protocolo(body.id)).pipedrive.negocio_id, 11)
    await becomes(service, body.id, { responsavel_id: ana })
  })

  it('comes back: an archived deal ends the protocol; reopened or taken out of the archive, it goes on', async () => {
    const [kept, lost] = [await atendimento(), await atendimento()]
    fake.asPerson.archive(kept.negocio_id)
    await becomes(service, kept.n, { status: 'concluido' })
    expect((await protocolo(kept.n)).historico).toMatchObject([{ para: 'concluido', motivo: 'arquivado' }])
    fake.asPerson.close(lost.negocio_id, 'lost', 'sumiu')
    await becomes(service, lost.n, { status: 'concluido' })
    fake.asPerson.unarchive(kept.negocio_id)
    fake.asPerson.reopen(lost.negocio_id)
    for (const { n } of [kept, lost]) {
      await becomes(service, n, { status: 'em_andamento', encerrado_em: null })
      expect((await protocolo(n)).historico.at(-1)).toMatchObject({ de: 'concluido', motivo: 'negocio_reaberto' })
    }
    fake.webhookSwitches.drop = true
    fake.asPerson.archive(kept.negocio_id)
    await longAgo(service, fake)
    await service.reconcile()
    await becomes(service, kept.n, { status: 'concluido' })
  })

  it('counts also where a rule of the account did it, which is reported once three in a row are given away at once', async () => {
    const told = async () => (await service.call('GET', '/pipedrive/estado')).body.atribuicao_automatica
    await atendimento(ana)
    fake.switches.assignTo = 12
    const rule = async () => {
      const { n, atividade_id } = await atendimento(ana)
      await becomes(service, n, { responsavel_id: bia })
      expect((await protocolo(n)).historico).toMatchObject([{ tipo: 'responsavel', de: ana, para: bia }])
      await until(() => activity(atividade_id)?.owner_id === 12)
      await quiet()
    }
    await rule()
    await rule()
    fake.switches.assignTo = null
    await atendimento(ana)
    fake.switches.assignTo = 12
    await rule()
    await rule()
    expect(await told()).toBeNull()
    await rule()
    expect(await told()).toMatchObject({ o_que_fazer: expect.stringContaining('desligue') })
  })
})

describe('what a rule of the account changes at once', () => {
  it.each([
    ['whose answer comes later than the events', 3_000, 0],
    // Its second try comes before the answer, too.
    ['of which the events cannot be looked at at first', 10_000, 1],
  ])('counts for a deal %s', async (_, lentoMs, times) => {
    fake.switches.assignTo = 12
    fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 1, how: { lentoMs } })
    if (times > 0) fake.fault({ method: 'GET', path: /^\/v2\/deals\/\d+$/, times, skip: 1, how: { status: 503 } })
    const { n, atividade_id } = await atendimento(ana)
    await becomes(service, n, { responsavel_id: bia })
    await until(() => activity(atividade_id)?.owner_id === 12)
    await quiet()
    expect(fake.faultsLeft()).toBe(0)
  })
})

describe('whose customer somebody is', () => {
  it('is known by the events of what people change there, and asked for nowhere', async () => {
    const { pessoa_id, negocio_id } = await atendimento(ana)
    const contato = { telefone: `+55119${80_000_000 + phones}` }
    const asked = () => fake.calls.filter(({ path }) => /search|^\/v2\/deals$/.test(path)).length
    const before = asked()
    const goesTo = async (consultor_id: number, motivo: string): Promise<void> => {
      await quiet()
      const { body } = await service.call('POST', '/vez', { body: { idioma: 'pt', contato } })
      const n = Number(body.protocolo.slice(1))
      expect((await protocolo(n)).preferencia).toEqual({ consultor_id, seguida: true, motivo })
      await settled(n)
      await quiet()
    }
    const theirs = fake.asPerson.addDeal({ title: 'Feito à mão', person_id: pessoa_id, owner_id: 12 })
    await goesTo(bia, 'negocio')
    fake.asPerson.changeOwner(theirs.id, 11)
    await goesTo(ana, 'negocio')
    fake.asPerson.changeOwner(negocio_id, 12)
    fake.asPerson.close(theirs.id, 'lost')
    await goesTo(bia, 'negocio')
    expect(asked()).toBe(before)
    const other = fake.asPerson.addPerson({ name: 'Outra', phone: '+5511900000002' })
    fake.asPerson.giveDealTo(negocio_id, other.id)
    fake.asPerson.changePersonOwner(pessoa_id, 11)
    await goesTo(ana, 'pessoa')
  })
})

describe('what changes here', () => {
  it('goes there: over here is done there, and the other way round', async () => {
    const { n, atividade_id } = await atendimento()
    await service.call('PUT', `/protocolo/${n}`, { body: { status: 'concluido' } })
    await until(() => activity(atividade_id)?.done === true)
    await quiet()
    await service.call('PUT', `/protocolo/${n}`, { body: { status: 'em_andamento' } })
    await until(() => activity(atividade_id)?.done === false)
    await quiet()
    expect(await protocolo(n)).toMatchObject({ status: 'em_andamento' })
    expect((await protocolo(n)).historico).toHaveLength(2)
  })

  it('goes there: deal and activity are given to whoever has the customer now', async () => {
    const { n, negocio_id, atividade_id } = await atendimento(ana)
    await service.call('PUT', `/protocolo/${n}`, { body: { responsavel_id: bia } })
    await until(() => deal(negocio_id)?.owner_id === 12 && activity(atividade_id)?.owner_id === 12)
    await quiet()
    expect((await protocolo(n)).historico).toMatchObject([{ tipo: 'responsavel', de: ana, para: bia, motivo: null }])
  })

  it('brings back what nobody has told of yet: the answer shows all of the record', async () => {
    fake.webhookSwitches.drop = true
    const [one, other] = [await atendimento(ana), await atendimento(ana)]
    fake.asPerson.finishActivity(one.atividade_id)
    fake.asPerson.close(other.negocio_id, 'won')
    for (const { n } of [one, other]) await service.call('PUT', `/protocolo/${n}`, { body: { responsavel_id: bia } })
    await becomes(service, one.n, { responsavel_id: bia, status: 'concluido' })
    await becomes(service, other.n, { responsavel_id: bia, status: 'concluido' })
  })

  it('before it is there is there as soon as it is', async () => {
    fake.fault({ method: 'POST', path: /persons$/, times: 1, how: { status: 503 } })
    const contato = { nome: 'Rápido', telefone: '+5511977770000' }
    const { body } = await service.call('POST', '/protocolo', { body: { consultor_id: ana, contato } })
    await service.call('PUT', `/protocolo/${body.id}`, { body: { responsavel_id: bia, status: 'concluido' } })
    // Whether the person was made is unknown: it is looked for once the index has caught up.
    await settled(body.id)
    const { negocio_id, atividade_id } = (await protocolo(body.id)).pipedrive
    await until(() => activity(atividade_id)?.done === true)
    expect([deal(negocio_id)?.owner_id, activity(atividade_id)?.owner_id]).toEqual([12, 12])
  })
})

describe('a webhook', () => {
  const hook = () => fake.state.webhooks[0]
  const post = (path: string, headers: Record<string, string>, raw: string) =>
    service.call('POST', path, { raw, headers })
  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const right = () => basic(hook()?.http_auth_user ?? '', hook()?.http_auth_password ?? '')
  const path = () => new URL(hook()?.subscription_url ?? '').pathname

  it('without the right secret, user or password is refused, and nothing is kept', async () => {
    const raw = JSON.stringify({ meta: { id: 'forged', action: 'change', entity: 'deal', entity_id: '1' } })
    expect((await post(path(), {}, raw)).status).toBe(401)
    expect((await post(path(), basic('x', 'y'), raw)).status).toBe(401)
    expect((await post('/webhooks/pipedrive/wrong', right(), raw)).status).toBe(401)
    expect((await post(path(), right(), raw)).status).toBe(200)
  })

  it('is a 200 also where it cannot be read, or ten of them would ban it; broken JSON and a large body are not', async () => {
    expect((await post(path(), right(), '{"v":1,"current":{},"event":"updated.deal"}')).status).toBe(200)
    expect((await post(path(), right(), '{')).status).toBe(400)
    expect((await post(path(), right(), JSON.stringify({ meta: 'x'.repeat(1_000_001) }))).status).toBe(413)
  })

  it('of another company changes nothing', async () => {
    const { n, negocio_id } = await atendimento()
    fake.webhookSwitches.otherCompany = true
    fake.asPerson.changeOwner(negocio_id, 12)
    await quiet()
    fake.webhookSwitches.otherCompany = false
    expect(await protocolo(n)).toMatchObject({ responsavel_id: ana, historico: [] })
  })

  it('that is not there any more is made again', async () => {
    const before = fake.state.webhooks.length
    fake.state.webhooks.splice(0, 2)
    await longAgo(service, fake)
    await service.reconcile()
    expect(fake.state.webhooks).toHaveLength(before)
  })
})
