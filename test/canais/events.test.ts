import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { entryOf } from '../../src/canais/event-entry.js'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { testDatabase } from '../support/database.js'
import { message } from '../support/evolution.js'
import { type HeldTimers, holdTimers } from '../support/held-timers.js'
import { call, type TestOptions, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const FLUSH = 'canais.events'
/** By which a process sees what another has made of an account. */
const REFRESH = 'canais.refresh'
const HOUR_MS = 3_600_000

/** A service whose writes of events and looks at the accounts come when the test says so, and whose time goes on by `pass`. */
async function heldService(options: TestOptions = {}) {
  let passed = 0
  const base = { ...systemClock, now: () => new Date(Date.now() + passed) }
  const timers = holdTimers((name) => name === FLUSH || name === REFRESH, base)
  const service = await testService({ ...options, clock: timers.clock })
  return {
    service,
    timers,
    pass: (ms: number) => {
      passed += ms
    },
  }
}

const evolution = (service: TestService, more: object = {}): Promise<TestCanal> =>
  testCanal(service, 'evolution', { ajustes: { instancia: 'loja' }, ...more })
const shown = async (service: TestService, { slug }: Pick<TestCanal, 'slug'>) =>
  (await service.call('GET', `/canais/${slug}`)).body
const stored = ({ database }: TestService, { slug }: Pick<TestCanal, 'slug'>) =>
  database.connection.collection<{ _id: string; horas?: object }>('canais_eventos').findOne({ _id: slug })
const receipt = (especie = 'messages.update', instance = 'loja') => ({ event: especie, instance, data: {} })

describe('why an event took no turn', () => {
  let service: TestService
  let timers: HeldTimers
  beforeAll(async () => {
    ;({ service, timers } = await heldService())
    await testConsultor(service, 'Ana')
  })
  afterAll(() => service.end())

  it('is shown at once: a wrong instance, with what to compare', async () => {
    const canal = await evolution(service)
    const sent = await canal.post(receipt('messages.upsert', 'outra'))
    expect([sent.status, sent.body]).toEqual([200, { success: true }])
    const { eventos, ultimas_24h } = await shown(service, canal)
    expect(eventos).toEqual([
      {
        em: expect.stringMatching(/^\d{4}-.*Z$/),
        especie: 'messages.upsert',
        situacao: 'ignorado',
        motivo: 'outra_conta',
        detalhe: 'a instância do evento não é a de `ajustes.instancia`',
      },
    ])
    expect(ultimas_24h).toEqual({ outra_conta: 1 })
  })

  it('names the field of an unreadable event', async () => {
    const canal = await evolution(service)
    await canal.post({ event: 'messages.upsert', instance: 'loja', data: { key: { fromMe: false } } })
    await canal.post({}, { raw: 'not JSON at all' })
    const { eventos } = await shown(service, canal)
    expect(eventos).toMatchObject([
      { motivo: 'formato', detalhe: 'o corpo não é um objeto JSON' },
      { motivo: 'formato', detalhe: '`key.remoteJid`: falta, ou não é um texto' },
    ])
  })

  it('counts what was refused, whatever the reason, and says it only to the administrator', async () => {
    const canal = await evolution(service)
    const bare = `/webhooks/evolution/${canal.slug}`
    const answers = [
      await call(service.url, 'POST', `${bare}/wrong-secret`, { body: receipt() }),
      await call(service.url, 'POST', bare, { body: receipt() }),
      await call(service.url, 'POST', `${canal.path}/more`, { body: receipt() }),
      await call(service.url, 'POST', `/webhooks/zapi/${canal.slug}/${canal.segredo}`, { body: receipt() }),
      await call(service.url, 'POST', '/webhooks/evolution/nobody/x', { body: receipt() }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    await service.call('PUT', `/canais/${canal.slug}`, { body: { ativo: false } })
    expect((await canal.post(receipt())).status).toBe(401)
    const { eventos, ultimas_24h } = await shown(service, canal)
    expect(eventos.map(({ situacao, motivo }: { situacao: string; motivo: string }) => [situacao, motivo])).toEqual([
      ['recusado', 'conta_inativa'],
      ['recusado', 'outra_plataforma'],
      ['recusado', 'endereco_errado'],
      ['recusado', 'sem_segredo'],
      ['recusado', 'segredo_errado'],
    ])
    expect(ultimas_24h).toEqual({
      conta_inativa: 1,
      outra_plataforma: 1,
      endereco_errado: 1,
      sem_segredo: 1,
      segredo_errado: 1,
    })
    const names = await service.database.connection.collection<{ _id: string }>('canais_eventos').distinct('_id')
    expect(names).not.toContain('nobody')
  })

  it('tells a missing signature from a wrong one', async () => {
    const ajustes = { phone_number_id: '1065', app_secret: 'a'.repeat(32) }
    const canal = await testCanal(service, 'whatsapp-cloud', { ajustes })
    expect((await canal.post({})).status).toBe(401)
    expect((await canal.post({}, { headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } })).status).toBe(401)
    expect((await shown(service, canal)).ultimas_24h).toEqual({ sem_assinatura: 1, assinatura_errada: 1 })
  })

  it('is kept of the last twenty events, the newest first, and counted of all', async () => {
    const canal = await evolution(service)
    for (let n = 0; n < 25; n += 1) await canal.post(receipt(`kind.${String.fromCharCode(97 + n)}`))
    await canal.post(message({ id: 'm-1', from: '5511987650001@s.whatsapp.net' }))
    const { eventos, ultimas_24h } = await shown(service, canal)
    expect(eventos).toHaveLength(20)
    expect(eventos[0]).toMatchObject({ especie: 'mensagem', situacao: 'atribuido', motivo: null, detalhe: null })
    expect(eventos[1]).toMatchObject({ especie: 'kind.y', motivo: 'sistema' })
    expect(ultimas_24h).toEqual({ sistema: 25, atribuido: 1 })
  })

  it('holds no word of the customer, nor what a sender puts in the place of a kind', async () => {
    const canal = await evolution(service, { gatilho: 'palavra' })
    const bia = { id: 'WAMID-SECRET', from: '5511987651234@s.whatsapp.net', text: 'meu CPF é 12345678909' }
    await canal.post(message(bia))
    await canal.post(message({ ...bia, me: true, id: 'WAMID-OWN' }))
    await canal.post(receipt('+5511987651234'))
    await canal.post(receipt('bia@exemplo.com'))
    await canal.post(receipt('x'.repeat(41)))
    await canal.post({ ...message(bia), data: { key: { remoteJid: 'Bia Lima 5511987651234', id: 'WAMID-3' } } })
    const seen = await shown(service, canal)
    expect(seen.eventos).toHaveLength(6)
    expect(seen.eventos.map(({ especie }: { especie: string }) => especie)).toContain('outro')
    await timers.fire(FLUSH)
    await until(async () => (await stored(service, canal)) !== null)
    const kept = JSON.stringify([seen.eventos, seen.ultimas_24h, await stored(service, canal)])
    expect(kept).not.toMatch(/Bia|bia|1234|CPF|WAMID|exemplo|xxxx/)
  })

  it('shows no address, even where an adapter gives one in its words', () => {
    const event = {
      tipo: 'ignorado',
      motivo: 'formato',
      detalhe: 'ligue +5511987654321 ou ana@exemplo.com, ok?',
    } as const
    const { detalhe } = entryOf(event, { situacao: 'ignorado', motivo: 'formato' }, new Date())
    expect(detalhe).toBe('ligue … ou … ok?')
  })

  it('leaves what the other routes answer as it was', async () => {
    const canal = await evolution(service)
    const one = await shown(service, canal)
    const changed = (await service.call('PUT', `/canais/${canal.slug}`, { body: { nome: 'Conta' } })).body
    const { eventos, ultimas_24h, ...rest } = one
    expect([eventos, ultimas_24h]).toEqual([[], {}])
    expect(JSON.stringify(rest)).toBe(JSON.stringify(changed))
  })

  it('is counted by platform, reason and kind, of which no sender can make many', async () => {
    const canal = await testCanal(service, 'zapi', { ajustes: { instancia: 'I' } })
    const evo = await evolution(service)
    await evo.post(receipt('groups.upsert'))
    await canal.post({ type: 'ReceivedCallback', instanceId: 'other' })
    const counted = async (): Promise<string[]> =>
      String((await service.call('GET', '/metrics')).body)
        .split('\n')
        .filter((line) => line.startsWith('webhook_ignorados_total{'))
    expect(await counted()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('plataforma="evolution",motivo="sistema",especie="groups.upsert"'),
        expect.stringContaining('plataforma="zapi",motivo="outra_conta"'),
      ]),
    )
    const names = Array.from({ length: 130 }, (_, n) => `made-up-${n}`)
    await Promise.all(names.map((name) => evo.post(receipt(name))))
    const kinds = (await counted()).filter((line) => line.includes('"evolution"'))
    expect(kinds.length).toBeLessThanOrEqual(110)
    expect(kinds).toEqual(expect.arrayContaining([expect.stringContaining('especie="outro"')]))
  })
})

describe('what is stored of it', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })
  const start = async (options: TestOptions = {}) => {
    const held = await heldService(options)
    ends.push(held.service.end)
    return held
  }

  it('is written once in five seconds, however many events there are', async () => {
    const { service, timers } = await start()
    const canal = await evolution(service)
    for (let n = 0; n < 30; n += 1) await canal.post(receipt())
    expect(timers.timesSet(FLUSH)).toBe(1)
    expect(timers.msOf(FLUSH)).toBe(5_000)
    expect(await stored(service, canal)).toBeNull()
    await timers.fire(FLUSH)
    await until(async () => (await stored(service, canal)) !== null)
    expect(await stored(service, canal)).toMatchObject({ eventos: { length: 20 } })
    expect((await shown(service, canal)).ultimas_24h).toEqual({ recibo: 30 })
    // Nothing came since: no timer runs.
    expect(timers.timesSet(FLUSH)).toBe(1)
    await canal.post(receipt('presence.update'))
    expect(timers.timesSet(FLUSH)).toBe(2)
    await timers.fire(FLUSH)
    await until(async () => JSON.stringify(await stored(service, canal)).includes('presence.update'))
    expect(await stored(service, canal)).toMatchObject({ eventos: { length: 20 } })
  })

  it('is what all processes saw, also after a restart and by another process', async () => {
    const database = await testDatabase()
    ends.push(database.end)
    const one = await start({ database })
    const other = await start({ database })
    const canal = await evolution(one.service)
    await other.timers.fire(REFRESH)
    await until(async () => (await other.service.call('GET', `/canais/${canal.slug}`)).status === 200)
    await canal.post(receipt())
    await call(other.service.url, 'POST', canal.path, { body: receipt('presence.update') })
    await one.timers.fire(FLUSH)
    await other.timers.fire(FLUSH)
    for (const { service } of [one, other]) {
      await until(async () => (await shown(service, canal)).eventos.length === 2)
      expect((await shown(service, canal)).ultimas_24h).toEqual({ recibo: 1, digitando: 1 })
    }
    // A shutdown writes what is left.
    await canal.post(receipt())
    ends.splice(ends.indexOf(one.service.end), 1)
    await one.service.end()
    const again = await start({ database })
    expect((await shown(again.service, canal)).ultimas_24h).toEqual({ recibo: 2, digitando: 1 })
  })

  it('is kept when it could not be written, and written later', async () => {
    const { service, timers } = await start()
    const canal = await evolution(service)
    const { connection } = service.database
    await canal.post(receipt())
    // A value that no array operation can change makes the write fail.
    await connection.collection<{ _id: string }>('canais_eventos').deleteMany({})
    const { criado_em } =
      (await connection.collection<{ _id: string; criado_em: Date }>('canais').findOne({ _id: canal.slug })) ?? {}
    await connection
      .collection<{ _id: string }>('canais_eventos')
      .insertOne({ _id: canal.slug, conta: criado_em, eventos: 'x' } as never)
    await timers.fire(FLUSH)
    await until(() => timers.timesSet(FLUSH) === 2)
    expect(timers.msOf(FLUSH)).toBeGreaterThanOrEqual(5_000)
    await canal.post(receipt())
    await connection.collection<{ _id: string }>('canais_eventos').deleteMany({})
    await timers.fire(FLUSH)
    await until(async () => (await stored(service, canal)) !== null)
    const { eventos, ultimas_24h } = await shown(service, canal)
    expect([eventos.length, ultimas_24h]).toEqual([2, { recibo: 2 }])
  })

  it('counts 24 hours, and forgets older ones', async () => {
    const { service, timers, pass } = await start()
    const canal = await evolution(service)
    const hours = async () => Object.keys(Object((await stored(service, canal))?.horas))
    await canal.post(receipt())
    await timers.fire(FLUSH)
    await until(async () => (await hours()).length === 1)
    const [first] = await hours()
    pass(23 * HOUR_MS)
    await canal.post(receipt('presence.update'))
    await timers.fire(FLUSH)
    await until(async () => (await hours()).length === 2)
    expect((await shown(service, canal)).ultimas_24h).toEqual({ recibo: 1, digitando: 1 })
    pass(2 * HOUR_MS)
    expect((await shown(service, canal)).ultimas_24h).toEqual({ digitando: 1 })
    await canal.post(receipt('presence.update'))
    await timers.fire(FLUSH)
    // The document does not grow with each hour.
    await until(async () => !(await hours()).includes(first ?? ''), 20_000)
    expect(await hours()).toHaveLength(2)
    expect((await shown(service, canal)).ultimas_24h).toEqual({ digitando: 2 })
  })

  it('goes with its account, for every process, and another account of the name begins anew', async () => {
    const database = await testDatabase()
    ends.push(database.end)
    const one = await start({ database })
    const other = await start({ database })
    const canal = await evolution(one.service)
    await other.timers.fire(REFRESH)
    await until(async () => (await other.service.call('GET', `/canais/${canal.slug}`)).status === 200)
    await canal.post(receipt())
    await one.timers.fire(FLUSH)
    await until(async () => (await stored(one.service, canal)) !== null)
    // The other process holds an event that it has not written yet.
    await call(other.service.url, 'POST', canal.path, { body: receipt() })
    await canal.post(receipt())
    expect((await one.service.call('DELETE', `/canais/${canal.slug}`)).status).toBe(200)
    expect(await stored(one.service, canal)).toBeNull()
    ends.splice(ends.indexOf(other.service.end), 1)
    await other.service.end()
    expect(await stored(one.service, canal)).toBeNull()
    // What is left of an older account all the same is not the new one's.
    const old = { em: new Date(), especie: 'x', situacao: 'ignorado', motivo: 'sistema', detalhe: null }
    await database.connection
      .collection<{ _id: string }>('canais_eventos')
      .insertOne({ _id: canal.slug, conta: new Date(0), eventos: [old], horas: {} } as never)
    const made = { slug: canal.slug, plataforma: 'evolution', nome: 'De novo', ajustes: { instancia: 'loja' } }
    expect((await one.service.call('POST', '/canais', { body: made })).status).toBe(200)
    expect(await shown(one.service, canal)).toMatchObject({ eventos: [], ultimas_24h: {} })
    const again = await one.service.call('POST', `/canais/${canal.slug}/segredo`)
    const path = new URL(again.body.webhook_url, 'http://here').pathname
    await call(one.service.url, 'POST', path, { body: receipt('presence.update') })
    await one.timers.fire(FLUSH)
    await until(async () => JSON.stringify(await stored(one.service, canal)).includes('digitando'))
    expect((await shown(one.service, canal)).eventos).toMatchObject([{ motivo: 'digitando' }])
  })
})
