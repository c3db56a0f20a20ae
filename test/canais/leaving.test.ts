import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type Chatwoot, chatwootAccount, startChatwoot } from '../support/chatwoot.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let chatwoot: Chatwoot
let service: TestService
let passed = 0
beforeEach(async () => {
  passed = 0
  chatwoot = await startChatwoot()
  service = await testService({ clock: { ...systemClock, now: () => new Date(Date.now() + passed) } })
})
afterEach(async () => {
  await service.end()
  await chatwoot.end()
})

const away = { status_online: false }
const ana = () => testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com', ...away })
const waiting = async (): Promise<string[]> =>
  (await service.call('GET', '/espera')).body.map((one: { canal: string }) => one.canal)
const protocols = async () => (await service.call('GET', '/protocolos')).body
const comesOnline = (id: number) => service.call('PUT', `/consultor/${id}/connection?status=true`)

describe('a customer who waits, and is helped at the platform', () => {
  it('leaves the line with a protocol of the agent who took him, who has had no turn', async () => {
    const id = await ana()
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    expect(await waiting()).toHaveLength(1)
    await chatwoot.assigns(42, 7)
    expect(await waiting()).toEqual([])
    await until(async () => (await protocols())[0]?.responsavel_id === id)
    const other = await testConsultor(service, 'Caio Reis', away)
    await comesOnline(id)
    await comesOnline(other)
    // Had it been a turn, Ana would be behind Caio, who came later.
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt')).body.consultor_id).toBe(id)
    expect(await protocols()).toHaveLength(2)
    expect(chatwoot.conversations.get(42)?.assignee?.id).toBe(7)
  })

  it('belongs to the agent also when that is heard a minute later', async () => {
    const id = await ana()
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    passed = 60_000
    await chatwoot.assigns(42, 7)
    await until(async () => (await protocols())[0]?.responsavel_id === id)
  })

  it('is replayed when his message is delivered again', async () => {
    await ana()
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    await chatwoot.assigns(42, 7)
    const { assignee } = chatwoot.conversations.get(42) ?? {}
    await chatwoot.assigns(42)
    await chatwoot.retells(42)
    expect(assignee?.id).toBe(7)
    expect([await waiting(), await protocols()]).toMatchObject([[], [{ numero: '#00001' }]])
  })

  it('belongs to an agent who is no consultor here until that one gives him back', async () => {
    const id = await ana()
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    await chatwoot.assigns(42, 9)
    await until(async () => (await protocols())[0]?.historico.length === 1)
    await comesOnline(id)
    // By another conversation, which nobody there has.
    await chatwoot.customerWrites(43, 'alguém?', 'open', 42)
    expect(await protocols()).toMatchObject([{ responsavel_id: null, historico: [{ para: 'Dora' }] }])
    await chatwoot.assigns(42)
    await chatwoot.customerWrites(42, 'alguém?')
    expect(await protocols()).toMatchObject([{ responsavel_id: null }, { consultor_id: id }])
  })

  it('leaves the line when the conversation is resolved, and is not given away after that', async () => {
    const id = await ana()
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    await chatwoot.resolves(42)
    expect(await waiting()).toEqual([])
    await comesOnline(id)
    expect(await protocols()).toEqual([])
    expect(chatwoot.conversations.get(42)?.status).toBe('resolved')
  })

  it('stays when it was another conversation, or another account', async () => {
    await chatwootAccount(service, chatwoot, {})
    await chatwoot.customerWrites(42, 'oi')
    await chatwoot.customerWrites(50, 'oi', 'open', 50)
    await chatwoot.resolves(50)
    expect(await waiting()).toHaveLength(1)
  })

  it('leaves the line when a flow says that it is over, and not for an end that is older than his request', async () => {
    const canal = await testCanal(service, 'generico', {
      esperar: true,
      ajustes: { retorno_url: 'https://exemplo.com' },
    })
    const headers = { 'x-webhook-segredo': canal.segredo }
    const contato = { id: 'bia' }
    const tells = (body: object) => canal.post({ contato, ...body }, { headers })
    expect((await tells({ id: 'a' })).body.situacao).toBe('em_espera')
    await tells({ tipo: 'encerramento', enviado_em: new Date(Date.now() - 60_000).toISOString() })
    expect(await waiting()).toHaveLength(1)
    await tells({ tipo: 'encerramento' })
    expect(await waiting()).toEqual([])
  })
})
