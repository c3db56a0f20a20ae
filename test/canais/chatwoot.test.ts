import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FakeClock } from '../../fakes/pipedrive/clock.js'
import { hasTarefas, tarefas, testConsultor } from '../support/chat.js'
import { type Chatwoot, chatwootAccount, startChatwoot } from '../support/chatwoot.js'
import { passToDue } from '../support/due.js'
import { allCopied, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let chatwoot: Chatwoot
let service: TestService
let clock: FakeClock
beforeEach(async () => {
  chatwoot = await startChatwoot()
  clock = new FakeClock()
  service = await testService({ clock })
})
afterEach(async () => {
  await service.end()
  await chatwoot.end()
})

const account = (more: object = {}): Promise<string> => chatwootAccount(service, chatwoot, more)

const protocols = async () => (await service.call('GET', '/protocolos')).body
const ana = (more: object = {}) => testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com', ...more })
const caio = () => testConsultor(service, 'Caio Reis', { email: 'caio@exemplo.com' })
const conversation = (id: number) => chatwoot.conversations.get(id)
const said = (id: number, isNote: boolean): (string | null)[] =>
  (conversation(id)?.messages ?? [])
    .filter((one) => one.message_type === 1 && one.private === isNote)
    .map(({ content }) => content)
const isDone = (count: number) => tarefas(service, 'feita', count)
/** The same, and what waits to be tried again is due at once. */
const isDoneAtLast = async (count: number): Promise<void> => {
  await until(async () => {
    await passToDue(service.database.connection, clock)
    return hasTarefas(service, 'feita', count)
  })
}

describe('a conversation', () => {
  it('is answered, noted, assigned to the agent of the consultor’s e-mail, opened, marked and labelled', async () => {
    const id = await ana()
    await account()
    await chatwoot.customerWrites(42, 'ação/😀')
    await isDone(3)
    expect(said(42, false)).toEqual(['Pronto! Ana Lima vai atender você. Seu protocolo é #00001.'])
    expect(said(42, true)).toEqual(['Protocolo #00001: a vez é de Ana Lima.'])
    expect(conversation(42)).toMatchObject({
      status: 'open',
      assignee: { id: 7 },
      labels: ['vez'],
      custom_attributes: { protocolo: '#00001', consultor: 'Ana Lima' },
    })
    await isDone(4)
    expect(await protocols()).toMatchObject([{ consultor_id: id, responsavel_id: id, historico: [] }])
    expect(new Set(chatwoot.statuses)).toEqual(new Set([200]))
  })

  it('that somebody has already takes no turn, nor one that a robot holds until it opens it', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(1, 'oi', 'pending')
    expect(await protocols()).toHaveLength(0)
    await chatwoot.botOpens(1)
    expect(await protocols()).toHaveLength(1)
    chatwoot.hook = undefined
    await chatwoot.customerWrites(2, 'oi')
    await chatwoot.assigns(2, 8)
    await account()
    await chatwoot.customerWrites(2, 'atendente')
    expect(await protocols()).toHaveLength(1)
  })

  it('resolved there is concluded here; given to another there, his here; to a stranger, nobody’s, with the name told', async () => {
    await ana()
    const other = await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await service.runRounds()
    await chatwoot.assigns(42, 8)
    expect((await protocols())[0]).toMatchObject({ responsavel_id: other })
    await chatwoot.assigns(42, 9)
    const [one] = await protocols()
    expect(one).toMatchObject({ responsavel_id: null, consultor_id: 1 })
    expect(one.historico.at(-1)).toMatchObject({ tipo: 'responsavel', de: other, para: 'Dora' })
    await chatwoot.resolves(42)
    expect((await protocols())[0]).toMatchObject({ status: 'concluido' })
    await chatwoot.customerWrites(42, 'voltei')
    expect(await protocols()).toHaveLength(1)
  })

  it('opened again there by a person goes on here, and with whoever has it', async () => {
    await ana()
    const other = await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await service.runRounds()
    await chatwoot.resolves(42)
    expect((await protocols())[0]).toMatchObject({ status: 'concluido' })
    await chatwoot.assigns(42, 8)
    await chatwoot.opens(42)
    expect(await protocols()).toMatchObject([{ status: 'em_andamento', responsavel_id: other, encerrado_em: null }])
  })

  it('is not taken from whom people gave it to meanwhile, but a change of the protocol here moves it', async () => {
    await ana()
    const other = await caio()
    await account()
    chatwoot.cutNext(/POST .*messages/)
    await chatwoot.customerWrites(42, 'oi')
    await chatwoot.assigns(42, 9)
    await isDoneAtLast(4)
    expect(conversation(42)?.assignee?.id).toBe(9)
    expect((await service.call('PUT', '/protocolo/1', { body: { responsavel_id: other } })).status).toBe(200)
    await until(async () => {
      await passToDue(service.database.connection, clock)
      return conversation(42)?.assignee?.id === 8
    })
  })

  it('whose consultor has no agent there gets a note, and a dead tarefa that says so', async () => {
    await testConsultor(service, 'Zeca', { email: 'zeca@exemplo.com' })
    await account()
    await chatwoot.customerWrites(42, 'oi')
    const dead = await tarefas(service, 'morta', 1)
    expect(dead).toMatchObject([{ tipo: 'atribuir', motivo: 'agente_nao_encontrado' }])
    await isDone(2)
    expect(said(42, true)).toEqual(expect.arrayContaining([expect.stringContaining('Zeca não tem um agente')]))
    expect(conversation(42)?.assignee).toBeUndefined()
    chatwoot.agents.push({ id: 10, name: 'Zeca', email: 'zeca@exemplo.com', availability_status: 'online' })
    expect((await service.call('POST', `/tarefas/${dead[0]?.id}/repetir`)).status).toBe(200)
    await until(() => conversation(42)?.assignee?.id === 10)
  })
})

describe('an assignment whose answer was lost', () => {
  it('is repeated: the conversation is marked, and nothing is left in doubt', async () => {
    await ana()
    await account()
    chatwoot.cutNext(/POST .*assignments/)
    await chatwoot.customerWrites(42, 'oi')
    await isDoneAtLast(4)
    expect(conversation(42)?.labels).toContain('vez')
    expect(conversation(42)?.assignee?.id).toBe(7)
    expect((await service.call('GET', '/tarefas?estado=morta')).body).toEqual([])
  })
})

describe('a text whose answer was lost', () => {
  it('is looked up, and not said twice', async () => {
    await ana()
    await account()
    chatwoot.cutNext(/POST .*messages/)
    await chatwoot.customerWrites(42, 'oi')
    await isDoneAtLast(3)
    expect(said(42, false)).toHaveLength(1)
    expect((await service.call('GET', '/tarefas?estado=morta')).body).toEqual([])
  })
})

describe('a customer with two conversations', () => {
  it('keeps his protocol when the other one is resolved', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await chatwoot.customerWrites(17, 'por e-mail', 'pending', 42)
    await chatwoot.resolves(17)
    expect((await protocols())[0]).toMatchObject({ status: 'aberto' })
    await chatwoot.resolves(42)
    expect((await protocols())[0]).toMatchObject({ status: 'concluido' })
  })

  it('has his consultor in both, without another turn', async () => {
    await ana()
    await caio()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await chatwoot.customerWrites(43, 'e mais uma coisa', 'open', 42)
    await until(() => conversation(43)?.assignee?.id === 7)
    expect(await protocols()).toHaveLength(1)
  })

  it('is forgotten in both when his protocol is made anonymous', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(4)
    await chatwoot.customerWrites(43, 'e mais uma coisa', 'open', 42)
    await until(() => conversation(43)?.assignee?.id === 7)
    await isDone(5)
    const known = async (): Promise<number> => {
      const all = await service.database.connection.collection('tarefas').find().toArray()
      return all.filter((one) => /Bia|98765|"conversa"|"fio"/.test(JSON.stringify(one))).length
    }
    expect(await known()).toBeGreaterThan(4)
    await service.call('POST', '/protocolo/1/anonimizar')
    expect(await known()).toBe(0)
  })
})

describe('who is being attended', () => {
  const owed = () => service.database.connection.collection('tarefas').countDocuments()

  it('is not assigned again by each word of his, but is when he is handed over once more', async () => {
    await testConsultor(service, 'Zeca', { email: 'zeca@exemplo.com' })
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(2)
    await tarefas(service, 'morta', 1)
    const before = await owed()
    await chatwoot.customerWrites(42, 'alguém aí?')
    expect(await owed()).toBe(before)
    chatwoot.agents.push({ id: 10, name: 'Zeca', email: 'zeca@exemplo.com', availability_status: 'online' })
    const one = conversation(42)
    if (one) one.status = 'pending'
    await chatwoot.customerWrites(42, 'quero falar com ele')
    await chatwoot.botOpens(42)
    await until(() => conversation(42)?.assignee?.id === 10)
    expect(await protocols()).toHaveLength(1)
  })

  it('has nobody in another conversation by a message that is older than the end of his protocol', async () => {
    await ana()
    await account()
    await chatwoot.customerWrites(42, 'oi')
    await isDone(3)
    await chatwoot.resolves(42)
    const later = { $set: { encerrado_em: new Date(Date.now() + 60_000) } }
    await service.database.connection.collection('protocolos').updateOne({}, later)
    const before = await owed()
    await chatwoot.customerWrites(43, 'atrasada', 'open', 42)
    expect(await protocols()).toHaveLength(1)
    expect(await owed()).toBe(before)
  })
})

describe('an account without a token', () => {
  it('takes turns, and owes nothing that it could not do', async () => {
    await ana()
    const other = await caio()
    await account({ ajustes: { servidor: chatwoot.url, conta_id: 1, segredo_do_webhook: chatwoot.secret } })
    await chatwoot.customerWrites(42, 'oi')
    expect(await protocols()).toHaveLength(1)
    await allCopied(service)
    expect((await service.call('PUT', '/protocolo/1', { body: { responsavel_id: other } })).status).toBe(200)
    expect(await service.database.connection.collection('tarefas').countDocuments()).toBe(0)
  })
})

describe('who is there', () => {
  it('is online here as soon as he is there, where the account says so', async () => {
    const id = await ana({ status_online: false, email: 'Ana@Exemplo.com' })
    await account({ disponibilidade: true })
    const online = async () => (await service.call('GET', `/consultor/${id}`)).body.status_online
    const [agent] = chatwoot.agents
    if (!agent) throw new Error('no agent')
    await service.runRounds()
    expect(await online()).toBe(false)
    agent.availability_status = 'online'
    await service.runRounds()
    expect(await online()).toBe(true)
    await service.call('PUT', `/consultor/${id}/connection?status=false`)
    await service.runRounds()
    expect(await online()).toBe(false)
    // Nor does a start, or another process that sees the change later, undo what was set here.
    const other = await testService({ database: service.database })
    await other.runRounds()
    expect(await online()).toBe(false)
    agent.availability_status = 'offline'
    await other.runRounds()
    agent.availability_status = 'online'
    await other.runRounds()
    expect(await online()).toBe(true)
    expect((await service.call('GET', '/canais')).body[0]).not.toHaveProperty('presencas')
    await other.end()
  })
})
