import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import Koa from 'koa'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import { systemClock } from '../../src/lib/clock.js'
import { createLogger } from '../../src/lib/logger.js'
import { readAccount } from '../../src/pipedrive/model.js'
import { pipedriveWebhook } from '../../src/pipedrive/webhook.js'
import { testCanal } from '../support/chat.js'
import { fastClock } from '../support/fast-clock.js'
import { hurried } from '../support/hurried-clock.js'
import { becomes, isNoted } from '../support/pipedrive.js'
import { call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const [ANA, BIA] = [11, 12]
const MINUTE = 60_000

/** Of a slow answer, ms of the clock: so much longer than the event before it takes, also on a busy machine. */
const ANSWERED_MS = 25_000

let fake: FakePipedrive
let service: TestService
let lines: string[]
let ana: number
let bia: number
/** Of what one test alone has started. */
const ends: (() => Promise<void>)[] = []

beforeEach(async () => {
  lines = []
  fake = await startFakePipedrive({ clock: fastClock(5) })
  fake.limits.burst = 1_000
  service = await testService({
    clock: hurried(fake.clock),
    pipedriveTimeoutMs: 60_000,
    logger: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
    env: (url) => ({
      PIPEDRIVE_API_TOKEN: TOKEN,
      PIPEDRIVE_BASE_URL: fake.url,
      API_URL: url,
      PIPEDRIVE_USUARIO_INATIVO: 'tirar',
      // Later than a test takes, unless it moves the clock: what an event tells is not found in another way.
      PIPEDRIVE_RECONCILIAR_MIN: '30',
    }),
  })
  await service.call('POST', '/pipedrive/setup', { body: {} })
  ana = await consultor('Ana', ANA)
  bia = await consultor('Bia', BIA)
})
afterEach(async () => {
  await service.end()
  await fake.end()
  for (const end of ends.splice(0)) await end()
})

async function consultor(nome: string, id_pipedrive: number): Promise<number> {
  const body = { nome, idiomas: ['pt'], status_online: true, id_pipedrive }
  return (await service.call('POST', '/consultor', { body })).body.id
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
const protocolo = async (id: number): Promise<any> => (await service.call('GET', `/protocolo/${id}`)).body

let phones = 0
async function asked(): Promise<number> {
  phones += 1
  const contato = { nome: `Cliente ${phones}`, telefone: `+55119${80_000_000 + phones}` }
  return (await service.call('POST', '/protocolo', { body: { consultor_id: ana, contato } })).body.id
}
/** A protocol of Ana's, once all of it is at Pipedrive and no rule could have changed it. */
async function atendimento() {
  const n = await asked()
  await isNoted(service, n)
  fake.clock.advance(10_000)
  return { n, ...(await protocolo(n)).pipedrive }
}

const outOf = async (): Promise<{ consultor_id: number; motivos: string[] }[]> =>
  (await service.call('GET', '/vez')).body.fora
const isOut = (id: number) => async (): Promise<boolean> =>
  (await outOf()).some((one) => one.consultor_id === id && one.motivos.includes('usuario_do_pipedrive_inativo'))

const eventos = () => service.database.connection.collection('tarefas').find({ tipo: 'pipedrive_evento' }).toArray()
const hook = () => {
  const [first] = fake.state.webhooks
  if (!first) throw new Error('no webhook')
  return first
}
const post = (body: unknown) => {
  const { subscription_url, http_auth_user, http_auth_password } = hook()
  const authorization = `Basic ${Buffer.from(`${http_auth_user}:${http_auth_password}`).toString('base64')}`
  return service.call('POST', new URL(subscription_url).pathname, { body, headers: { authorization } })
}
const changed = (id: number, more: object = {}) => ({
  meta: { id: randomUUID(), action: 'change', entity: 'deal', entity_id: String(id), webhook_id: '7', ...more },
  data: {},
  previous: { owner_id: BIA },
})

describe('an event', () => {
  it('is kept once by the time of its 200, however often it comes; from another webhook it is another', async () => {
    const event = changed(4_711)
    for (let time = 0; time < 3; time += 1) {
      expect((await post(event)).status).toBe(200)
      expect(await eventos()).toHaveLength(1)
    }
    expect((await post({ ...event, meta: { ...event.meta, webhook_id: '8' } })).status).toBe(200)
    expect(await eventos()).toHaveLength(2)
  })

  it('of version 1 is an error in the log that says what to look at; neither secret nor password is', async () => {
    const { subscription_url, http_auth_password } = hook()
    await post({ v: 1, current: { id: 1 }, event: 'updated.deal' })
    await post(changed(4_711))
    const error = lines.find((line) => line.includes('"porque":"webhook_v1"'))
    expect(error).toContain('must be of version 2.0')
    expect(JSON.parse(error ?? '{}').level).toBe(50)
    expect(await eventos()).toHaveLength(1)
    for (const secret of [subscription_url.split('/').at(-1), http_auth_password]) {
      expect(secret?.length).toBeGreaterThan(20)
      expect(lines.join('')).not.toContain(secret)
    }
    const { body: metrics } = await service.call('GET', '/metrics')
    expect(metrics).toContain('pipedrive_eventos_total{resultado="ilegivel"} 1')
    expect(metrics).not.toContain(subscription_url.split('/').at(-1))
  })

  it('that comes before the id of its deal is written down is looked at again', async () => {
    fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 1, how: { lentoMs: ANSWERED_MS } })
    const n = await asked()
    await until(() => fake.state.deals.length === 1, undefined, 'the deal')
    const deal = fake.state.deals[0]?.id ?? 0
    fake.asPerson.close(deal, 'won')
    await fake.delivered()
    // It was looked at while nobody knew that deal; the next look, which is the last one, is kept until somebody does.
    const looked = { tipo: 'pipedrive_evento', estado: 'pendente', tentativas: { $gt: 0 } }
    const due = (ms: number) => ({ $set: { vence_em: new Date(fake.clock.now().getTime() + ms) } })
    const tarefas = service.database.connection.collection('tarefas')
    const isEarly = async () => (await tarefas.updateMany(looked, due(60 * MINUTE))).matchedCount > 0
    await until(isEarly, undefined, 'the first look')
    expect((await protocolo(n)).pipedrive?.negocio_id ?? null).toBeNull()
    fake.clock.advance(ANSWERED_MS)
    await isNoted(service, n)
    await tarefas.updateMany(looked, due(0))
    await becomes(service, n, { status: 'concluido' })
    expect((await protocolo(n)).historico.at(-1)).toMatchObject({ motivo: 'negocio_ganho' })
  })
})

describe('what people change there', () => {
  it('an activity that is given to another consultor takes the customer along', async () => {
    const { n, atividade_id, negocio_id } = await atendimento()
    fake.asPerson.moveActivity(atividade_id, BIA)
    await becomes(service, n, { responsavel_id: bia })
    expect((await protocolo(n)).historico).toMatchObject([{ tipo: 'responsavel', de: ana, para: bia }])
    expect(fake.state.deals.find(({ id }) => id === negocio_id)?.owner_id).toBe(ANA)
  })

  it('a user who is deactivated: his consultor leaves the rotation at once', async () => {
    await atendimento()
    fake.asPerson.deactivate(ANA)
    await until(isOut(ana), undefined, 'the end of the rotation for Ana')
    expect(await outOf()).toHaveLength(1)
  })

  it('the conversation in the chat goes along with the deal', async () => {
    const heard: string[] = []
    const chat = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => void heard.push(text))
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
    })
    await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
    ends.push(async () => {
      chat.closeAllConnections()
      await new Promise((resolve) => chat.close(resolve))
    })
    const address = chat.address()
    const retorno_url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
    const canal = await testCanal(service, 'generico', { idioma: 'pt', ajustes: { retorno_url } })
    const contato = { id: 'c-1', nome: 'Clara', telefone: '+5511966660000' }
    const headers = { 'x-webhook-segredo': canal.segredo }
    expect((await canal.post({ id: 'm-1', contato }, { headers })).body).toMatchObject({ situacao: 'atribuido' })
    await isNoted(service, 1)
    fake.clock.advance(10_000)
    fake.asPerson.changeOwner((await protocolo(1)).pipedrive.negocio_id, BIA)
    await becomes(service, 1, { responsavel_id: bia })
    await until(() => heard.some((text) => text.includes('Bia')), undefined, 'the word to the chat')
  })

  it('nothing, where the change was ours: a new responsável right after the deal was made is no rule’s doing', async () => {
    const n = await asked()
    await isNoted(service, n)
    const { negocio_id, atividade_id } = (await protocolo(n)).pipedrive
    await service.call('PUT', `/protocolo/${n}`, { body: { responsavel_id: bia } })
    const owners = () => [
      fake.state.deals.find(({ id }) => id === negocio_id)?.owner_id,
      fake.state.activities.find(({ id }) => id === atividade_id)?.owner_id,
    ]
    await until(() => owners().every((owner) => owner === BIA), undefined, 'the new owner')
    await fake.delivered()
    const open = { fila: 'pipedrive', estado: { $in: ['pendente', 'em_curso'] } }
    const isQuiet = async () => (await service.database.connection.collection('tarefas').findOne(open)) === null
    await until(isQuiet, undefined, 'the end of all work')
    expect((await protocolo(n)).historico).toMatchObject([{ tipo: 'responsavel', de: ana, para: bia, motivo: null }])
    expect((await service.call('GET', '/pipedrive/estado')).body.atribuicao_automatica).toBeNull()
  })

  it('a rule of the account that takes each deal is followed as a person is, and reported once', async () => {
    fake.switches.assignTo = BIA
    for (let count = 0; count < 5; count += 1) {
      const n = await asked()
      await isNoted(service, n)
      await becomes(service, n, { responsavel_id: bia })
    }
    const reported = async () => (await readAccount(service.database.connection, 'atribuicao_automatica')) !== null
    await until(reported, undefined, 'the report')
    expect((await service.call('GET', '/pipedrive/estado')).body.atribuicao_automatica).not.toBeNull()
    const reports = lines.filter((line) => line.includes('rule of automatic assignment'))
    expect(reports).toHaveLength(1)
  })
})

describe('the reconciliation', () => {
  const agreed = async () =>
    (await readAccount(service.database.connection, 'reconciliacao'))?.concordou_em !== undefined

  it('comes by itself, each so many minutes, and finds what no event told of', async () => {
    const { n, atividade_id } = await atendimento()
    fake.webhookSwitches.drop = true
    fake.asPerson.finishActivity(atividade_id)
    fake.asPerson.deactivate(BIA)
    fake.state.webhooks.splice(0, 1)
    // The first look comes within a part of the interval.
    fake.clock.advance(15 * MINUTE)
    await becomes(service, n, { status: 'concluido' })
    await until(isOut(bia), undefined, 'the end of the rotation for Bia')
    await until(() => fake.state.webhooks.length === 7, undefined, 'the missing webhook')
    await until(agreed, undefined, 'the word that both sides agree')
  })

  it('agrees also where a webhook that is missing cannot be made again', async () => {
    const { n, atividade_id } = await atendimento()
    fake.webhookSwitches.drop = true
    fake.asPerson.finishActivity(atividade_id)
    const [first, ...more] = fake.state.webhooks
    if (!first) throw new Error('no webhook')
    const others = Array.from({ length: 34 }, (_, place) => ({
      ...first,
      id: 9_000 + place,
      subscription_url: 'https://outro.exemplo.com',
    }))
    fake.state.webhooks = [...more, ...others]
    fake.clock.advance(15 * MINUTE)
    await until(agreed, undefined, 'the word that both sides agree')
    expect(await protocolo(n)).toMatchObject({ status: 'concluido' })
    const isTried = () =>
      fake.calls.some(({ method, path, status }) => method === 'POST' && path === '/v1/webhooks' && status === 422)
    await until(isTried, undefined, 'the refusal')
  })
})

describe('an event that cannot be kept', () => {
  const credenciais = { segredo: 's'.repeat(43), usuario: 'u', senha: 'p'.repeat(43) }
  const app = new Koa()
  app.silent = true
  const core = {
    clock: systemClock,
    logger: createLogger('silent', false),
    registry: new Registry(),
    outbox: { insert: () => Promise.reject(new Error('no database')) },
  }
  const router = pipedriveWebhook(core, async () => credenciais)
  const server = createServer(app.use(router.routes()).callback())
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

  it('is no 200: Pipedrive sends it again', async () => {
    const authorization = `Basic ${Buffer.from(`${credenciais.usuario}:${credenciais.senha}`).toString('base64')}`
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    const path = `/webhooks/pipedrive/${credenciais.segredo}`
    expect((await call(url, 'POST', path, { body: changed(1), headers: { authorization } })).status).toBe(500)
  })
})
