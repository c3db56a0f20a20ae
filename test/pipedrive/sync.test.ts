import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type FakePipedrive, startFakePipedrive, TOKEN } from '../support/fake-pipedrive/server.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let fake: FakePipedrive
let service: TestService

beforeAll(async () => {
  fake = await startFakePipedrive()
  fake.state.fields.push({
    field_code: 'a'.repeat(40),
    field_name: 'Protocolo',
    field_type: 'varchar',
    is_custom_field: true,
    description: null,
    options: null,
  })
  service = await testService({ env: { PIPEDRIVE_API_TOKEN: TOKEN, PIPEDRIVE_BASE_URL: fake.url } })
  const ana = { nome: 'Ana Souza', idiomas: ['pt'], status_online: true, id_pipedrive: 11 }
  await service.call('POST', '/consultor', { body: ana })
})

afterAll(async () => {
  await service.end()
  await fake.end()
})

const synced = async (id: number) => {
  const path = `/protocolo/${id}`
  const read = async () => (await service.call('GET', path)).body
  await until(async () => (await read()).pipedrive?.nota_id != null, 20_000, 'the sync')
  return read()
}

describe('a turn of a customer', () => {
  it('becomes a person, a deal of the consultor with the protocol, an activity and a note; the next one uses the same deal', async () => {
    const body = { idioma: 'pt', contato: { nome: 'Clara', telefone: '+5511987654321' } }
    await service.call('POST', '/vez', { body })
    const { pipedrive } = await synced(1)
    expect(fake.state.persons).toMatchObject([{ id: pipedrive.pessoa_id, name: 'Clara' }])
    expect(fake.state.deals).toMatchObject([
      {
        id: pipedrive.negocio_id,
        title: 'Atendimento #00001 – Clara',
        owner_id: 11,
        person_id: pipedrive.pessoa_id,
        custom_fields: { ['a'.repeat(40)]: '#00001' },
      },
    ])
    expect(fake.state.activities).toMatchObject([{ subject: 'Atender #00001', owner_id: 11, type: 'call' }])
    expect(fake.state.notes).toHaveLength(1)
    const before = fake.limits.daily

    await service.call('POST', '/vez', { body })
    expect(await synced(2)).toMatchObject({ pipedrive: { negocio_id: pipedrive.negocio_id, negocio: 'aproveitado' } })
    expect(fake.state.persons).toHaveLength(1)
    expect(fake.state.deals).toHaveLength(1)
    expect(fake.state.activities).toHaveLength(2)
    expect(before - fake.limits.daily).toBeLessThanOrEqual(20)
    expect(fake.unplanned).toEqual([])
  })
})
