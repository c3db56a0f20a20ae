import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { isWorkedOff, tarefas, testConsultor } from '../support/chat.js'
import { type Chatwoot, chatwootAccount, startChatwoot } from '../support/chatwoot.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let chatwoot: Chatwoot
let service: TestService
beforeEach(async () => {
  chatwoot = await startChatwoot()
  // Every second try comes late enough for what is to happen in between.
  service = await testService({ random: () => 0.9 })
})
afterEach(async () => {
  await service.end()
  await chatwoot.end()
})

const account = (): Promise<string> => chatwootAccount(service, chatwoot, {})
const protocols = async () => (await service.call('GET', '/protocolos')).body
const ana = () => testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
const caio = () => testConsultor(service, 'Caio Reis', { email: 'Caio@Exemplo.com' })
const conversation = (id: number) => chatwoot.conversations.get(id)
const isDone = (count: number) => tarefas(service, 'feita', count)

describe('a conversation that people give back to nobody', () => {
  it('is nobody’s here either, and its customer’s next message is a turn', async () => {
    await ana()
    const other = await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await chatwoot.assigns(42)
    expect((await protocols())[0]).toMatchObject({ responsavel_id: null })
    await chatwoot.customerWrites(42, 'alguém?')
    expect((await protocols()).at(-1)).toMatchObject({ consultor_id: other })
    await until(() => conversation(42)?.assignee?.id === 8)
  })
})

describe('what people did at the platform', () => {
  it('and is heard late undoes nothing that was done here since', async () => {
    const first = await ana()
    const other = await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(4)
    // Who agent 9 is has to be asked, and the first answer is lost.
    chatwoot.cutNext(/GET .*\/agents$/)
    await chatwoot.assigns(42, 9)
    expect((await service.call('PUT', '/protocolo/1', { body: { responsavel_id: other } })).status).toBe(200)
    await until(() => conversation(42)?.assignee?.id === 8)
    await until(() => isWorkedOff(service))
    const [{ historico, responsavel_id }] = await protocols()
    expect(responsavel_id).toBe(other)
    expect(historico).toMatchObject([{ tipo: 'responsavel', de: first, para: other }])
  })

  it('before the customer came back is not done to his new protocol', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(4)
    const later = { $set: { created_at: new Date(Date.now() + 60_000) } }
    await service.database.connection.collection('protocolos').updateOne({}, later)
    await chatwoot.resolves(42)
    expect(await protocols()).toMatchObject([{ status: 'aberto' }])
  })
})
