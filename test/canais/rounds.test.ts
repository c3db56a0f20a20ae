import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { tarefas, testCanal, testConsultor } from '../support/chat.js'
import { type Chatwoot, chatwootAccount, startChatwoot } from '../support/chatwoot.js'
import { holdTimers, LONG_ROUNDS } from '../support/held-timers.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let chatwoot: Chatwoot
let service: TestService
const others: TestService[] = []
beforeEach(async () => {
  chatwoot = await startChatwoot()
  service = await testService()
})
afterEach(async () => {
  for (const one of others.splice(0)) await one.end()
  await service.end()
  await chatwoot.end()
})

const account = (more: object = {}): Promise<string> => chatwootAccount(service, chatwoot, more)
const protocols = async () => (await service.call('GET', '/protocolos')).body
const ana = () => testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
const caio = () => testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
const canais = () => service.database.connection.collection('canais')
const conversation = (id: number) => chatwoot.conversations.get(id)
const isDone = (count: number) => tarefas(service, 'feita', count)

/** None of its webhooks arrives meanwhile. */
async function during(outage: () => Promise<void>): Promise<void> {
  const { hook } = chatwoot
  chatwoot.hook = undefined
  await outage()
  chatwoot.hook = hook
}

describe('what its webhooks lost', () => {
  it('is found and taken in under the same key: once, and only what is open and nobody’s', async () => {
    await ana()
    const slug = await account({ janela_h: 0, gatilho: 'transferencia' })
    await during(async () => {
      await chatwoot.customerWrites(1, 'perdida')
      await chatwoot.customerWrites(2, 'de alguém')
      await chatwoot.assigns(2, 9)
      await chatwoot.customerWrites(3, 'com o robô', 'pending')
      expect(await protocols()).toHaveLength(0)
      await service.runRounds()
      await service.runRounds()
      expect(await protocols()).toMatchObject([{ canal: slug, contato: { telefone: '+5511987651001' } }])
    })
    await isDone(3)
    expect(conversation(1)?.assignee?.id).toBe(7)
  })
})

describe('what was there before', () => {
  it('is no loss: neither what is older than the account, nor than the last complete look; all that is newer is found', async () => {
    await ana()
    const ages = async (id: number, seconds: number): Promise<void> => {
      await chatwoot.customerWrites(id, 'oi')
      const one = conversation(id)
      if (one) one.last_activity_at -= seconds
    }
    const taken = async () =>
      (await protocols()).map(({ contato }: { contato: { telefone: string } }) => Number(contato.telefone.slice(-4)))
    // More than a page of them, and one that its clock puts a minute before the account.
    for (let id = 1; id <= 26; id += 1) await ages(id, id === 1 ? 60 : 0)
    await ages(27, 600)
    await account()
    await during(() => service.runRounds())
    expect((await taken()).toSorted()).toEqual(Array.from({ length: 26 }, (_, index) => 1_001 + index))
    await during(async () => {
      await ages(28, 600)
      await service.runRounds()
    })
    expect(await taken()).toHaveLength(26)
  })
})

describe('an outage', () => {
  it('costs no customer, though another event came after it', async () => {
    await ana()
    await account()
    await during(() => chatwoot.customerWrites(1, 'perdida'))
    const lost = conversation(1)
    if (lost) lost.last_activity_at -= 600
    await chatwoot.customerWrites(2, 'chegou')
    expect(await protocols()).toHaveLength(1)
    await canais().updateMany({}, { $set: { criado_em: new Date(Date.now() - 3_600_000) } })
    await testCanal(service, 'generico')
    await service.runRounds()
    expect(await protocols()).toHaveLength(2)
  })

  it('of the platform itself is looked for again, from where the last complete look was', async () => {
    await account()
    const marker = async () => (await canais().findOne({ plataforma: 'chatwoot' }))?.reconciliado_em
    chatwoot.cutNext(/GET .*\/conversations$/)
    await service.runRounds()
    expect(await marker()).toBeUndefined()
    await service.runRounds()
    expect(await marker()).toBeInstanceOf(Date)
  })

  it('gives nobody a turn who wrote no word of those that ask for one', async () => {
    await ana()
    await account({ gatilho: 'palavra', palavras: ['vendedor'] })
    await during(async () => {
      await chatwoot.customerWrites(1, 'bom dia')
      await chatwoot.customerWrites(2, 'um vendedor, por favor')
    })
    await service.runRounds()
    expect(await protocols()).toMatchObject([{ contato: { telefone: '+5511987651002' } }])
  })
})

describe('a conversation that nobody could be given yet', () => {
  it('is not taken in again when its customer writes more', async () => {
    await testConsultor(service, 'Zeca', { email: 'zeca@exemplo.com' })
    await account({ janela_h: 0, gatilho: 'transferencia' })
    chatwoot.hook = undefined
    for (const text of ['oi', 'alguém aí?']) {
      await chatwoot.customerWrites(1, text)
      await service.runRounds()
      await tarefas(service, 'morta', 1)
    }
    expect(await protocols()).toHaveLength(1)
  })
})

describe('a message that was lost', () => {
  it('in another inbox than the account’s is not its own', async () => {
    await ana()
    const ajustes = { servidor: chatwoot.url, conta_id: 1, token: 'token', segredo_do_webhook: chatwoot.secret }
    await account({ ajustes: { ...ajustes, caixa_id: 4 } })
    await during(() => chatwoot.customerWrites(1, 'perdida'))
    await service.runRounds()
    expect(await protocols()).toEqual([])
  })

  it('and comes after all is known by the key under which it was taken in', async () => {
    await ana()
    await account({ janela_h: 0, gatilho: 'palavra', palavras: ['vendedor'] })
    await during(() => chatwoot.customerWrites(1, 'um vendedor, por favor'))
    await service.runRounds()
    expect(await protocols()).toHaveLength(1)
    await chatwoot.retells(1)
    await chatwoot.customerWrites(1, 'outro vendedor')
    expect(await protocols()).toHaveLength(2)
  })

  it('of a conversation that people gave back to nobody is a turn, but being given back alone is none', async () => {
    await ana()
    const other = await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await chatwoot.customerWrites(42, 'obrigado')
    const said = conversation(42)?.messages.at(-1)
    // It tells whole seconds: what is given back within the same one may have been given back before.
    await until(() => Date.now() / 1_000 > (said?.created_at ?? 0) + 1)
    await chatwoot.assigns(42)
    await service.runRounds()
    expect(await protocols()).toHaveLength(1)
    await during(() => chatwoot.customerWrites(42, 'alguém?'))
    await service.runRounds()
    expect((await protocols()).at(-1)).toMatchObject({ consultor_id: other })
  })

  it('of a further conversation of who is being attended goes to his consultor, and says nothing that nobody asked', async () => {
    await ana()
    await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await during(() => chatwoot.customerWrites(43, 'e mais uma coisa', 'open', 42))
    await service.runRounds()
    await until(() => conversation(43)?.assignee?.id === 7)
    expect(await protocols()).toHaveLength(1)
    expect(conversation(43)?.messages.filter(({ message_type }) => message_type === 1)).toEqual([])
  })
})

const REFRESH = 'canais.refresh'

describe('a change of an account', () => {
  it('takes back nothing that the rounds of another process noted', async () => {
    // Never reads the accounts by itself: what it knows of them is from when it last had to.
    const { clock } = holdTimers((name) => name === REFRESH || LONG_ROUNDS.has(name))
    const timers = holdTimers((name) => name === REFRESH)
    await service.end()
    service = await testService({ clock: timers.clock })
    const still = await testService({ database: service.database, clock })
    others.push(still)
    const slug = await chatwootAccount(still, chatwoot, { disponibilidade: true })
    const id = await testConsultor(still, 'Ana Lima', { email: 'ana@exemplo.com', status_online: false })
    const online = async () => (await still.call('GET', `/consultor/${id}`)).body.status_online
    const rename = async (nome: string) =>
      expect((await still.call('PUT', `/canais/${slug}`, { body: { nome } })).status).toBe(200)
    await timers.fire(REFRESH)
    await until(async () => (await service.call('GET', `/canais/${slug}`)).status === 200)
    await service.runRounds()
    await rename('Visto offline')
    const [agent] = chatwoot.agents
    if (agent) agent.availability_status = 'online'
    await timers.fire(REFRESH)
    await until(async () => (await service.call('GET', `/canais/${slug}`)).body.nome === 'Visto offline')
    await service.runRounds()
    expect(await online()).toBe(true)
    await still.call('PUT', `/consultor/${id}/connection?status=false`)
    await rename('Outro nome')
    await still.runRounds()
    expect(await online()).toBe(false)
  })
})

const ROUNDS = ['canais.presence', 'canais.lost-messages']

describe('the rounds', () => {
  it('come by themselves: soon after a start, and what was lost is looked for every five minutes', async () => {
    const timers = holdTimers((name) => LONG_ROUNDS.has(name))
    await service.end()
    service = await testService({ clock: timers.clock, random: () => 0.5 })
    const id = await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com', status_online: false })
    await account({ disponibilidade: true })
    const [agent] = chatwoot.agents
    if (agent) agent.availability_status = 'online'
    await during(() => chatwoot.customerWrites(1, 'perdida'))
    for (const name of ROUNDS) expect(timers.msOf(name)).toBe(30_000)
    for (const name of ROUNDS) await timers.fire(name)
    await until(async () => (await service.call('GET', `/consultor/${id}`)).body.status_online)
    await until(async () => (await protocols()).length === 1)
    await during(() => chatwoot.customerWrites(2, 'perdida também'))
    await until(() => timers.timesSet('canais.lost-messages') === 2)
    expect(timers.msOf('canais.lost-messages')).toBe(300_000)
    await timers.fire('canais.lost-messages')
    await until(async () => (await protocols()).length === 2)
  })
})
