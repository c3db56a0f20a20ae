import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import { readConfig } from '../../src/config.js'
import { systemClock } from '../../src/lib/clock.js'
import { runSetup } from '../../src/pipedrive/setup.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { hurriedClock } from '../support/hurried-clock.js'
import { API_URL, anew, pipedriveEnv, roomyFake, setUp, situations, stepOf } from '../support/pipedrive-setup.js'
import { MASTER, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

const FIELDS = ['Protocolo', 'Consultor da vez', 'Canal', 'Idioma']
const EVENTS = [
  'activity.change',
  'activity.delete',
  'deal.change',
  'deal.delete',
  'person.change',
  'person.delete',
  'user.change',
]

let fake: FakePipedrive
let database: TestDatabase
let services: TestService[] = []

beforeAll(async () => {
  fake = await roomyFake()
})
afterAll(() => fake.end())
beforeEach(async () => {
  anew(fake)
  database = await migratedDatabase()
})
afterEach(async () => {
  expect(fake.unplanned).toEqual([])
  for (const one of services) await one.end()
  services = []
  await database.end()
})

async function replica(more: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const service = await testService({ database, env: pipedriveEnv(fake, more), clock: hurriedClock() })
  services.push(service)
  return service
}

const ourFields = () => fake.state.fields.filter((one) => one.is_custom_field).map((one) => one.field_name)
const events = () => fake.state.webhooks.map((one) => `${one.event_object}.${one.event_action}`).sort()
const writes = () => fake.calls.filter(({ method }) => method !== 'GET')
const secretOf = (url: string | undefined): string => url?.split('/').at(-1) ?? ''
const customField = (field_name: string, field_type: string, place = 1) => ({
  field_code: String(place).repeat(40),
  field_name,
  field_type,
  is_custom_field: true,
  description: null,
  options: null,
})

describe('the set-up of an account', () => {
  it('makes fields and webhooks, and the second time nothing', async () => {
    const service = await replica()
    const first = await setUp(service)
    expect(situations(first)).toEqual({
      token: 'ok',
      empresa: 'ok',
      'campo Protocolo': 'feito',
      'campo Consultor da vez': 'feito',
      'campo Canal': 'feito',
      'campo Idioma': 'feito',
      etapa: 'ok',
      'tipo de atividade': 'ok',
      webhooks: 'feito',
      consultores: 'ok',
      'atribuição automática': 'aviso',
      'dono conhecido': 'aviso',
    })
    expect(ourFields()).toEqual(FIELDS)
    expect(events()).toEqual(EVENTS)
    for (const one of fake.state.webhooks) {
      expect(one).toMatchObject({ version: '2.0', http_auth_user: expect.any(String), is_active: 1 })
      expect(one.subscription_url).toMatch(new RegExp(`^${API_URL}/webhooks/pipedrive/[\\w-]{43}$`))
      expect(one.http_auth_password).toMatch(/^[\w-]{43}$/)
    }

    const before = writes().length
    const second = await setUp(service)
    expect(writes()).toHaveLength(before)
    expect(Object.values(situations(second)).filter((one) => one === 'feito')).toEqual([])
  })

  it('by two replicas at once makes one of each', async () => {
    const [one, other] = [await replica(), await replica()]
    const answers = await Promise.all([setUp(one), setUp(other)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(ourFields()).toEqual(FIELDS)
    expect(events()).toEqual(EVENTS)
  })

  it('only looks when it is simulated', async () => {
    const service = await replica({ PIPEDRIVE_ETIQUETA: 'Atendimento', PIPEDRIVE_ETAPA: 'Chegada' })
    const answer = await setUp(service, true)
    const would = Object.entries(situations(answer)).filter(([, situacao]) => situacao === 'faria')
    expect(would.map(([passo]) => passo)).toEqual([
      ...FIELDS.map((name) => `campo ${name}`),
      'etapa',
      'etiqueta',
      'webhooks',
    ])
    expect(writes()).toEqual([])
    const kept = await database.connection.collection<{ _id: string }>('pipedrive_conta').find().toArray()
    expect(kept.map(({ _id }) => _id).filter((_id) => _id !== 'estado')).toEqual([])
  })

  it('makes stage and activity type of the names that are set, once, and says what a label needs', async () => {
    const service = await replica({
      PIPEDRIVE_ETIQUETA: 'Atendimento',
      PIPEDRIVE_ETAPA: 'Chegada',
      PIPEDRIVE_TIPO_ATIVIDADE: 'visita',
    })
    const first = await setUp(service)
    expect(situations(first)).toMatchObject({ etapa: 'feito', etiqueta: 'erro', 'tipo de atividade': 'feito' })
    expect(stepOf(first, 'etiqueta')?.detalhe).toMatch(/Atendimento não existe.*crie-a lá/)
    // As people make it there.
    fake.state.fields
      .find(({ field_code }) => field_code === 'label_ids')
      ?.options?.push({ id: 31, label: 'Atendimento' })
    expect(situations(await setUp(service))).toMatchObject({ etapa: 'ok', etiqueta: 'ok', 'tipo de atividade': 'ok' })
    expect(fake.state.stages.filter(({ name }) => name === 'Chegada')).toMatchObject([{ pipeline_id: 1 }])
    expect(fake.state.activityTypes.filter(({ key_string }) => key_string === 'visita')).toHaveLength(1)
    const labels = fake.state.fields.find(({ field_code }) => field_code === 'label_ids')?.options
    expect(labels?.filter(({ label }) => label === 'Atendimento')).toHaveLength(1)
  })

  const stageNames = (funil: number) =>
    fake.state.stages.filter(({ pipeline_id }) => pipeline_id === funil).map(({ name }) => name)

  it('a stage that only another pipeline has: said, and no second one is made', async () => {
    const answer = await setUp(await replica({ PIPEDRIVE_ETAPA: 'ativo' }))
    expect(stepOf(answer, 'etapa')).toMatchObject({
      situacao: 'erro',
      detalhe: expect.stringMatching(/Vendas não tem a etapa ativo.*Pós-venda\/Ativo ou 3/),
    })
    expect(fake.state.stages).toHaveLength(3)
  })

  it.each(['Pós-venda/Ativo', 'pós-venda / ativo', '3'])(
    'a stage of another pipeline, named as %s, is taken',
    async (etapa) => {
      const service = await replica({ PIPEDRIVE_ETAPA: etapa })
      expect(stepOf(await setUp(service), 'etapa')).toMatchObject({
        situacao: 'ok',
        detalhe: expect.stringMatching(/Ativo \(3\) do funil Pós-venda/),
      })
      await team(service, 1)
      await service.call('POST', '/vez', { body: { idioma: 'pt', contato: { telefone: '+5511987654321' } } })
      await until(() => fake.state.notes.length === 1)
      expect(fake.state.deals).toMatchObject([{ stage_id: 3, pipeline_id: 2 }])
      expect((await service.call('GET', '/pipedrive/estado')).body.em_uso).toMatchObject({
        funil: { id: 2, nome: 'Pós-venda' },
        etapa: { id: 3, nome: 'Ativo' },
      })
    },
  )

  it('a stage is made in the pipeline that is named, even where another has one of that name', async () => {
    const answer = await setUp(await replica({ PIPEDRIVE_ETAPA: 'Pós-venda/Entrada' }))
    expect(stepOf(answer, 'etapa')).toMatchObject({ situacao: 'feito', detalhe: expect.stringContaining('Pós-venda') })
    expect([stageNames(1), stageNames(2)]).toEqual([
      ['Entrada', 'Proposta'],
      ['Ativo', 'Entrada'],
    ])
  })

  it('of stages with one name the first is taken, and it is said; a name with a slash is a name', async () => {
    fake.state.stages.push({ id: 8, name: 'Proposta', pipeline_id: 1, order_nr: 3 })
    fake.state.stages.push({ id: 9, name: 'Pré/pós', pipeline_id: 1, order_nr: 4 })
    fake.state.stages.push({ id: 10, name: 'Pré/pós', pipeline_id: 2, order_nr: 4 })
    expect(stepOf(await setUp(await replica({ PIPEDRIVE_ETAPA: 'Proposta' })), 'etapa')).toMatchObject({
      situacao: 'aviso',
      detalhe: expect.stringMatching(/Proposta \(2\).*há 2 com este nome/),
    })
    expect(stepOf(await setUp(await replica({ PIPEDRIVE_ETAPA: 'Pré/pós' })), 'etapa')).toMatchObject({
      situacao: 'aviso',
      detalhe: expect.stringMatching(/\(9\).*outro funil tem uma com este nome.* 10$/),
    })
  })

  it('names the key of an activity type whose name is not its key', async () => {
    fake.state.activityTypes.push({ id: 90, key_string: 'visita_1', name: 'visita', order_nr: 9, active_flag: true })
    const answer = await setUp(await replica({ PIPEDRIVE_TIPO_ATIVIDADE: 'visita' }))
    expect(stepOf(answer, 'tipo de atividade')).toMatchObject({
      situacao: 'erro',
      detalhe: expect.stringContaining('PIPEDRIVE_TIPO_ATIVIDADE=visita_1'),
    })
    expect(fake.state.activityTypes).toHaveLength(7)
  })

  it('says that a stage is unknown by its id, and makes none', async () => {
    const answer = await setUp(await replica({ PIPEDRIVE_ETAPA: '999' }))
    expect(stepOf(answer, 'etapa')).toMatchObject({ situacao: 'erro', detalhe: expect.stringContaining('999') })
    expect(fake.state.stages).toHaveLength(3)
  })
})

describe('fields that are there already', () => {
  it('of the same name: the first counts, and it is said', async () => {
    fake.state.fields.push(customField('Protocolo', 'varchar', 1), customField('Protocolo', 'varchar', 2))
    const service = await replica()
    const answer = await setUp(service)
    expect(stepOf(answer, 'campo Protocolo')).toMatchObject({
      situacao: 'aviso',
      detalhe: expect.stringMatching(/2 campos/),
    })
    expect(ourFields().filter((name) => name === 'Protocolo')).toHaveLength(2)
    await service.call('POST', '/consultor', {
      body: { nome: 'Ana', idiomas: ['pt'], status_online: true, id_pipedrive: 11 },
    })
    await service.call('POST', '/vez', {
      body: { idioma: 'pt', contato: { nome: 'Clara', telefone: '+5511987654321' } },
    })
    await until(() => fake.state.notes.length === 1)
    expect(fake.state.deals).toMatchObject([{ custom_fields: { ['1'.repeat(40)]: '#00001' } }])
  })

  it('of another type: said, never changed, and no second one is made', async () => {
    fake.state.fields.push(customField('Protocolo', 'double'))
    const answer = await setUp(await replica())
    expect(stepOf(answer, 'campo Protocolo')).toMatchObject({
      situacao: 'erro',
      detalhe: expect.stringContaining('double'),
    })
    expect(ourFields().sort()).toEqual([...FIELDS].sort())
    expect(writes().filter(({ method }) => method === 'PATCH')).toEqual([])
  })

  it('by the key or the name that is set, whatever they are called; of the consultor a user too', async () => {
    fake.state.fields.push(customField('Nº interno', 'varchar', 1), customField('Vendedor', 'user', 2))
    const more = {
      PIPEDRIVE_CAMPO_PROTOCOLO: '1'.repeat(40),
      PIPEDRIVE_CAMPO_CONSULTOR: 'vendedor',
      PIPEDRIVE_CAMPO_CANAL: 'Origem do chat',
      PIPEDRIVE_CAMPO_IDIOMA: '9'.repeat(40),
    }
    const service = await replica(more)
    const answer = await setUp(service)
    expect(stepOf(answer, 'campo Protocolo')).toMatchObject({ situacao: 'ok', detalhe: 'O campo Nº interno existe' })
    expect(stepOf(answer, 'campo Consultor da vez')?.detalhe).toMatch(/Vendedor existe, do tipo usuário/)
    expect(stepOf(answer, 'campo Canal')).toMatchObject({ situacao: 'feito' })
    expect(stepOf(answer, 'campo Idioma')).toMatchObject({
      situacao: 'erro',
      detalhe: expect.stringContaining('PIPEDRIVE_CAMPO_IDIOMA'),
    })
    expect(ourFields()).toEqual(['Nº interno', 'Vendedor', 'Origem do chat'])
    await team(service, 1, { id_pipedrive: 12 })
    const contato = { nome: 'Clara', telefone: '+5511987654321' }
    await service.call('POST', '/vez', { body: { idioma: 'pt', contato } })
    await until(() => fake.state.notes.length === 1)
    expect(fake.state.deals[0]?.custom_fields).toMatchObject({ ['1'.repeat(40)]: '#00001', ['2'.repeat(40)]: 12 })
    const { campos } = (await service.call('GET', '/pipedrive/estado')).body.em_uso
    expect(campos).toMatchObject([
      { nome: 'Nº interno', codigo: '1'.repeat(40), tipo: 'varchar' },
      { nome: 'Vendedor', codigo: '2'.repeat(40), tipo: 'user' },
      { nome: 'Origem do chat', codigo: expect.any(String) },
      { nome: '9'.repeat(40), codigo: null },
    ])
  })

  it('a ceiling of the plan is said, and the rest goes on', async () => {
    fake.limits.customFields = 2
    const answer = await setUp(await replica())
    expect(stepOf(answer, 'campo Canal')).toMatchObject({ situacao: 'erro', detalhe: expect.stringContaining('plano') })
    expect(events()).toEqual(EVENTS)
  })
})

describe('an account that does not fit', () => {
  const isToken = (more: object): void => {
    const data = { id: 12, name: 'Bia', active_flag: true, company_domain: 'exemplo', company_id: 77, ...more }
    const body = JSON.stringify({ success: true, data })
    fake.fault({ method: 'GET', path: /users\/me$/, times: 1, how: { status: 200, body } })
  }

  it('of another company: nothing is made', async () => {
    const answer = await setUp(await replica({ PIPEDRIVE_DOMINIO: 'outra' }))
    expect(situations(answer)).toEqual({ token: 'ok', empresa: 'erro' })
    expect(stepOf(answer, 'empresa')?.detalhe).toMatch(/exemplo.*outra/)
    expect(writes()).toEqual([])
  })

  it('by a token without the rights: nothing is made', async () => {
    const admin = { app: 'account_settings', admin: true }
    isToken({ access: [admin, { app: 'sales', admin: false }, { app: 'global', admin: false }] })
    const answer = await setUp(await replica())
    expect(situations(answer)).toEqual({ token: 'erro' })
    expect(writes()).toEqual([])
  })

  it('by a token of whose rights nothing is said: that is said, and no more', async () => {
    isToken({ is_admin: 1 })
    const step = stepOf(await setUp(await replica()), 'token')
    expect(step).toMatchObject({ situacao: 'aviso', detalhe: expect.stringContaining('não diz se é administrador') })
    expect(ourFields()).toEqual(FIELDS)
    isToken({ access: [] })
    const { body } = await (await replica()).call('GET', '/pipedrive/estado')
    expect(body.usuario).toMatchObject({ id: 12, admin: null })
  })

  it('whose token ends meanwhile: it says so and stops', async () => {
    fake.fault({ method: 'GET', path: /stages$/, times: 1, how: { antes: () => fake.token('another') } })
    const answer = await setUp(await replica())
    expect(answer.body.passos.at(-1)).toMatchObject({
      passo: 'etapa',
      situacao: 'erro',
      detalhe: expect.stringMatching(/token/),
    })
    expect(fake.state.webhooks).toEqual([])
  })

  it('whose users are gone: said, with whom the e-mail suggests, and nothing is written', async () => {
    const service = await replica()
    const make = (body: object) => service.call('POST', '/consultor', { body: { idiomas: ['pt'], ...body } })
    await make({ nome: 'Ana Souza', email: 'ana@exemplo.com.br' })
    await make({ nome: 'Bia Lima', id_pipedrive: 12 })
    await make({ nome: 'Caio Reis', id_pipedrive: 13, email: 'caio@exemplo.com.br' })
    const step = stepOf(await setUp(service), 'consultores')
    expect(step?.situacao).toBe('aviso')
    expect(step?.detalhe).toMatch(/Ana Souza \(1\): sem id_pipedrive; pelo e-mail seria 11/)
    expect(step?.detalhe).toMatch(/Caio Reis \(3\): o usuário 13 não está ativo(?!; pelo)/)
    expect(step?.detalhe).not.toMatch(/Bia|@/)
    const { body } = await service.call('GET', '/consultor/1')
    expect(body.id_pipedrive).toBeNull()
  })
})

describe('the users of the consultores', () => {
  const map = (service: TestService, simular: boolean) =>
    service.call('POST', '/pipedrive/setup', { body: { simular, mapear: true } })
  const userOf = async (service: TestService, id: number) =>
    (await service.call('GET', `/consultor/${id}`)).body.id_pipedrive

  it('are found by e-mail, shown first, and given to who is alone with one', async () => {
    const service = await replica()
    const make = (body: object) => service.call('POST', '/consultor', { body: { idiomas: ['pt'], ...body } })
    await make({ nome: 'Ana Souza', email: 'Ana@exemplo.com.br' })
    await make({ nome: 'Bia Lima', email: 'bia@exemplo.com.br' })
    await make({ nome: 'Outra Bia', id_pipedrive: 12 })
    await make({ nome: 'Caio Reis', email: 'caio@exemplo.com.br', id_pipedrive: 13 })
    expect(stepOf(await setUp(service), 'consultores')?.detalhe).toMatch(/--mapear/)
    const shown = stepOf(await map(service, true), 'usuários pelo e-mail')
    expect(shown).toEqual({
      passo: 'usuários pelo e-mail',
      situacao: 'faria',
      detalhe: 'Ana Souza (1) → usuário 11 (Ana)',
    })
    expect(await userOf(service, 1)).toBeNull()
    const done = await map(service, false)
    expect(stepOf(done, 'usuários pelo e-mail')).toMatchObject({ situacao: 'feito', detalhe: shown?.detalhe })
    expect(stepOf(done, 'consultores')?.detalhe).toMatch(/Bia Lima \(2\): sem id_pipedrive.*Caio Reis/)
    expect(stepOf(done, 'consultores')?.detalhe).not.toMatch(/Ana/)
    expect([await userOf(service, 1), await userOf(service, 2), await userOf(service, 4)]).toEqual([11, null, 13])
    expect(stepOf(await map(service, false), 'usuários pelo e-mail')?.situacao).toBe('ok')
    expect(stepOf(await setUp(service), 'usuários pelo e-mail')).toBeUndefined()
  })

  it('that two have are said, by the set-up and the state', async () => {
    const service = await replica()
    await team(service, 2, { id_pipedrive: 11 })
    expect(stepOf(await setUp(service), 'consultores')).toMatchObject({
      situacao: 'aviso',
      detalhe: expect.stringMatching(/usuário 11 é de Consultor 1 \(1\) e Consultor 2 \(2\)/),
    })
    expect((await service.call('GET', '/pipedrive/estado')).body.usuarios_repetidos).toEqual([
      {
        id_pipedrive: 11,
        consultores: [
          { consultor_id: 1, nome: 'Consultor 1' },
          { consultor_id: 2, nome: 'Consultor 2' },
        ],
      },
    ])
  })
})

describe('webhooks', () => {
  const hook = (id: number, subscription_url: string, more: object = {}) => ({
    ...{ id, name: 'x', subscription_url, event_action: 'change', event_object: 'deal', user_id: 1, owner_id: 1 },
    ...{ http_auth_user: null, http_auth_password: null, version: '2.0' as const, is_active: 1 as const },
    ...{ add_time: '2026-01-01 00:00:00', last_delivery_time: null, last_http_status: null },
    ...{ strikes: 0, banned_until: null, failing_since: null },
    ...more,
  })

  it('of an old secret go, and everybody else’s stay', async () => {
    fake.state.webhooks.push(
      hook(1, `${API_URL}/webhooks/pipedrive/${'o'.repeat(43)}`),
      hook(2, 'https://outro.exemplo.com/pipedrive'),
      hook(3, 'https://homologacao.exemplo.com.br/webhooks/pipedrive/another'),
      hook(4, `${API_URL}/webhooks/outra-coisa`),
    )
    const answer = await setUp(await replica())
    expect(fake.state.webhooks.map(({ id }) => id).filter((id) => id < 10)).toEqual([2, 3, 4])
    expect(fake.state.webhooks).toHaveLength(3 + EVENTS.length)
    expect(stepOf(answer, 'webhooks')?.detalhe).toMatch(/1 antigos a menos; 1 de outra instalação/)
  })

  it('of an old address go when their secret is ours', async () => {
    await setUp(await replica())
    const before = fake.state.webhooks.map(({ id }) => id)
    await setUp(await replica({ API_URL: 'https://127.0.0.2:9/' }))
    expect(events()).toEqual(EVENTS)
    expect(fake.state.webhooks.filter(({ id }) => before.includes(id))).toEqual([])
    expect(fake.state.webhooks[0]?.subscription_url).toMatch(/^https:\/\/127.0.0.2:9\/webhooks\/pipedrive\//)
  })

  it('show the environment’s user and password, and are made anew when these change', async () => {
    const user = { PIPEDRIVE_WEBHOOK_USUARIO: 'pipedrive' }
    await setUp(await replica({ ...user, PIPEDRIVE_WEBHOOK_SENHA: 'uma-senha-comprida' }))
    expect(fake.state.webhooks[0]).toMatchObject({
      http_auth_user: 'pipedrive',
      http_auth_password: 'uma-senha-comprida',
    })
    const secret = secretOf(fake.state.webhooks[0]?.subscription_url)
    await setUp(await replica({ ...user, PIPEDRIVE_WEBHOOK_SENHA: 'outra-senha-comprida' }))
    expect(events()).toEqual(EVENTS)
    expect(new Set(fake.state.webhooks.map((one) => one.http_auth_password))).toEqual(new Set(['outra-senha-comprida']))
    expect(secretOf(fake.state.webhooks[0]?.subscription_url)).toBe(secret)
  })

  it('are left out without a public address, and the rest is done', async () => {
    const answer = await setUp(await replica({ API_URL: '' }))
    expect(stepOf(answer, 'webhooks')).toMatchObject({ situacao: 'aviso', detalhe: expect.stringContaining('API_URL') })
    expect(fake.state.webhooks).toEqual([])
    expect(ourFields()).toEqual(FIELDS)
  })

  it('need https, unless the account is a stand-in of this machine', async () => {
    const gate = { enter: async () => {}, heard: () => {}, failed: () => {}, passed: () => {} }
    const pipedrive = pipedriveClient({ token: TOKEN, base: `${fake.url}/api`, gate })
    const run = async (env: Readonly<Record<string, string>>) => {
      const config = readConfig({ PIPEDRIVE_API_TOKEN: TOKEN, API_URL: 'http://127.0.0.1:9', ...env })
      const { connection } = database
      const deps = { config, connection, clock: systemClock, pipedrive, masterKeys: [MASTER] }
      return (await runSetup(deps, new Map(), false)).find(({ passo }) => passo === 'webhooks')
    }
    expect(await run({})).toMatchObject({ situacao: 'aviso', detalhe: expect.stringContaining('https') })
    expect(fake.state.webhooks).toEqual([])
    expect(await run({ PIPEDRIVE_BASE_URL: fake.url })).toMatchObject({ situacao: 'feito' })
    expect(events()).toEqual(EVENTS)
  })

  it('are not refused for a limit without being said', async () => {
    for (let id = 1; id <= 40; id += 1) fake.state.webhooks.push(hook(id, `https://outro.exemplo.com/${id}`))
    expect(stepOf(await setUp(await replica()), 'webhooks')).toMatchObject({
      situacao: 'erro',
      detalhe: expect.stringContaining('422'),
    })
  })
})

describe('the label', () => {
  it('is given to new deals and added to those of an open deal, never in their place', async () => {
    const service = await replica({ PIPEDRIVE_ETIQUETA: 'Frio' })
    await service.call('POST', '/consultor', {
      body: { nome: 'Ana', idiomas: ['pt'], status_online: true, id_pipedrive: 11 },
    })
    const ask = (nome: string, telefone: string) =>
      service.call('POST', '/vez', { body: { idioma: 'pt', contato: { nome, telefone } } })
    await ask('Clara', '+5511987654321')
    await until(() => fake.state.notes.length === 1)
    expect(fake.state.deals).toMatchObject([{ label_ids: [22] }])

    const [deal] = fake.state.deals
    if (deal) deal.label_ids = [21]
    await database.connection.collection('pipedrive_clientes').deleteMany({})
    await ask('Clara', '+5511987654321')
    await until(() => fake.state.notes.length === 2)
    expect(fake.state.deals).toMatchObject([{ label_ids: [21, 22] }])
  })
})
