import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Tarefa } from '../../src/tarefas/model.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { amount } from '../support/sample.js'
import { MASTER } from '../support/service.js'
import { until } from '../support/until.js'

const KILLS = amount(8, 1)
const CUSTOMERS = 6

let database: TestDatabase
let platforms: Platforms
beforeAll(async () => {
  database = await testDatabase()
  platforms = await startPlatforms()
})
afterAll(async () => {
  await platforms.end()
  await database.end()
})

const message = (number: number) => ({
  event: 'messages.upsert',
  instance: 'loja',
  data: {
    key: { remoteJid: `55119876${String(10_000 + number)}@s.whatsapp.net`, fromMe: false, id: `m${number}` },
    message: { conversation: 'oi' },
    messageTimestamp: Math.floor(Date.now() / 1_000),
  },
})

describe('a process that is killed between a turn and its reply', () => {
  it('leaves one reply, or a tarefa that says that nobody knows; never two', async () => {
    const random = randomFor('replies')
    const env = { MONGODB_URI: database.uri, CHAVE_MESTRA: MASTER, DESTINOS_INTERNOS: '127.0.0.1' }
    const processes = await Promise.all([startProcess(env), startProcess(env)])
    const [first] = processes
    if (!first) throw new Error('no process')
    await first.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    const ajustes = { instancia: 'loja', servidor: platforms.url, chave_api: 'k' }
    const made = await first.call('POST', '/canais', {
      body: { slug: 'loja', plataforma: 'evolution', nome: 'Loja', ajustes },
    })
    const path = new URL(made.body.webhook_url, 'http://here').pathname
    // A platform that takes its time: the kill may find a text on its way.
    platforms.answer(() => ({
      after: new Promise((resolve) => setTimeout(resolve, random() * 60)),
      json: { key: { id: 'x' } },
    }))
    let sent = 0
    let answered = 0
    const deliver = (number: number): Promise<void> =>
      until(async () => {
        const one = processes[Math.floor(random() * processes.length)]
        const answer = await one?.call('POST', path, { body: message(number) }).catch(() => undefined)
        if (answer?.status !== 200) return false
        answered += 1
        return true
      })
    for (let kill = 0; kill < KILLS; kill += 1) {
      const round = Array.from({ length: CUSTOMERS }, () => {
        sent += 1
        return deliver(sent)
      })
      // After some of the turns: their replies are on their way, or not yet begun.
      const enough = answered + Math.floor(random() * CUSTOMERS)
      await until(() => answered >= enough, undefined, 'some turns')
      const place = kill % processes.length
      await processes[place]?.kill('SIGKILL')
      processes[place] = await startProcess(env)
      await Promise.all(round)
    }
    const tarefas = database.connection.collection<Tarefa>('tarefas')
    await until(async () => {
      // The leases of the dead end now instead of in a minute.
      await tarefas.updateMany({ estado: 'em_curso', tentativas: { $gte: 1 } }, { $set: { vence_em: new Date() } })
      const open = await tarefas.countDocuments({ estado: { $in: ['pendente', 'em_curso'] } })
      const owed = await (processes[0] as ServiceProcess).call('GET', '/ready')
      return open === 0 && owed.body.pendentes === 0
    })
    const protocols = (await (processes[0] as ServiceProcess).call('GET', '/protocolos')).body
    expect(protocols).toHaveLength(sent)
    const dead = await tarefas.find({ estado: 'morta' }).toArray()
    expect(dead.filter(({ motivo }) => motivo !== 'incerta')).toEqual([])
    const numbers = platforms.calls.map(({ body }) => body.number)
    expect(new Set(numbers).size).toBe(numbers.length)
    const silent = protocols.length - numbers.length
    expect(dead.length).toBeGreaterThanOrEqual(silent)
    for (const one of processes) await one.kill('SIGTERM')
  })
})
