import { describe, expect, it } from '@jest/globals'
import { holdTimers } from '../support/held-timers.js'
import { proxiedService } from '../support/proxied.js'
import type { Answer } from '../support/service.js'
import { until } from '../support/until.js'

const ASKED = 60
const AT_ONCE = 2
const WAITING = 50

/** A service whose database does not answer any more, and where nobody has waited too long before a test says so. */
async function frozen() {
  const timers = holdTimers((name) => name === 'lib.room')
  const proxied = await proxiedService({ clock: timers.clock })
  const { service, proxy } = proxied
  await service.call('GET', '/protocolos')
  proxy.freeze()
  const end = async (): Promise<void> => {
    timers.letGo()
    await proxied.end()
  }
  return { service, timers, proxy, end }
}

describe('many who read lists', () => {
  it('are few at a time; beyond those who wait they are asked to come again, and others are answered', async () => {
    const { service, proxy, end } = await frozen()
    const refused: Answer[] = []
    const all = Array.from({ length: ASKED }, async () => {
      const answer = await service.call('GET', '/protocolos?limit=500')
      if (answer.status === 429) refused.push(answer)
      return answer.status
    })
    await until(() => refused.length === ASKED - AT_ONCE - WAITING, undefined, 'the refusals')
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(refused.map(() => '1'))
    expect((await service.call('GET', '/health')).status).toBe(200)
    proxy.restart()
    const statuses = await Promise.all(all)
    expect(statuses.filter((one) => one === 429)).toHaveLength(refused.length)
    expect((await service.call('GET', '/protocolos')).status).toBe(200)
    await end()
  })

  it.each([
    ['GET', '/livro/verificacao'],
    ['GET', '/relatorio/justica'],
    ['POST', '/vez/simulacao'],
    ['GET', '/vez/historico.csv'],
    ['GET', '/protocolos.csv'],
  ] as const)(
    'are one at a time where they go through all of it, and others do not wait for them: %s %s',
    async (method, path) => {
      const { service, timers, proxy, end } = await frozen()
      const ask = () =>
        service.call(method, path, method === 'POST' ? { body: { mudancas: [{ tipo: 'limite', limite: 5 }] } } : {})
      const both = [ask(), ask()]
      await timers.fire('lib.room')
      const first = await Promise.race(both)
      expect([first.status, first.headers.get('retry-after')]).toEqual([429, '1'])
      proxy.restart()
      await Promise.all(both)
      await end()
    },
  )

  it('are refused when they have waited too long', async () => {
    const { service, timers, proxy, end } = await frozen()
    const lists = Array.from({ length: AT_ONCE + 1 }, () => service.call('GET', '/protocolos'))
    await timers.fire('lib.room')
    const first = await Promise.race(lists)
    expect([first.status, timers.msOf('lib.room')]).toEqual([429, 2_000])
    proxy.restart()
    await Promise.all(lists)
    await end()
  })
})
