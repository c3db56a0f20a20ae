import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { ANSWERS } from '../../fakes/pipedrive/faults.js'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { Account } from '../../integrations/pipedrive/account.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import { readConfig } from '../../src/config.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { createLogger } from '../../src/lib/logger.js'
import { accountDocuments } from '../../src/pipedrive/model.js'
import { ensureWebhooks } from '../../src/pipedrive/setup.js'
import { Situation } from '../../src/pipedrive/situation.js'
import { hasTarefas, isWorkedOff } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { hurriedClock } from '../support/hurried-clock.js'
import { anew, pipedriveEnv, roomyFake, setUp } from '../support/pipedrive-setup.js'
import { MASTER, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let fake: FakePipedrive
let database: TestDatabase
let services: TestService[] = []
let lines: string[] = []

beforeAll(async () => {
  fake = await roomyFake()
})
afterAll(() => fake.end())
beforeEach(async () => {
  anew(fake)
  lines = []
  database = await migratedDatabase()
})
afterEach(async () => {
  for (const one of services) await one.end()
  services = []
  await database.end()
})

async function replica(
  more: Readonly<Record<string, string>> = {},
  clock: Clock = hurriedClock(),
): Promise<TestService> {
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  const service = await testService({ database, logger, env: pipedriveEnv(fake, more), clock })
  services.push(service)
  return service
}

const estado = async (service: TestService) => {
  const { status, body } = await service.call('GET', '/pipedrive/estado')
  expect(status).toBe(200)
  return body
}
const asks = () => fake.calls.length
const turn = (service: TestService) =>
  service.call('POST', '/vez', { body: { idioma: 'pt', contato: { nome: 'Clara', telefone: '+5511987654321' } } })

describe('the state of Pipedrive', () => {
  it('without a token is off, and the set-up names the variable', async () => {
    const service = await replica({ PIPEDRIVE_API_TOKEN: '' })
    const { ligado, ...rest } = await estado(service)
    expect(ligado).toBe(false)
    expect(new Set(Object.values(rest))).toEqual(new Set([null]))
    expect(Object.keys(rest)).toHaveLength(15)
    const answer = await setUp(service)
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('PIPEDRIVE_API_TOKEN') } })
    expect(asks()).toBe(0)
  })

  it('names account, user, budget, webhooks and who lacks a user', async () => {
    const service = await replica()
    await setUp(service)
    await team(service, 1, { id_pipedrive: 13 })
    await team(service, 1, { id_pipedrive: 12 })
    await team(service, 1, { email: 'ana@exemplo.com.br' })
    const body = await estado(service)
    expect(body).toMatchObject({
      ligado: true,
      conta: { dominio: 'exemplo', nome: 'Exemplo' },
      usuario: { id: 1, nome: 'Integração', admin: true },
      orcamento: { restante: expect.any(Number), limite: 1_000_000, em: expect.any(String) },
      pausa: null,
      pausas: [],
      fila: { pendentes: 0, em_curso: 0, mortas: 0, limitada: false, motivos: [] },
      ultimo_erro: null,
      ultima_sincronizacao: null,
      em_uso: {
        funil: { id: 1, nome: 'Vendas' },
        etapa: { id: 1, nome: 'Entrada' },
        campos: ['Protocolo', 'Consultor da vez', 'Canal', 'Idioma'].map((nome) => ({
          nome,
          codigo: expect.stringMatching(/^[0-9a-f]{40}$/),
          tipo: 'varchar',
        })),
        etiqueta: null,
        tipo_atividade: 'call',
      },
      usuarios_repetidos: [],
      recomendacoes: [expect.stringContaining('PIPEDRIVE_DONO_CONHECIDO=sim')],
      reconciliado_em: null,
      atribuicao_automatica: null,
    })
    expect(body.webhooks).toHaveLength(7)
    expect(body.webhooks).toContainEqual({
      id: expect.any(Number),
      objeto: 'deal',
      acao: 'delete',
      ativo: true,
      ultimo_status: null,
    })
    expect(body.consultores_sem_usuario).toEqual([
      { consultor_id: 1, nome: 'Consultor 1', id_pipedrive: 13, sugestao: null },
      { consultor_id: 3, nome: 'Consultor 1', id_pipedrive: null, sugestao: 11 },
    ])
  })

  it('says what to do where there are no webhooks', async () => {
    expect((await estado(await replica())).webhooks.motivo).toMatch(/pipedrive:setup/)
    expect((await estado(await replica({ API_URL: '' }))).webhooks.motivo).toMatch(/API_URL/)
  })

  it('that is looked at again and again asks Pipedrive once, and again when it is old or was set up', async () => {
    const clock = hurriedClock()
    const service = await replica({}, clock)
    await setUp(service)
    await estado(service)
    const before = asks()
    for (let time = 0; time < 3; time += 1) await estado(service)
    await Promise.all([estado(service), estado(service)])
    expect(asks()).toBe(before)
    clock.advance(59_000)
    await estado(service)
    expect(asks()).toBe(before)
    clock.advance(300_000)
    await estado(service)
    expect(asks()).toBe(before + 1)

    await setUp(service)
    fake.state.webhooks.splice(0, 2)
    expect((await estado(service)).webhooks).toHaveLength(5)
  })

  it('with the budget gone says until when, on every replica, and is no failure of ours', async () => {
    const [one, other] = [await replica(), await replica()]
    fake.limits.daily = 0
    const body = await estado(one)
    expect(body).toMatchObject({
      ligado: true,
      conta: { dominio: 'exemplo' },
      usuario: { motivo: expect.stringContaining('tokens do dia') },
      consultores_sem_usuario: { motivo: expect.stringContaining('tokens do dia') },
      pausa: { falha: 'sem_orcamento', ate: expect.any(String) },
      ultimo_erro: { falha: 'sem_orcamento', em: expect.any(String) },
      orcamento: { restante: 0, limite: 1_000_000 },
    })
    const ate = Date.parse(body.pausa.ate) - Date.now()
    expect(ate).toBeGreaterThan(0)
    expect(ate).toBeLessThanOrEqual(3_660_000)
    expect(await estado(other)).toMatchObject({ pausa: { falha: 'sem_orcamento' }, orcamento: { restante: 0 } })
  })

  it('after a refused token shows the pause and the queue, until its time has come', async () => {
    const clock = hurriedClock()
    const service = await replica({}, clock)
    await team(service, 1, { id_pipedrive: 11 })
    fake.token('another')
    await turn(service)
    await until(() => hasTarefas(service, 'pendente', 1))
    await until(async () => (await estado(service)).pausa !== null)
    expect(await estado(service)).toMatchObject({
      pausa: { falha: 'token' },
      fila: { mortas: 0 },
      ultimo_erro: { falha: 'token' },
    })
    const before = asks()
    await estado(service)
    expect(asks()).toBe(before)

    fake.token(TOKEN)
    clock.advance(901_000)
    await until(() => fake.state.notes.length === 1)
    const after = await estado(service)
    expect(after).toMatchObject({ pausa: null, ultimo_erro: { falha: 'token' }, usuario: { id: 1 } })
    await until(() => isWorkedOff(service))
    expect((await estado(service)).fila).toMatchObject({ pendentes: 0, em_curso: 0 })
  })

  it('shows a pause of every kind, in words and with its end, and the one that stops all before others', async () => {
    const service = await replica()
    // A process that starts ends some pauses: that is written by then.
    await estado(service)
    const clock = systemClock
    const situation = new Situation({ connection: database.connection, clock, logger: createLogger('silent', false) })
    const kinds = ['limite', 'banido', 'sem_orcamento', 'token', 'empresa', 'limite_do_plano'] as const
    for (const [place, falha] of kinds.entries())
      situation.paused({ falha, ate: new Date(clock.now().getTime() + (place + 1) * 3_600_000) })
    situation.paused({ falha: 'indisponivel', ate: new Date(clock.now().getTime() - 1) })
    await situation.settled()
    const { pausa, pausas } = await estado(service)
    expect(pausas.map(({ falha }: { falha: string }) => falha)).toEqual([
      ...['empresa', 'token', 'sem_orcamento', 'banido', 'limite'],
      'limite_do_plano',
    ])
    expect(pausa).toEqual(pausas[0])
    for (const { motivo, ate, alcance, falha } of pausas) {
      expect(motivo).toMatch(/ /)
      expect(Date.parse(ate)).toBeGreaterThan(clock.now().getTime())
      expect(alcance).toBe(falha === 'limite_do_plano' ? 'negocios_novos' : 'tudo')
    }
    situation.resumed('empresa')
    await situation.settled()
    expect((await estado(service)).pausa).toMatchObject({ falha: 'token' })
  })

  it('shows that nothing is called after failures in a row, the pause of a replica of the release before, and the last success', async () => {
    const service = await replica()
    await team(service, 1, { id_pipedrive: 11 })
    await turn(service)
    await until(async () => (await estado(service)).ultima_sincronizacao !== null)
    expect((await estado(service)).ultima_sincronizacao).toEqual({ em: expect.any(String), protocolo: '#00001' })
    fake.fault({ method: '*', path: /./, times: 5, how: ANSWERS.maintenance })
    for (let count = 0; count < 5; count += 1) {
      const contato = { telefone: `+551198000000${count}` }
      await service.call('POST', '/vez', { body: { idioma: 'pt', contato } })
    }
    await until(async () => (await estado(service)).pausa?.falha === 'falhas_seguidas')
    const ate = new Date(Date.now() + 3_600_000)
    await accountDocuments(database.connection, 'estado').updateOne(
      { _id: 'estado' },
      { $set: { pausa: { falha: 'banido', ate } } },
    )
    expect((await estado(service)).pausa).toMatchObject({ falha: 'banido', ate: ate.toISOString() })
  })

  it('of another company than the one that is named says so, and no customer goes there', async () => {
    const clock = hurriedClock()
    const service = await replica({ PIPEDRIVE_DOMINIO: 'outra' }, clock)
    await team(service, 1, { id_pipedrive: 11 })
    await turn(service)
    await until(async () => (await estado(service)).ultimo_erro?.falha === 'empresa')
    clock.advance(3_600_000)
    await until(() => hasTarefas(service, 'pendente', 1))
    expect((await estado(service)).fila.mortas).toBe(0)
    await expect(service.reconcile()).rejects.toThrow('empresa')
    expect(fake.calls.filter(({ path }) => !/users|webhooks/.test(path))).toEqual([])
  })

  it('forgets a refused token when a process starts, which may have another', async () => {
    const service = await replica()
    fake.token('another')
    expect((await estado(service)).pausa).toMatchObject({ falha: 'token' })
    fake.token(TOKEN)
    const other = await replica()
    await until(async () => (await estado(other)).pausa === null)
  })

  it('counts the dead of Pipedrive alone', async () => {
    const service = await replica()
    await team(service, 1, { id_pipedrive: 11 })
    fake.fault({ method: 'POST', path: /persons$/, times: Infinity, how: { status: 400, body: '{"success":false}' } })
    await turn(service)
    await database.connection.collection('tarefas').insertOne({
      tipo: 'texto_atribuido',
      estado: 'morta',
      criada_em: new Date(),
      vence_em: new Date(),
      tentativas: 1,
    })
    await until(() => hasTarefas(service, 'morta', 2))
    expect((await estado(service)).fila.mortas).toBe(1)
    expect(await estado(service)).toMatchObject({ ultimo_erro: { falha: 'recusada' }, pausa: null })
  })

  it('is for whoever may read; the set-up is for an administrator', async () => {
    const service = await replica()
    const made = await service.call('POST', '/api-keys', { body: { descricao: 'painel', escopos: ['leitura'] } })
    const headers = { 'api-key': made.body.chave }
    expect((await service.call('GET', '/pipedrive/estado', { headers })).status).toBe(200)
    expect((await service.call('POST', '/pipedrive/setup', { headers })).status).toBe(403)
    expect(fake.calls.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('tells of an automatic assignment what to switch off, and when both sides agreed', async () => {
    const service = await replica()
    const at = new Date('2026-03-01T12:00:00Z')
    const collection = database.connection.collection<{ _id: string }>('pipedrive_conta')
    await collection.insertMany([
      { _id: 'atribuicao_automatica', em: at, negocio_id: 501 } as { _id: string },
      { _id: 'reconciliacao', concordou_em: at, lease_ate: at } as { _id: string },
    ])
    expect(await estado(service)).toMatchObject({
      reconciliado_em: at.toISOString(),
      atribuicao_automatica: {
        em: at.toISOString(),
        negocio_id: 501,
        o_que_fazer: expect.stringContaining('desligue'),
      },
    })
  })
})

describe('no secret', () => {
  it('is in an answer, a log, or readable in the database', async () => {
    const service = await replica()
    const answers = [await setUp(service, true), await setUp(service), await setUp(service)]
    answers.push(await service.call('GET', '/pipedrive/estado'))
    fake.fault({ method: 'GET', path: /webhooks$/, times: 1, how: ANSWERS.unauthorized })
    answers.push(await setUp(service), await service.call('GET', '/pipedrive/estado'))
    const [hook] = fake.state.webhooks
    const secrets = [TOKEN, hook?.subscription_url.split('/').at(-1), hook?.http_auth_user, hook?.http_auth_password]
    const kept = await database.connection.collection('pipedrive_conta').find().toArray()
    const told = [JSON.stringify(answers.map(({ body }) => body)), lines.join(''), JSON.stringify(kept)]
    expect(lines.length).toBeGreaterThan(0)
    for (const secret of secrets) {
      expect(secret?.length).toBeGreaterThan(20)
      for (const text of told) expect(text).not.toContain(secret)
    }
  })
})

/** Lets every call leave. */
const gate = {
  enter: async () => undefined,
  heard: () => undefined,
  failed: () => undefined,
  passed: () => undefined,
}

describe('the webhooks between two set-ups', () => {
  const deps = (more: Readonly<Record<string, string>> = {}) => ({
    config: readConfig({ ...pipedriveEnv(fake, more), CHAVE_MESTRA: MASTER }),
    connection: database.connection,
    clock: systemClock,
    pipedrive: pipedriveClient({ token: TOKEN, base: `${fake.url}/api`, gate }),
    masterKeys: [MASTER],
  })

  it('are made again when one is gone or dead, and only then', async () => {
    expect(await ensureWebhooks(deps())).toBe(0)
    expect(asks()).toBe(0)
    await setUp(await replica())
    expect(await ensureWebhooks(deps())).toBe(0)
    fake.state.webhooks.splice(0, 1)
    const [dead] = fake.state.webhooks
    if (dead) dead.is_active = 0
    expect(await ensureWebhooks(deps())).toBe(2)
    expect(fake.state.webhooks).toHaveLength(7)
    expect(fake.state.webhooks.every((one) => one.is_active === 1)).toBe(true)
    expect(await ensureWebhooks(deps())).toBe(0)
  })

  it('are made once by two replicas at once', async () => {
    await setUp(await replica())
    fake.state.webhooks.length = 0
    const made = await Promise.all([ensureWebhooks(deps()), ensureWebhooks(deps())])
    expect(made[0] + made[1]).toBe(7)
    expect(fake.state.webhooks).toHaveLength(7)
  })
})

describe('a field of ours that an account lacks', () => {
  it('is looked for again after ten minutes, not at each atendimento', async () => {
    const clock = hurriedClock()
    const account = new Account(pipedriveClient({ token: TOKEN, base: `${fake.url}/api`, gate }), clock)
    expect(await account.codes()).toEqual({})
    fake.state.fields.push({
      field_code: 'b'.repeat(40),
      field_name: 'Canal',
      field_type: 'varchar',
      is_custom_field: true,
      description: null,
      options: null,
    })
    expect(await account.codes()).toEqual({})
    clock.advance(601_000)
    expect(await account.codes()).toEqual({ canal: 'b'.repeat(40) })
    expect(asks()).toBe(2)
  })
})
