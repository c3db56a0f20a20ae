import { describe, expect, it } from '@jest/globals'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import { testDatabase } from '../support/database.js'
import { campo, ONE_EACH, PROTOCOLO, personsWith, world } from '../support/pipedrive.js'
import { startProcess } from '../support/processes.js'
import { sample } from '../support/sample.js'
import { team } from '../support/service.js'
import { until } from '../support/until.js'

/** What the first customer of a process costs: users, pipelines, stages, search, person, fields, deals, deal, activity, note. */
const STEPS = ['users', 'pipelines', 'stages', 'search', 'person', 'fields', 'deals', 'deal', 'activity', 'note']
const CALLS = STEPS.length
const CREATIONS = ['person', 'deal', 'activity', 'note']
const kindOf = (place: number): string => {
  const step = STEPS[place - 1]
  return step === undefined ? 'after all' : CREATIONS.includes(step) ? 'a creation' : 'a look'
}
const PLACES = sample(
  'kills during the sync',
  Array.from({ length: CALLS + 1 }, (_, place) => place + 1),
  (place) => [kindOf(place)],
)
const LEASE_MS = 91_000

describe('a process that dies by kill -9 while Pipedrive has yet to answer its call', () => {
  it.concurrent.each(PLACES)('number %i', async (k) => {
    const database = await testDatabase()
    const fake = await startFakePipedrive()
    fake.state.fields.push(campo(PROTOCOLO, 'Protocolo'))
    if (k <= CALLS) fake.fault({ method: '*', path: /./, times: 1, skip: k - 1, how: 'demorar' })
    const child = await startProcess({
      MONGODB_URI: database.uri,
      PIPEDRIVE_API_TOKEN: TOKEN,
      PIPEDRIVE_BASE_URL: fake.url,
    })
    await team(child, 1, { id_pipedrive: 11 })
    const body = { idioma: 'pt', contato: { nome: 'Clara', telefone: '+5511987654321' } }
    const headers = { 'idempotency-key': 'a-turn' }
    const turn = async () => (await child.call('POST', '/vez', { body, headers })).status
    // Again where a busy machine found no time for it.
    await until(async () => (await turn()) === 200, undefined, 'the turn')
    // At least: on a slow machine a round of the service calls meanwhile.
    await until(() => fake.calls.length >= Math.min(k, CALLS), undefined, `call ${k}`)
    expect(await child.kill('SIGKILL')).toBe('SIGKILL')

    // Its leases end.
    fake.clock.advance(LEASE_MS)
    const second = await world({ beside: { fake, database } })
    try {
      expect(await second.ended(1)).toMatchObject({ estado: 'feita' })
      expect(second.of(1)).toEqual(ONE_EACH)
      expect(personsWith(fake, '87654321')).toBe(1)
      const { pipedrive } = await second.read(1)
      expect(pipedrive).toMatchObject({
        pessoa_id: fake.state.persons[0]?.id,
        negocio_id: fake.state.deals[0]?.id,
        atividade_id: fake.state.activities[0]?.id,
        nota_id: fake.state.notes[0]?.id,
      })
      expect(child.output()).not.toContain(TOKEN)
    } finally {
      await second.end()
      await fake.end()
      await database.end()
    }
  })
})
