import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type LocalDatabase, startLocalDatabase } from '../../src/database/local.js'
import { check } from '../support/checker.js'
import { History } from '../support/history.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { amount } from '../support/sample.js'
import { until } from '../support/until.js'

const run = promisify(execFile)
const KILLS = Number(process.env.QUEDAS ?? amount(20, 2))
const CLIENTS = 8
const PEOPLE = 4
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

describe(`${KILLS} kills at random moments`, () => {
  it(
    'of service and engine lose no acknowledged turn and give no key two',
    async () => {
      const random = randomFor('kills')
      const first = random() < 0.5 ? 0 : 1
      const env = { MONGODB_URI: engine.uri }
      const processes: ServiceProcess[] = await Promise.all([startProcess(env), startProcess(env)])
      const history = new History()
      for (let place = 0; place < PEOPLE; place += 1) {
        const body = { nome: 'Fulano', idiomas: ['pt'], status_online: true }
        await history.roster((processes[0] as ServiceProcess).call, 'POST', '/consultor', body)
      }
      const numbers = new Map<string, number>()
      let killing = true
      const client = async (name: number): Promise<void> => {
        for (let i = 0; killing; i += 1) {
          const key = `${name}-${i}`
          await until(async () => {
            const one = processes[Math.floor(random() * processes.length)]
            const n = one && (await history.turn(one.call, 'pt', key))
            if (n === undefined) return false
            numbers.set(key, n)
            return true
          })
        }
      }
      const killer = async (): Promise<void> => {
        for (let kill = 0; kill < KILLS; kill += 1) {
          const seen = numbers.size
          const enough = seen + 5 + Math.floor(random() * 60)
          await until(() => numbers.size >= enough, undefined, 'going on after a kill')
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
      await Promise.all([killer(), ...Array.from({ length: CLIENTS }, (_, name) => client(name))])

      expect(history.contradictions).toEqual([])
      expect(check(history.events)).toEqual([])
      expect(new Set(numbers.values()).size).toBe(numbers.size)
      const answers = await (processes[0] as ServiceProcess).call('GET', '/protocolos?limit=1')
      expect(answers.headers.get('x-total-count')).toBe(String(numbers.size))
      for (const n of [...numbers.values()].filter(() => random() < 0.1)) {
        expect((await (processes[1] as ServiceProcess).call('GET', `/protocolo/${n}`)).body.id).toBe(n)
      }
      expect(await Promise.all(processes.map((one) => one.kill('SIGTERM')))).toEqual([0, 0])
    },
    LIMIT_MS,
  )
})
