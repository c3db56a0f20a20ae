import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { connect } from '../../src/database/connect.js'
import { type LocalDatabase, startLocalDatabase } from '../../src/database/local.js'
import { readVez } from '../../src/vez/commit/store.js'
import type { Evento } from '../../src/vez/document.js'
import { check, unfairness } from '../support/checker.js'
import { Load } from '../support/load.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { replayed } from '../support/replayed.js'
import { amount } from '../support/sample.js'
import { until } from '../support/until.js'

const run = promisify(execFile)
const KILLS = Number(process.env.QUEDAS ?? amount(20, 2))
const CLIENTS = 8
/** Of people and policies, before each kill. */
const CHANGES = 6
/** Only there to end a hang. */
const LIMIT_MS = 300_000 + KILLS * 60_000

let folder: string
let engine: LocalDatabase
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vez-kills-'))
  engine = await startLocalDatabase({
    folder,
    env: process.env,
    notify: () => undefined,
    onGiveUp: () => undefined,
    limits: { restarts: KILLS },
  })
})
afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

const killEngine = async (): Promise<void> => {
  const { stdout } = await run('pgrep', ['-f', `storage-path ${folder}|dbpath ${folder}`])
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL')
}

const isReady = ({ call }: ServiceProcess): Promise<boolean> =>
  call('GET', '/ready').then(
    ({ status }) => status === 200,
    () => false,
  )

describe(`${KILLS} kills at random moments`, () => {
  it(
    'of service and engine lose no acknowledged turn and give no key two',
    async () => {
      const random = randomFor('kills')
      const first = random() < 0.5 ? 0 : 1
      const env = { MONGODB_URI: engine.uri }
      const processes: ServiceProcess[] = await Promise.all([startProcess(env), startProcess(env)])
      const load = new Load({ random, processes: () => processes, policies: true })
      await load.makeTeam()
      const { history, numbers } = load
      let killing = true
      const killer = async (): Promise<void> => {
        for (let kill = 0; kill < KILLS; kill += 1) {
          const seen = numbers.size
          const enough = seen + 5 + Math.floor(random() * 60)
          await until(() => numbers.size >= enough, undefined, 'going on after a kill')
          // Changes have no key to be repeated with: not before all have found their engine again.
          await until(
            async () => (await Promise.all(processes.map(isReady))).every(Boolean),
            undefined,
            'all processes',
          )
          for (let change = 0; change < CHANGES; change += 1) await load.change()
          // The first two are one of each kind.
          if (kill < 2 ? kill === first : random() < 0.25) await killEngine()
          else {
            const place = kill % processes.length
            await processes[place]?.kill('SIGKILL')
            processes[place] = await startProcess(env)
          }
        }
        killing = false
      }
      const clients = Array.from({ length: CLIENTS }, (_, name) => load.client(name, () => killing))
      await Promise.all([killer(), ...clients])

      const connection = await connect(engine.uri)
      await until(async () => {
        const { eventos, consultores } = await readVez(connection)
        return eventos.length === 0 && ![...consultores.values()].some(({ pausa }) => pausa?.ate)
      })
      load.noteLedger(await connection.collection<Evento>('eventos').find().toArray())
      expect(await replayed(connection)).toMatchObject({ problemas: [], confere: true })
      await connection.close()
      expect(history.contradictions).toEqual([])
      expect(check(history.events)).toEqual([])
      expect(load.doubled).toEqual([])
      expect(unfairness(history.events, ...load.equals)).toBeLessThanOrEqual(1)
      expect(new Set(numbers.values()).size).toBe(numbers.size)
      const total = history.events.filter(({ what }) => what.tipo === 'turno' || what.tipo === 'numero').length
      const answers = await (processes[0] as ServiceProcess).call('GET', '/protocolos?limit=1')
      expect(answers.headers.get('x-total-count')).toBe(String(total))
      for (const n of [...numbers.values()].filter(() => random() < 0.1)) {
        expect((await (processes[1] as ServiceProcess).call('GET', `/protocolo/${n}`)).body.id).toBe(n)
      }
      expect(await Promise.all(processes.map((one) => one.kill('SIGTERM')))).toEqual([0, 0])
    },
    LIMIT_MS,
  )
})
