import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Connection } from 'mongoose'
import { connect } from '../../src/database/connect.js'
import { randomFor } from '../support/random.js'
import { amount } from '../support/sample.js'
import { audit, drained, verified } from './books.js'
import { People } from './people.js'
import { Weather } from './weather.js'
import { startWorld, type World } from './world.js'

/** How long the weather lasts: `npm run test:caos` says so; in the whole suite a little. */
const SECONDS = Number(process.env.CAOS_S ?? amount(8, 0))
const CLIENTS = 5
/** Only there to end a hang. */
const LIMIT_MS = SECONDS * 1_000 + 600_000
/** Past any lease of a process that was killed. */
const LATER_MS = 120_000

if (SECONDS === 0) it.skip('chaos: only `npm run test:caos` and `npm run test:tudo` make it', () => undefined)
else describe('two services, an engine, a chat and a Pipedrive in bad weather', inBadWeather)

function inBadWeather(): void {
  let world: World
  let connection: Connection
  beforeAll(async () => {
    world = await startWorld(randomFor('caos: gateway'))
  })
  afterAll(async () => {
    await connection?.close()
    await world.end()
  })

  it(
    'lose nothing, do nothing twice, and keep a ledger that tells the same line',
    async () => {
      const people = new People(world, randomFor('caos: people'))
      const weather = new Weather(world, randomFor('caos: weather'))
      for (const place of world.places) await world.start(place)
      await people.settle()
      const end = performance.now() + SECONDS * 1_000
      const goesOn = (): boolean => performance.now() < end
      await Promise.all([
        ...Array.from({ length: CLIENTS }, (_, name) => people.client(name, goesOn)),
        people.customers(goesOn),
        people.administrator(goesOn),
        weather.rage(goesOn, () => people.counts.requests),
      ])

      await weather.calm(LATER_MS)
      await people.free()
      connection = await connect(world.uri)
      // What is stuck shows in the books too.
      const stuck = await drained(world, connection).then(
        () => [],
        ({ message }: Error) => [message],
      )
      const ended = await Promise.all(world.running().map((one) => one.kill('SIGTERM')))
      const { agrees, said } = await verified(world.uri)
      const { wrong, ...books } = await audit(world, people, connection)
      tell({
        ...people.counts,
        ...books,
        ...Object.fromEntries(weather.counts),
        verificar: said.trim().split('\n').at(-1),
      })
      expect([...stuck, ...wrong]).toEqual([])
      expect([agrees, said]).toEqual([true, expect.stringContaining('Confere')])
      expect(ended).toEqual([0, 0])
    },
    LIMIT_MS,
  )
}

function tell(rows: Readonly<Record<string, number | string | undefined>>): void {
  const lines = Object.entries(rows).map(([what, value]) => `| ${what} | ${value} |`)
  process.stdout.write(`\n| what | how many |\n|---|---|\n${lines.join('\n')}\n\n`)
}
