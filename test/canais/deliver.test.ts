import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { blip } from '../../integrations/blip/adapter.js'
import { chatwoot } from '../../integrations/chatwoot/adapter.js'
import type { AnyAdapter } from '../../integrations/contract.js'
import { startContas } from '../../src/canais/accounts.js'
import { chatHandlers } from '../../src/canais/deliver.js'
import { canalModel } from '../../src/canais/model.js'
import { systemClock } from '../../src/lib/clock.js'
import { httpClient } from '../../src/lib/http-client.js'
import { createLogger } from '../../src/lib/logger.js'
import type { OutboundFailure } from '../../src/lib/outbound.js'
import { secretBox } from '../../src/lib/secret-box.js'
import { protocoloModel } from '../../src/protocolos/model.js'
import { copiesOf } from '../../src/start.js'
import { fromDocument, type Tarefa, tarefaCollection } from '../../src/tarefas/model.js'
import { vezObserver } from '../../src/vez/observer.js'
import { startVez, type VezService } from '../../src/vez/service.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { MASTER, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

/** A second process' part of the outbox, beside a service that changes things behind its back. */
let platforms: Platforms
let service: TestService
let vez: VezService
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService()
  // Its clock calls nobody back: it sees only what it asks for.
  const clock = { ...systemClock, after: () => () => undefined }
  vez = await startVez({
    connection: service.database.connection,
    clock,
    random: Math.random,
    esperaIntervaloMs: 0,
    fuso: 'America/Sao_Paulo',
    ...copiesOf(service.database.connection),
    observer: vezObserver(new Registry(), createLogger('silent', false)),
  })
})
afterAll(async () => {
  await vez.stop()
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

async function elsewhere(key = MASTER) {
  const { connection } = service.database
  const clock = { ...systemClock, after: () => () => undefined }
  const contas = await startContas({
    canais: canalModel(connection),
    clock,
    random: Math.random,
    logger: createLogger('silent', false),
    box: secretBox([key]),
  })
  return chatHandlers({
    contas,
    vez,
    protocolos: protocoloModel(connection),
    clock,
    http: httpClient(['127.0.0.1']),
    follow: async () => undefined,
  })
}

const rocket = () =>
  testCanal(service, 'rocketchat', { ajustes: { servidor: platforms.url, usuario_id: 'u', token: 't' } })
const text = (canal: string): Tarefa => ({
  _id: canal,
  tipo: 'texto_atribuido',
  fila: 'chat',
  estado: 'em_curso',
  criada_em: new Date(),
  vence_em: new Date(),
  tentativas: 0,
  payload: { canal, conversa: 'sala', protocolo: 1, consultor_nome: 'Ana' },
})
const ANA = { nome: 'Ana', email: 'ana@exemplo.com' }
const saidaOf = ({ ajustes }: AnyAdapter, more: object) => ({
  account: { slug: 'x', ajustes: ajustes.parse({ servidor: platforms.url, ...more }), secrets: [] },
  http: httpClient(['127.0.0.1']),
  now: new Date(),
  since: new Date(),
  idempotencyKey: 'x',
})

const whyNot = (work: Promise<unknown> | undefined): Promise<string> =>
  (work ?? Promise.resolve()).then(
    () => 'done',
    (error: OutboundFailure) => `${error.motivo} ${error.definitive}`,
  )

describe('work of an account', () => {
  it('that another process made a moment ago is done, and dies only when the account is gone or off', async () => {
    const handlers = await elsewhere()
    const canal = await rocket()
    expect(await whyNot(handlers.texto_atribuido?.run(text(canal.slug)))).toBe('done')
    // A round that looks who is there may call as well.
    expect(platforms.calls.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ roomId: 'sala', text: expect.stringContaining('#00001') }),
    )
    await service.call('PUT', `/canais/${canal.slug}`, { body: { ativo: false } })
    const later = await elsewhere()
    expect(await whyNot(later.texto_atribuido?.run(text(canal.slug)))).toBe('conta_inativa true')
    await service.call('PUT', `/canais/${canal.slug}`, { body: { ativo: true } })
    expect(await whyNot(later.texto_atribuido?.run(text(canal.slug)))).toBe('done')
    await service.call('DELETE', `/canais/${canal.slug}`)
    expect(await whyNot((await elsewhere()).texto_atribuido?.run(text(canal.slug)))).toBe('conta_removida true')
  })

  it('whose secrets this process cannot open waits for one that can', async () => {
    await canalModel(service.database.connection).deleteMany({})
    const handlers = await elsewhere(MASTER.replace('test', 'another'))
    const canal = await rocket()
    expect(await whyNot(handlers.texto_atribuido?.run(text(canal.slug)))).toBe('conta_ilegivel false')
    await service.call('DELETE', `/canais/${canal.slug}`)
    expect(await whyNot(handlers.texto_atribuido?.run(text(canal.slug)))).toBe('conta_removida true')
  })
})

describe('an assignment', () => {
  it('goes to whoever the roster names now, also when he came after the image that this process holds', async () => {
    const canal = await rocket()
    await vez.submit({ tipo: 'tique', fresco: true })
    expect(vez.latest()?.consultores.size).toBe(0)
    await testConsultor(service, 'Ana', { email: 'ana@exemplo.com' })
    await canal.post(
      { _id: 'sala', type: 'LivechatSessionQueued', visitor: { _id: 'v' }, messages: [] },
      { headers: { 'x-rocketchat-livechat-token': canal.segredo } },
    )
    const collection = tarefaCollection(service.database.connection)
    await until(async () => (await collection.countDocuments({ tipo: 'atribuir' })) === 1)
    const owed = await collection.findOne({ tipo: 'atribuir' })
    if (!owed) throw new Error('nothing is owed')
    platforms.reset()
    platforms.answer(({ path }) =>
      path.endsWith('/users/agent')
        ? { json: { users: [{ _id: 'ag1', emails: [{ address: 'ana@exemplo.com' }] }] } }
        : undefined,
    )
    expect(await whyNot((await elsewhere()).atribuir?.run(fromDocument(owed)))).toBe('done')
    expect(platforms.calls.map(({ body }) => body)).toContainEqual({ roomId: 'sala', userId: 'ag1' })
  })
})

describe('a refusal', () => {
  const send = async (plataforma: string, ajustes: object, conversa: string): Promise<string> => {
    const canal = await testCanal(service, plataforma, { ajustes: { servidor: platforms.url, ...ajustes } })
    const work = text(canal.slug)
    return whyNot((await elsewhere()).texto_atribuido?.run({ ...work, payload: { ...work.payload, conversa } }))
  }
  const meta = { phone_number_id: '1', app_secret: 's', token: 't' }

  it.each([
    [130_429, 'http_400 false'],
    [131_056, 'http_400 false'],
    [80_007, 'http_400 false'],
    [4, 'http_400 false'],
    [131_026, 'http_400 true'],
  ])('of Meta with code %d is told apart though its status is a 400', async (code, expected) => {
    platforms.answer(() => ({ status: 400, json: { error: { code, message: 'x' } } }))
    expect(await send('whatsapp-cloud', meta, '5511987654321')).toBe(expected)
  })

  it('of Z-API is one, though its status is a success', async () => {
    platforms.answer(() => ({ json: { error: 'null not allowed' } }))
    expect(await send('zapi', { instancia: 'A', token: 't' }, '5511987654321')).toBe('recusada true')
  })

  it('of a command of Blip is one, though the call was taken', async () => {
    platforms.answer(({ path }) =>
      path.endsWith('/commands') ? { json: { status: 'failure', reason: { code: 67 } } } : undefined,
    )
    const sent = blip.assign?.(saidaOf(blip, { modo: 'bot', chave: 'k' }), { conversa: 'a@b' }, ANA, {})
    await expect(sent).rejects.toMatchObject({ motivo: 'atribuicao_recusada', definitive: true })
  })

  it('of an assignment by Chatwoot is silent: its answer names nobody', async () => {
    platforms.answer(({ path }) => {
      if (path.endsWith('/agents')) return { json: [{ id: 7, email: 'ana@exemplo.com' }] }
      return { json: path.endsWith('/assignments') ? null : { id: 42, status: 'open', meta: {} } }
    })
    const sent = chatwoot.assign?.(saidaOf(chatwoot, { conta_id: 1, token: 't' }), { conversa: '42' }, ANA, {})
    await expect(sent).rejects.toMatchObject({ motivo: 'atribuicao_recusada', definitive: true })
    expect(platforms.calls.at(-1)?.path).toContain('/assignments')
  })
})

describe('a text that may have been said', () => {
  it('is looked for since its work was made: the same words of another day do not count, nor the customer’s', async () => {
    const desde = new Date('2026-01-05T12:00:00Z')
    const seconds = (more: number): number => desde.getTime() / 1_000 + more
    const said = async (...payload: object[]) => {
      platforms.answer(() => ({ json: { payload } }))
      const saida = { ...saidaOf(chatwoot, { conta_id: 1, token: 't' }), since: desde }
      return chatwoot.wasSent?.(saida, { conversa: '42' }, 'oi')
    }
    const one = { id: 1, content: 'oi', message_type: 1, private: false }
    expect(await said({ ...one, created_at: seconds(2) })).toBe(true)
    expect(await said({ ...one, created_at: seconds(-86_400) })).toBe(false)
    expect(await said({ ...one, created_at: seconds(2), message_type: 0 })).toBe(false)
    expect(await said({ ...one, created_at: seconds(2), content: 'olá' })).toBe(false)
  })
})
