import { expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testDatabase } from '../support/database.js'
import { holdTimers } from '../support/held-timers.js'
import { type Answer, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000

/** A protocol, and what is left of it after so many days in a service with this RETENCAO_DIAS; `run` does its hourly work. */
async function afterDays(
  days: number,
  RETENCAO_DIAS: string,
): Promise<{ run: () => Promise<void>; read: () => Promise<Answer>; end: () => Promise<void> }> {
  const database = await testDatabase()
  const first = await testService({ database })
  await team(first, 1)
  const contato = { nome: 'Zuleica', telefone: '+5511987654321' }
  await first.call('POST', '/vez', { body: { idioma: 'pt', contato, descricao: 'um segredo' } })
  await first.end()
  const later = { ...systemClock, now: () => new Date(Date.now() + days * DAY_MS) }
  const timers = holdTimers((name) => name === 'protocolos.retention', later)
  const service = await testService({ database, clock: timers.clock, env: { RETENCAO_DIAS } })
  return {
    // It is set again once the run is over.
    run: async () => {
      await timers.fire('protocolos.retention')
      await until(() => timers.timesSet('protocolos.retention') === 2, undefined, 'the end of its run')
    },
    read: () => service.call('GET', '/protocolo/1'),
    end: async () => {
      await service.end()
      await database.end()
    },
  }
}

it('RETENCAO_DIAS makes protocols anonymous by itself', async () => {
  const old = await afterDays(11, '10')
  await old.run()
  expect((await old.read()).body).toMatchObject({ consultor_id: 1, contato: null, descricao: null })
  await old.end()
})

it.each([
  [9, '10'],
  [5_000, '0'],
])('after %d days of %s it does not', async (days, dias) => {
  const kept = await afterDays(days, dias)
  await kept.run()
  expect((await kept.read()).body).toMatchObject({ contato: { nome: 'Zuleica' }, descricao: 'um segredo' })
  await kept.end()
})
