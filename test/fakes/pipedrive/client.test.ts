import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NotesApi, PersonsApi as PersonsV1, UsersApi, Configuration as V1, WebhooksApi } from 'pipedrive/v1'
import {
  ActivitiesApi,
  Configuration,
  DealFieldsApi,
  DealsApi,
  ItemSearchApi,
  PersonsApi,
  PipelinesApi,
  StagesApi,
} from 'pipedrive/v2'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { TOKEN } from '../../../fakes/pipedrive/server.js'
import { startStill } from './account.js'

let fake: FakePipedrive
beforeEach(async () => {
  fake = await startStill()
})
afterEach(() => fake.end())

const direct = <C extends object>(configuration: C): C =>
  Object.assign(configuration, { baseOptions: { proxy: false } })
const v2 = (token = TOKEN) => direct(new Configuration({ apiKey: token, basePath: `${fake.url}/api/v2` }))
const v1 = () => direct(new V1({ apiKey: TOKEN, basePath: `${fake.url}/api/v1` }))

test('the official client goes the whole way from a person to a note, and meets nothing unknown', async () => {
  const { data: field } = await new DealFieldsApi(v2()).addDealField({
    AddDealFieldRequest: { field_name: 'Protocolo', field_type: 'varchar' },
  })
  const code = field?.field_code ?? ''
  const persons = new PersonsApi(v2())
  const phones = [{ value: '+55 11 98765-4321', primary: true, label: 'work' }]
  const { data: person } = await persons.addPerson({ AddPersonRequest: { name: 'Maria', owner_id: 11, phones } })
  const person_id = person?.id ?? 0
  const { data: hits } = await persons.searchPersons({ term: '87654321', fields: 'phone', limit: 100 })
  expect(hits?.items).toMatchObject([{ item: { id: person_id, phones: ['+55 11 98765-4321'] } }])
  const deals = new DealsApi(v2())
  const { data: deal } = await deals.addDeal({
    AddDealRequest: { title: 'Atendimento', owner_id: 11, person_id, custom_fields: { [code]: '#00001' } },
  })
  const id = deal?.id ?? 0
  await deals.updateDeal({ id, UpdateDealRequest: { owner_id: 12 } })
  const open = await deals.getDeals({ person_id, status: 'open', sort_by: 'update_time', sort_direction: 'desc' })
  expect(open.data).toMatchObject([{ id, owner_id: 12, custom_fields: { [code]: '#00001' } }])
  await new ItemSearchApi(v2()).searchItemByField({ term: '#00001', entity_type: 'deal', field: code, match: 'exact' })
  const participants = [{ person_id, primary: true }]
  const activities = new ActivitiesApi(v2())
  const { data: activity } = await activities.addActivity({
    AddActivityRequest: {
      subject: 'Atender',
      type: 'call',
      owner_id: 12,
      deal_id: id,
      due_time: '13:30',
      participants,
    },
  })
  await activities.updateActivity({ id: activity?.id ?? 0, AddActivityRequest: { done: true } })
  expect((await activities.getActivities({ deal_id: id, done: true })).data).toMatchObject([{ id: activity?.id }])
  const notes = new NotesApi(v1())
  await notes.addNote({ AddNoteRequest: { content: 'Protocolo #00001', deal_id: id } })
  expect((await notes.getNotes({ deal_id: id, limit: 500 })).data).toHaveLength(1)
  await new PipelinesApi(v2()).getPipelines({ limit: 500 })
  await new StagesApi(v2()).getStages({ pipeline_id: 1 })
  const users = new UsersApi(v1())
  await users.getUsers()
  await users.getCurrentUser()
  const { data: other } = await persons.addPerson({ AddPersonRequest: { name: 'Maria S.' } })
  const MergePersonsRequest = { merge_with_id: person_id }
  await new PersonsV1(v1()).mergePersons({ id: other?.id ?? 0, MergePersonsRequest })
  const AddWebhookRequest = {
    ...{ name: 'x', subscription_url: 'http://127.0.0.1:9/', version: '2.0' as const },
    ...{ event_action: 'change' as const, event_object: 'deal' as const },
  }
  const webhooks = new WebhooksApi(v1())
  await webhooks.addWebhook({ AddWebhookRequest })
  expect((await webhooks.getWebhooks()).data).toHaveLength(1)
  expect(fake.unplanned).toEqual([])
  expect(fake.calls.filter(({ status }) => status >= 300)).toEqual([])
})

test('as a process it says where it is; its controls work from outside', async () => {
  const main = 'fakes/pipedrive/main.ts'
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', main], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(child.stdout, 'data')
    const { url, token, pagina }: Record<string, string> = JSON.parse(String(line))
    const control = async (name: string, body?: object) => {
      const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {}
      return (await fetch(`${url}/__fake/${name}`, sent)).json()
    }
    await control('seed', { mesmo_telefone: 2, negocios: 1 })
    const { persons, deals } = (await control('state')) as { persons: object[]; deals: { id: number }[] }
    expect([persons.length, deals.length]).toEqual([3, 1])
    const [deal] = deals
    await control('act', { acao: 'trocar_dono', id: deal?.id, valor: 12 })
    await control('faults', { method: 'GET', path: '^/v2/deals$', how: { resposta: 'maintenance' } })
    await control('faults', { method: 'GET', path: '^/v2/deals/', how: { antes: { acao: 'ganhar', id: deal?.id } } })
    const get = (path: string) => fetch(`${url}/api/v2/${path}`, { headers: { 'x-api-token': token ?? '' } })
    expect((await get('deals')).status).toBe(503)
    expect(await (await get(`deals/${deal?.id}`)).json()).toMatchObject({ data: { status: 'won', owner_id: 12 } })
    await control('switches', { assignTo: 12, lagMs: 1_000 })
    await control('webhooks', { drop: true, permitted: 300 })
    expect(await control('state')).toMatchObject({
      switches: { assignTo: 12, lagMs: 1_000, staleMs: 0 },
      webhookSwitches: { drop: true, permitted: 300 },
    })
    expect(await control('faults')).toEqual({ left: 0 })
    expect(await control('calls')).toMatchObject([{ status: 503 }, { status: 200 }])
    const { agora: before } = (await control('clock')) as { agora: string }
    const { agora: after } = (await control('clock', { avancar_ms: 3_600_000 })) as { agora: string }
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(3_600_000)
    const page = await (await fetch(pagina ?? '')).text()
    expect(page).toMatch(/Concluir atividade/)
    expect(page).not.toMatch(/https?:\/\//)
    await control('reset', {})
    expect(await control('state')).toMatchObject({ deals: [], persons: [] })
    expect(await control('events')).toEqual([])
    expect((await fetch(`${url}/__fake/nada`)).status).toBe(404)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})
