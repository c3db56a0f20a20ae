import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { isWorkedOff, testCanal, testConsultor } from '../support/chat.js'
import { type Chatwoot, chatwootAccount, startChatwoot } from '../support/chatwoot.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let chatwoot: Chatwoot
let service: TestService
beforeEach(async () => {
  chatwoot = await startChatwoot()
  service = await testService()
})
afterEach(async () => {
  await service.end()
  await chatwoot.end()
})

const protocols = async () => (await service.call('GET', '/protocolos')).body
const assignee = () => chatwoot.conversations.get(42)?.assignee?.id
const said = (): (string | null)[] =>
  (chatwoot.conversations.get(42)?.messages ?? []).flatMap((one) =>
    one.message_type === 1 && !one.private ? [one.content] : [],
  )
/** All that was owed has been done. */
const quiet = () => until(() => isWorkedOff(service))

/** Bia was with Ana, whose conversation was resolved. */
async function resolved(more: object = {}): Promise<number> {
  const ana = await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
  await chatwootAccount(service, chatwoot, more)
  await chatwoot.customerWrites(42, 'oi')
  await until(() => assignee() === 7 && said().length === 1)
  await quiet()
  await chatwoot.resolves(42)
  expect(await protocols()).toMatchObject([{ status: 'concluido' }])
  return ana
}

describe('a conversation that is opened again', () => {
  it('with its agent goes on: no turn, and the customer is told whom he is with', async () => {
    const ana = await resolved()
    await testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
    await chatwoot.customerWrites(42, 'mais uma coisa')
    await until(() => said().length === 2)
    expect(said()[1]).toBe('Você já está com Ana Lima. Seu protocolo é #00001.')
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', encerrado_em: null, responsavel_id: ana }])
    await quiet()
    expect(assignee()).toBe(7)
  })

  it('with an agent who is absent is passed on, and he no longer has it', async () => {
    const ana = await resolved({ ausente_min: 0 })
    const caio = await testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
    await service.call('PUT', `/consultor/${ana}/connection?status=false`)
    await chatwoot.customerWrites(42, 'mais uma coisa')
    await until(() => assignee() === 8)
    expect(await protocols()).toMatchObject([
      { status: 'concluido', historico: expect.arrayContaining([expect.objectContaining({ motivo: 'continuado' })]) },
      { consultor_id: caio, continua: 1 },
    ])
  })

  it('with an agent who is absent stays his where the account says so, and the customer is told', async () => {
    const ana = await resolved({ responsavel_ausente: 'manter', ausente_min: 0 })
    await testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
    await service.call('PUT', `/consultor/${ana}/connection?status=false`)
    await chatwoot.customerWrites(42, 'mais uma coisa')
    await until(() => said().length === 2)
    expect(said()[1]).toContain('Ana Lima está ausente')
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', responsavel_id: ana }])
    expect(assignee()).toBe(7)
  })

  it('that nobody has goes to who has the customer here', async () => {
    const ana = await resolved()
    await chatwoot.assigns(42)
    await chatwoot.opens(42)
    await until(() => assignee() === 7)
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', responsavel_id: ana }])
    await quiet()
    expect(said()).toHaveLength(1)
  })

  it('that a robot has is left to it until its hand-over', async () => {
    await resolved()
    await chatwoot.assignsBot(42, 7, 'resolved')
    await chatwoot.botOpens(42)
    expect(await protocols()).toMatchObject([{ status: 'em_andamento' }])
    expect((await service.call('GET', '/tarefas?estado=pendente')).body).toEqual([])
    await chatwoot.botHandsOver(42)
    await until(() => assignee() === 7)
  })

  it('is not opened here where people cancelled the protocol', async () => {
    await resolved()
    await service.call('PUT', '/protocolo/1', { body: { status: 'cancelado' } })
    await chatwoot.opens(42)
    expect(await protocols()).toMatchObject([{ status: 'cancelado' }])
  })
})

describe('what people did at the platform', () => {
  const at = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds
  const sender = { id: 9, name: 'Bia', phone_number: '+5511987651042', type: 'contact' }
  const conversation = { id: 42, inbox_id: 3, meta: { sender, assignee: null } }

  /** An account whose events the test makes itself, and the protocol of a customer in it. */
  async function account() {
    await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
    await testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
    const canal = await testCanal(service, 'chatwoot', { ajustes: { servidor: chatwoot.url, conta_id: 1 } })
    const told = (body: object) => canal.post({ account: { id: 1 }, ...body })
    const message = { id: 1, content: 'oi', message_type: 'incoming', created_at: at(0), sender, inbox: { id: 3 } }
    await told({ event: 'message_created', ...message, conversation: { ...conversation, status: 'open' } })
    return {
      status: (now: string, before: string, seconds: number) =>
        told({
          event: 'conversation_status_changed',
          ...conversation,
          status: now,
          updated_at: at(seconds),
          changed_attributes: [{ status: { previous_value: before, current_value: now } }],
        }),
      assigned: (name: string, email: string, seconds: number) =>
        told({
          event: 'conversation_updated',
          ...conversation,
          status: 'open',
          updated_at: at(seconds),
          changed_attributes: [{ assignee_id: { previous_value: null, current_value: 7 } }],
          meta: { sender, assignee: { id: 7, name, email, type: 'user' } },
        }),
    }
  }

  it('ends the same when an older change of status comes late', async () => {
    const { status } = await account()
    await status('open', 'resolved', 20)
    await status('resolved', 'open', 10)
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', encerrado_em: null }])
    await status('resolved', 'open', 30)
    await status('open', 'resolved', 20)
    expect(await protocols()).toMatchObject([{ status: 'concluido' }])
  })

  it('ends the same when an older assignment comes late, and one of the same second counts as later', async () => {
    const { assigned } = await account()
    await assigned('Caio Reis', 'caio@exemplo.com', 20)
    await assigned('Ana Lima', 'ana@exemplo.com', 10)
    expect((await protocols())[0].responsavel_id).toBe(2)
    await assigned('Ana Lima', 'ana@exemplo.com', 20)
    expect((await protocols())[0].responsavel_id).toBe(1)
  })

  it('of one kind says nothing of the other: an assignment is kept that comes after a later end', async () => {
    const { status, assigned } = await account()
    await status('open', 'resolved', 30)
    await assigned('Caio Reis', 'caio@exemplo.com', 10)
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', responsavel_id: 2 }])
  })
})
