import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { ANSWERS, type How } from '../../fakes/pipedrive/faults.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import { inTurn, MOST_READ } from '../../src/pipedrive/missing-leads.js'
import { fastClock } from '../support/fast-clock.js'
import { hurried } from '../support/hurried-clock.js'
import {
  becomes,
  isNoted,
  longAgo,
  numeroOf,
  PATIENT_MS,
  PROTOCOLO,
  personsWith,
  SHORT_MS,
  stored,
  tokensOf,
  type World,
  world,
} from '../support/pipedrive.js'
import { setUp, situations } from '../support/pipedrive-setup.js'
import { sample } from '../support/sample.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const [ANA, BIA] = [11, 12]
const LABEL = 'b5a6d9f0-1c3e-4a57-9a0d-2f1f6f0d9a11'
const LEAD = { PIPEDRIVE_CRIAR: 'lead' }
/** Tokens of a customer: a new one, one who has a lead, and one whose lead has ended. */
const [NEW, RETURNING, ANEW] = [120, 27, 58]

let customers = 0
function newCustomer() {
  customers += 1
  const last8 = String(99_000_000 + customers)
  return { last8, contato: { nome: `Cliente ${customers}`, telefone: `+55119${last8}` } }
}

const living = <T extends { is_deleted: boolean }>(all: readonly T[]): T[] => all.filter((one) => !one.is_deleted)

let w: World

/** Those of a describe share an account that leads go to, and a service that waits so long for a call. */
function withLeads(timeoutMs: number): void {
  beforeAll(async () => {
    w = await world({ factor: 10, timeoutMs, env: { ...LEAD, PIPEDRIVE_ETIQUETA: 'Loja' } })
    w.fake.state.leadLabels.push({ id: LABEL, name: 'loja', color: 'blue', add_time: '', update_time: '' })
  })
  afterAll(() => w.end())
  afterEach(() => {
    expect(w.fake.faultsLeft()).toBe(0)
    expect(w.fake.unplanned).toEqual([])
  })
}

async function synced(contato: object) {
  const n = await w.serve(contato)
  expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  return { n, pipedrive: (await w.read(n)).pipedrive }
}
const leadOf = (uuid: string) => w.fake.state.leads.find((one) => one.uuid === uuid)
const countsOf = (n: number, uuid: string) => ({
  leads: living(w.fake.state.leads).filter(({ title }) => title.startsWith(`Atendimento ${numeroOf(n)} –`)).length,
  activities: living(w.fake.state.activities).filter(({ lead_id }) => lead_id === uuid).length,
  notes: living(w.fake.state.notes).filter(({ lead_id }) => lead_id === uuid).length,
  deals: living(w.fake.state.deals).filter(({ title }) => title.includes(numeroOf(n))).length,
})
const ONE = { leads: 1, activities: 1, notes: 1, deals: 0 }

describe('a customer becomes a lead', () => {
  withLeads(PATIENT_MS)

  it('with owner, label, our fields, activity and note, at the price that is told', async () => {
    const contato = { ...newCustomer().contato, email: 'clara@exemplo.com.br' }
    let n = 0
    const work = async (): Promise<void> => {
      n = (await synced(contato)).n
    }
    expect(await tokensOf(w.fake, work)).toBe(NEW)
    const { pipedrive } = await w.read(n)
    expect(pipedrive).toMatchObject({ negocio: 'criado', negocio_id: null })
    expect(leadOf(pipedrive.lead_id)).toMatchObject({
      ...{ owner_id: ANA, person_id: pipedrive.pessoa_id, label_ids: [LABEL] },
      custom_fields: { [PROTOCOLO]: numeroOf(n) },
    })
    expect(countsOf(n, pipedrive.lead_id)).toEqual(ONE)
    expect(await tokensOf(w.fake, work)).toBe(RETURNING)
    w.fake.asPerson.archiveLead(pipedrive.lead_id)
    expect(await tokensOf(w.fake, work)).toBe(ANEW)
    const { em_uso } = (await w.service.call('GET', '/pipedrive/estado')).body
    expect(em_uso).toMatchObject({ criar: 'lead', etiqueta: { nome: 'Loja', id: LABEL } })
  })

  it('who comes again keeps his lead, and an open deal comes before a lead', async () => {
    const { contato } = newCustomer()
    const first = await synced(contato)
    const again = await synced(contato)
    expect(again.pipedrive).toMatchObject({ lead_id: first.pipedrive.lead_id, negocio: 'aproveitado' })
    expect(leadOf(first.pipedrive.lead_id)?.custom_fields[PROTOCOLO]).toBe(numeroOf(again.n))
    const other = newCustomer()
    const person = w.fake.asPerson.addPerson({ name: 'Z', phone: other.contato.telefone })
    const deal = w.fake.asPerson.addDeal({ title: 'Antigo', person_id: person.id, owner_id: ANA })
    const { pipedrive } = await synced(other.contato)
    expect(pipedrive).toMatchObject({ negocio_id: deal.id, lead_id: null })
  })

  it.each([
    ['archived', (uuid: string) => w.fake.asPerson.archiveLead(uuid)],
    ['deleted', (uuid: string) => w.fake.asPerson.deleteLead(uuid)],
  ])('whose lead was %s gets a new one', async (_what, end) => {
    const { contato } = newCustomer()
    const first = await synced(contato)
    end(first.pipedrive.lead_id)
    const { n, pipedrive } = await synced(contato)
    expect(pipedrive.lead_id).not.toBe(first.pipedrive.lead_id)
    expect(countsOf(n, pipedrive.lead_id)).toEqual(ONE)
  })

  it('whose lead became a deal before the rest was there gets the rest on the deal', async () => {
    const { contato } = newCustomer()
    const convert = () => {
      const lead = living(w.fake.state.leads).at(-1)
      if (lead) w.fake.asPerson.convertLead(lead.uuid)
    }
    w.fake.fault({ method: 'POST', path: /^\/v1\/notes$/, times: 1, how: { antes: convert } })
    const { n, pipedrive } = await synced(contato)
    const deal = w.fake.state.deals.find(({ id }) => id === pipedrive.negocio_id)
    expect(deal).toMatchObject({ source_lead_id: pipedrive.lead_id })
    const ofDeal = <T extends { deal_id: number | null }>(all: T[]) => all.filter(({ deal_id }) => deal_id === deal?.id)
    expect([ofDeal(w.fake.state.activities), ofDeal(w.fake.state.notes)].map(({ length }) => length)).toEqual([1, 1])
    expect(countsOf(n, '').deals).toBe(1)
  })

  it('of somebody else is left to him, and that is recorded', async () => {
    const { contato } = newCustomer()
    const first = await synced(contato)
    w.fake.asPerson.changeLeadOwner(first.pipedrive.lead_id, BIA)
    const { pipedrive } = await synced(contato)
    expect(pipedrive).toMatchObject({ lead_id: first.pipedrive.lead_id, negocio: 'mantido_com_outro' })
    expect(leadOf(pipedrive.lead_id)?.owner_id).toBe(BIA)
  })

  it('waits while the plan is full, whatever fills it, and goes on by itself', async () => {
    const count = living(w.fake.state.leads).length + living(w.fake.state.deals).length
    w.fake.limits.deals = count
    // More than the failures in a row after which nothing is called for a while: no other work may be held up.
    const ns: number[] = []
    for (let one = 0; one < 6; one += 1) ns.push(await w.serve(newCustomer().contato))
    await w.allWait(ns.length)
    const { fila, pausas } = (await w.service.call('GET', '/pipedrive/estado')).body
    expect(fila.motivos).toMatchObject([{ estado: 'pendente', motivo: 'limite_do_plano', quantas: ns.length }])
    expect(pausas).toMatchObject([{ falha: 'limite_do_plano', alcance: 'negocios_novos' }])
    w.fake.limits.deals = null
    for (const n of ns) {
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
      expect(countsOf(n, (await w.read(n)).pipedrive.lead_id)).toEqual(ONE)
    }
  })
})

describe('a lead is made once', () => {
  withLeads(SHORT_MS)

  const FAULTS: readonly (readonly [kind: string, name: string, how: How])[] = [
    ['no answer', 'cut before it was done', 'cortar_antes'],
    ['no answer', 'done, then cut', 'cortar_depois'],
    ['too late', 'done, and never answered', 'demorar'],
    ['unreadable', 'done, half of the JSON', 'metade'],
    ['unreadable', 'done, a page with 200', 'html'],
    ['unreadable', 'done, nothing with 200', 'vazio'],
    ['unreadable', 'a redirect', 'redirecionar'],
    ['a pause', '429', ANSWERS.burst],
    ['a pause', '429, the budget gone', ANSWERS.budgetGone],
    ['a pause', '403 of Cloudflare', ANSWERS.cloudflare],
    ['a pause', '401', ANSWERS.unauthorized],
    ['their error', '500', ANSWERS.error],
    ['their error', '503', ANSWERS.maintenance],
  ]
  const STEPS = [
    ['POST', /^\/v1\/leads$/],
    ['GET', /^\/v1\/leads$/],
    ['POST', /^\/v2\/activities$/],
    ['POST', /^\/v1\/notes$/],
    ['PATCH', /^\/v1\/leads\/[\w-]+$/],
    ['GET', /^\/v1\/leads\/[\w-]+$/],
  ] as const
  const MATRIX = FAULTS.flatMap(([kind, name, how]) =>
    STEPS.map(([method, path]) => ({ kind, name, how, method, path })),
  )
  const taken = sample('faults of leads', MATRIX, ({ kind, method, path }) => [kind, `${method} ${path.source}`])

  it.each(taken)('whatever happens: $name, $method $path', async ({ how, method, path }) => {
    const { contato, last8 } = newCustomer()
    const isReturn = path.source.includes('[')
    const before = isReturn ? await synced(contato) : undefined
    w.fake.fault({ method, path, times: 1, how })
    const { n, pipedrive } = await synced(contato)
    expect(countsOf(before?.n ?? n, pipedrive.lead_id)).toEqual(before ? { ...ONE, activities: 2, notes: 2 } : ONE)
    expect(personsWith(w.fake, last8)).toBe(1)
  })

  it('where creating it and looking for it both fail', async () => {
    const { contato } = newCustomer()
    w.fake.fault({ method: 'POST', path: /^\/v1\/leads$/, times: 1, how: 'cortar_depois' })
    w.fake.fault({ method: 'GET', path: /^\/v1\/leads$/, times: 1, how: 'cortar_antes', skip: 1 })
    const { n, pipedrive } = await synced(contato)
    expect(countsOf(n, pipedrive.lead_id)).toEqual(ONE)
  })
})

describe('a lead of somebody else', () => {
  it.each(['transferir', 'novo'] as const)('is taken as a deal would be: %s', async (policy) => {
    const w = await world({ factor: 10, env: { ...LEAD, PIPEDRIVE_NEGOCIO_DE_OUTRO: policy } })
    const { contato } = newCustomer()
    const synced = async () => {
      const n = await w.serve(contato)
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
      return (await w.read(n)).pipedrive
    }
    const first = await synced()
    w.fake.asPerson.changeLeadOwner(first.lead_id, BIA)
    const second = await synced()
    const isNew = policy === 'novo'
    expect(second.negocio).toBe(isNew ? 'novo' : 'transferido')
    expect(second.lead_id === first.lead_id).toBe(!isNew)
    const ownerOf = (lead: string) => w.fake.state.leads.find(({ uuid }) => uuid === lead)?.owner_id
    expect([ownerOf(first.lead_id), ownerOf(second.lead_id)]).toEqual(isNew ? [BIA, ANA] : [ANA, ANA])
    await w.end()
  })
})

describe('what people do with a lead', () => {
  let fake: FakePipedrive
  let service: TestService
  let bia: number
  beforeAll(async () => {
    fake = await startFakePipedrive({ clock: fastClock(5) })
    fake.limits.burst = 1_000
    service = await testService({
      clock: hurried(fake.clock),
      env: (url) => ({
        ...LEAD,
        ...{ PIPEDRIVE_API_TOKEN: TOKEN, PIPEDRIVE_BASE_URL: fake.url, API_URL: url, PIPEDRIVE_RECONCILIAR_MIN: '0' },
        PIPEDRIVE_ETIQUETA: 'Loja',
      }),
    })
    const done = await setUp(service)
    expect(situations(done)).toMatchObject({ etiqueta: 'feito', webhooks: 'feito' })
    expect(situations(await setUp(service))).toMatchObject({ etiqueta: 'ok', webhooks: 'ok' })
    const add = async (nome: string, id_pipedrive: number): Promise<number> => {
      const body = { nome, idiomas: ['pt'], status_online: true, id_pipedrive }
      return (await service.call('POST', '/consultor', { body })).body.id
    }
    ana = await add('Ana', ANA)
    bia = await add('Bia', BIA)
  })
  let ana: number
  afterAll(async () => {
    await service.end()
    await fake.end()
  })

  const read = async (n: number) => (await service.call('GET', `/protocolo/${n}`)).body
  async function atendimento() {
    const { contato } = newCustomer()
    const { body } = await service.call('POST', '/protocolo', { body: { consultor_id: ana, contato } })
    await isNoted(service, Number(body.id))
    fake.clock.advance(61_000)
    return { n: Number(body.id), lead_id: String((await read(body.id)).pipedrive.lead_id) }
  }

  it.each([
    ['webhooks', async () => undefined],
    ['the reconciliation', () => service.reconcile()],
  ])('comes back by %s: owner, archive, and a deal that it became', async (how, look) => {
    fake.webhookSwitches.drop = how !== 'webhooks'
    const { n, lead_id } = await atendimento()
    fake.asPerson.changeLeadOwner(lead_id, BIA)
    await look()
    await becomes(service, n, { responsavel_id: bia })
    const activity = () => fake.state.activities.find((one) => one.lead_id === lead_id)
    await until(() => activity()?.owner_id === BIA)
    const deal = fake.asPerson.convertLead(lead_id)
    await look()
    await until(async () => (await stored(service, n))?.pipedrive.negocio_id === deal, undefined, 'the deal')
    expect(await read(n)).toMatchObject({ status: 'aberto', responsavel_id: bia, pipedrive: { lead_id } })
    fake.asPerson.changeOwner(deal, ANA)
    await look()
    await becomes(service, n, { responsavel_id: ana })
    fake.asPerson.close(deal, 'won')
    await look()
    await becomes(service, n, { status: 'concluido' })
  })

  it('ends the protocol when it is archived, says that it was deleted, and follows a change here', async () => {
    fake.webhookSwitches.drop = false
    const archived = await atendimento()
    fake.asPerson.archiveLead(archived.lead_id)
    await becomes(service, archived.n, { status: 'concluido' })
    expect((await read(archived.n)).historico).toMatchObject([{ motivo: 'arquivado' }])
    fake.asPerson.archiveLead(archived.lead_id, false)
    await becomes(service, archived.n, { status: 'em_andamento' })
    const deleted = await atendimento()
    fake.asPerson.deleteLead(deleted.lead_id)
    await until(async () => (await stored(service, deleted.n))?.historico?.length > 0)
    expect((await read(deleted.n)).historico).toMatchObject([{ tipo: 'pipedrive', motivo: 'lead_excluido' }])
    const moved = await atendimento()
    await service.call('PUT', `/protocolo/${moved.n}`, { body: { responsavel_id: bia } })
    await until(() => fake.state.leads.find(({ uuid }) => uuid === moved.lead_id)?.owner_id === BIA)
  })

  it('is known of one that was deleted unheard: those that no list has are read, and no other', async () => {
    fake.webhookSwitches.drop = true
    const [kept, gone, over] = [await atendimento(), await atendimento(), await atendimento()]
    fake.asPerson.deleteLead(gone.lead_id)
    fake.asPerson.archiveLead(over.lead_id)
    await longAgo(service, fake)
    const before = fake.calls.length
    await service.reconcile()
    await until(async () => (await stored(service, gone.n))?.historico?.length > 0)
    expect((await read(gone.n)).historico).toMatchObject([{ tipo: 'pipedrive', motivo: 'lead_excluido' }])
    expect((await read(kept.n)).historico).toEqual([])
    expect((await read(over.n)).status).toBe('concluido')
    const isById = ({ path }: { path: string }) => /^\/v1\/leads\/[\da-f-]{36}$/.test(path)
    expect(
      fake.calls
        .slice(before)
        .filter(isById)
        .map(({ path }) => path),
    ).toEqual([`/v1/leads/${gone.lead_id}`])
    const all = Array.from({ length: 2 * MOST_READ + 1 }, (_, place) => place)
    expect(inTurn(all, 0)).toHaveLength(MOST_READ)
    expect(new Set([0, 1, 2].flatMap((round) => inTurn(all, round))).size).toBe(all.length)
  })

  it('of unknown outcome, made for a consultor without a user and given away meanwhile, is with who got it', async () => {
    fake.webhookSwitches.drop = false
    const body = { nome: 'Duda', idiomas: ['pt'], status_online: true }
    const duda = (await service.call('POST', '/consultor', { body })).body.id
    const give = () => {
      const [lead] = living(fake.state.leads).slice(-1)
      if (lead) fake.asPerson.changeLeadOwner(lead.uuid, BIA)
    }
    fake.fault({ method: 'POST', path: /^\/v1\/leads$/, times: 1, how: 'cortar_depois' })
    fake.fault({ method: 'GET', path: /^\/v1\/leads$/, times: 1, skip: 1, how: { antes: give } })
    const { contato } = newCustomer()
    const { id } = (await service.call('POST', '/protocolo', { body: { consultor_id: duda, contato } })).body
    await until(async () => {
      fake.clock.advance(15_000)
      return (await stored(service, id))?.pipedrive?.nota_id !== undefined
    })
    await service.reconcile()
    await becomes(service, id, { responsavel_id: bia })
  })
})
