import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { tarefas, testConsultor } from '../support/chat.js'
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

const account = (more: object = {}): Promise<string> => chatwootAccount(service, chatwoot, more)
const protocols = async () => (await service.call('GET', '/protocolos')).body
const ana = () => testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
const caio = () => testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
const conversation = (id: number) => chatwoot.conversations.get(id)
const texts = (id: number): number =>
  (conversation(id)?.messages ?? []).filter((one) => one.message_type === 1 && !one.private).length
/** Made in Chatwoot while no webhook of it arrives. */
async function unheard(work: () => Promise<void>): Promise<void> {
  const { hook } = chatwoot
  chatwoot.hook = undefined
  await work()
  chatwoot.hook = hook
}
/** An open conversation that this robot has. */
const robotHas = (id: number, bot: number): Promise<void> =>
  unheard(async () => {
    await chatwoot.customerWrites(id, 'oi')
    await chatwoot.assignsBot(id, bot, 'open')
  })

describe('a conversation that a robot has', () => {
  // The id of each robot is that of an agent too: of Ana's own, and of another's.
  it.each([
    ['a bot', 7],
    ['Captain', 8],
  ])('is not attended by %s: a message takes a turn, and the robot is replaced', async (_name, bot) => {
    const id = await ana()
    await account()
    await robotHas(1, bot)
    await chatwoot.customerWrites(1, 'alguém aí?')
    await tarefas(service, 'feita', 3)
    expect(await protocols()).toMatchObject([{ consultor_id: id }])
    expect(conversation(1)).toMatchObject({ assignee: { id: 7 }, bot: undefined, status: 'open', labels: ['vez'] })
    expect(texts(1)).toBe(1)
    await service.runRounds()
    expect(await protocols()).toMatchObject([{ consultor_id: id, responsavel_id: id }])
  })

  it('is asked for by a word, and by no other message', async () => {
    await ana()
    await account({ gatilho: 'palavra', palavras: ['vendedor'] })
    await robotHas(1, 7)
    await chatwoot.customerWrites(1, 'bom dia')
    expect(await protocols()).toHaveLength(0)
    await chatwoot.customerWrites(1, 'um vendedor, por favor')
    expect(await protocols()).toHaveLength(1)
  })

  it('is attended as soon as a person has it', async () => {
    await ana()
    await account()
    await robotHas(1, 7)
    await chatwoot.agentReplies(1, 9, 'Posso ajudar?')
    await chatwoot.customerWrites(1, 'pode')
    expect(await protocols()).toHaveLength(0)
  })
})

describe('a hand-over', () => {
  beforeEach(async () => {
    await ana()
    chatwoot.inboxBot = chatwoot.bots[0]
    await account({ gatilho: 'transferencia' })
    await chatwoot.customerWrites(1, 'quero comprar')
    expect(await protocols()).toHaveLength(0)
  })

  it('counts once, in whichever of its two events it is told', async () => {
    await chatwoot.botHandsOver(1)
    await until(() => conversation(1)?.assignee?.id === 7)
    await tarefas(service, 'feita', 3)
    expect(await protocols()).toHaveLength(1)
    expect(texts(1)).toBe(1)
  })

  it('by an automation leaves the robot there, which is replaced', async () => {
    await chatwoot.botOpens(1)
    await until(() => conversation(1)?.assignee?.id === 7)
    expect(conversation(1)?.bot).toBeUndefined()
    expect(await protocols()).toHaveLength(1)
  })

  it('is one where a person takes the robot off and nobody else takes it', async () => {
    await chatwoot.assigns(1)
    expect(await protocols()).toHaveLength(1)
    await until(() => conversation(1)?.status === 'open')
  })

  it('is none where a person takes it', async () => {
    await chatwoot.assigns(1, 9)
    expect(conversation(1)).toMatchObject({ status: 'open', bot: undefined })
    expect(await protocols()).toHaveLength(0)
  })

  it('is none where it is resolved, nor where it is opened again for the robot', async () => {
    await chatwoot.resolves(1)
    await chatwoot.customerWrites(1, 'voltei')
    expect(conversation(1)).toMatchObject({ status: 'pending', bot: { id: 7 } })
    expect(await protocols()).toHaveLength(0)
  })

  it('is the end of a snooze, where nobody has the conversation', async () => {
    await chatwoot.snoozes(1)
    await chatwoot.opens(1)
    expect(await protocols()).toHaveLength(1)
  })
})

describe('a snoozed conversation', () => {
  it('that nobody has any more takes a new turn, each time, and one that a message opens takes one with it', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(1, 'oi')
    await tarefas(service, 'feita', 3)
    await chatwoot.assigns(1)
    await chatwoot.snoozes(1)
    await chatwoot.opens(1)
    await tarefas(service, 'feita', 6)
    expect(await protocols()).toHaveLength(2)
    await chatwoot.assigns(1)
    await chatwoot.snoozes(1)
    await chatwoot.customerWrites(1, 'e então?')
    expect(await protocols()).toHaveLength(3)
    await tarefas(service, 'feita', 9)
    expect(texts(1)).toBe(3)
  })

  it('that a robot has goes on with the robot', async () => {
    await ana()
    await account({ gatilho: 'transferencia' })
    await chatwoot.customerWrites(1, 'oi')
    await chatwoot.assignsBot(1, 7, 'snoozed')
    await chatwoot.botOpens(1)
    expect(await protocols()).toHaveLength(0)
  })
})

describe('a conversation that a person gives to a robot', () => {
  it('is nobody’s here, whoever has the robot’s number; its hand-over takes a new turn', async () => {
    const first = await caio()
    await account()
    await chatwoot.customerWrites(1, 'oi')
    await until(() => conversation(1)?.assignee?.id === 8)
    await tarefas(service, 'feita', 3)
    await ana()
    await service.runRounds()
    await chatwoot.assignsBot(1, 7)
    expect(await protocols()).toMatchObject([{ consultor_id: first, responsavel_id: null }])
    await chatwoot.customerWrites(1, 'obrigado')
    expect(await protocols()).toHaveLength(1)
    await chatwoot.botHandsOver(1)
    await until(() => conversation(1)?.assignee !== undefined)
    expect(await protocols()).toHaveLength(2)
  })
})

describe('a conversation whose webhook was lost', () => {
  it('is found where a robot has it, but only a message of the customer’s asks', async () => {
    await ana()
    await account()
    await robotHas(1, 7)
    await unheard(async () => {
      await chatwoot.customerWrites(2, 'oi', 'pending')
      await chatwoot.assignsBot(2, 7)
    })
    await service.runRounds()
    expect(await protocols()).toHaveLength(1)
    await until(() => conversation(1)?.assignee?.id === 7)
  })

  it('asks for nobody where a robot goes on with it, and the account waits for the hand-over', async () => {
    await ana()
    await account({ gatilho: 'transferencia' })
    await robotHas(1, 7)
    await service.runRounds()
    expect(await protocols()).toHaveLength(0)
  })

  it('asks for nobody where only the company wrote, as a campaign does', async () => {
    await ana()
    await account()
    await unheard(() => chatwoot.campaigns(1, 'Promoção!'))
    await service.runRounds()
    expect(await protocols()).toHaveLength(0)
  })
})

describe('a Chatwoot before 4.8, where no robot owns a conversation', () => {
  it('hands over by opening it, and tells nothing of when it changed', async () => {
    await chatwoot.end()
    chatwoot = await startChatwoot('before-4.8')
    const first = await caio()
    await account({ gatilho: 'transferencia' })
    await chatwoot.customerWrites(1, 'oi', 'pending')
    expect(await protocols()).toHaveLength(0)
    await chatwoot.botOpens(1)
    await until(() => conversation(1)?.assignee?.id === 8)
    await tarefas(service, 'feita', 3)
    expect(await protocols()).toMatchObject([{ consultor_id: first, responsavel_id: first }])
    const other = await ana()
    await service.runRounds()
    await chatwoot.assigns(1, 7)
    expect((await protocols())[0]).toMatchObject({ responsavel_id: other })
    await chatwoot.resolves(1)
    expect((await protocols())[0]).toMatchObject({ status: 'concluido' })
  })
})
