import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { ANSWERS, type How } from '../../fakes/pipedrive/faults.js'
import { hurriedClock } from '../support/hurried-clock.js'
import { SHORT_MS } from '../support/pipedrive.js'
import { anew, pipedriveEnv, roomyFake, setUp, situations } from '../support/pipedrive-setup.js'
import { sample } from '../support/sample.js'
import { type TestService, testService } from '../support/service.js'

/** Each run gets past one of them at least. */
const MOST_RUNS = 10
const MADE = [/^\/v2\/dealFields$/, /^\/v2\/stages$/, /^\/v1\/activityTypes$/, /^\/v1\/webhooks$/]

let fake: FakePipedrive
let service: TestService

beforeAll(async () => {
  fake = await roomyFake()
})
afterAll(() => fake.end())
beforeEach(async () => {
  anew(fake)
  const names = { PIPEDRIVE_ETAPA: 'Chegada', PIPEDRIVE_TIPO_ATIVIDADE: 'visita' }
  service = await testService({ env: pipedriveEnv(fake, names), clock: hurriedClock(), pipedriveTimeoutMs: SHORT_MS })
})
afterEach(() => service.end())

const FAULTS: readonly (readonly [string, How])[] = [
  ['cut before it was done', 'cortar_antes'],
  ['done, then cut', 'cortar_depois'],
  ['done, and never answered', 'demorar'],
  ['done, half of the JSON', 'metade'],
  ['500', ANSWERS.error],
  ['503', ANSWERS.maintenance],
]

const TAKEN = sample(
  'faults of a set-up',
  FAULTS.flatMap(([name, how]) => MADE.map((path) => ({ name, how, path }))),
  ({ name, path }) => [name, String(path)],
)
/** Each fault with the things at whose making it happens. */
const CASES = FAULTS.map(([name, how]) => {
  return { name, how, paths: TAKEN.filter((one) => one.name === name).map(({ path }) => path) }
})

describe('a set-up that is done again after', () => {
  it.each(CASES)('$name, at things that it makes: there is one of each', async ({ how, paths }) => {
    for (const path of paths) fake.fault({ method: 'POST', path, times: 2, how })
    let answer = await setUp(service)
    expect(Object.values(situations(answer))).toContain('erro')
    for (let run = 1; run < MOST_RUNS && Object.values(situations(answer)).includes('erro'); run += 1) {
      answer = await setUp(service)
    }
    expect(Object.values(situations(answer))).not.toContain('erro')
    const names = fake.state.fields.filter((one) => one.is_custom_field).map((one) => one.field_name)
    expect(names.sort()).toEqual(['Canal', 'Consultor da vez', 'Idioma', 'Protocolo'])
    expect(fake.state.stages.filter(({ name }) => name === 'Chegada')).toHaveLength(1)
    expect(fake.state.activityTypes.filter(({ name }) => name === 'visita')).toHaveLength(1)
    const events = fake.state.webhooks.map((one) => `${one.event_object}.${one.event_action}`)
    expect(events).toHaveLength(7)
    expect(new Set(events).size).toBe(7)
    expect(fake.unplanned).toEqual([])
  })
})
