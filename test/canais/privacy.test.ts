import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const lines: string[] = []
let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  service = await testService({ logger })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})

it('nothing personal and nothing secret reaches a log, a metric or an error', async () => {
  const secrets = {
    phone: '5511987651234',
    name: 'Beatriz Personagem',
    text: 'quero um financiamento',
    message: '3EB0SEGREDO0001',
    key: 'chave-da-evolution-1',
    email: 'ana.consultora@exemplo.com',
    own: '5511955550000',
  }
  await testConsultor(service, 'Ana', { email: secrets.email, telefone: `+${secrets.own}` })
  const ajustes = { instancia: 'loja', servidor: platforms.url, chave_api: secrets.key }
  const canal = await testCanal(service, 'evolution', { ajustes, avisar_consultor: true })
  const body = {
    event: 'messages.upsert',
    instance: 'loja',
    apikey: 'token-no-corpo',
    data: {
      key: { remoteJid: `${secrets.phone}@s.whatsapp.net`, fromMe: false, id: secrets.message },
      pushName: secrets.name,
      message: { conversation: secrets.text },
      messageTimestamp: Math.floor(Date.now() / 1_000),
    },
  }
  let calls = 0
  platforms.answer(({ body: sent }) => {
    calls += 1
    if (calls === 1) return { status: 503, json: { error: `number ${sent.number} ${secrets.name}` } }
    return calls === 2 ? { status: 400, json: { message: secrets.text } } : undefined
  })
  await canal.post(body)
  await canal.post(body, { raw: '{broken' })
  const refused = await service.call('POST', `/webhooks/evolution/${canal.slug}/outro-segredo-1`, { body })
  const found = async (): Promise<string> => JSON.stringify((await service.call('GET', '/tarefas?estado=morta')).body)
  await until(async () => (await found()).includes('http_400'))
  await until(() => platforms.calls.length >= 3)
  const metrics = (await service.call('GET', '/metrics')).body
  expect(metrics).toContain('tarefas_total')
  expect(metrics).toMatch(/webhook_eventos_total\{plataforma="evolution",situacao="atribuido"\} 1/)
  const everything = [...lines, metrics, JSON.stringify(refused.body), await found()].join('\n')
  for (const value of [...Object.values(secrets), canal.segredo, 'token-no-corpo', 'outro-segredo-1']) {
    expect({ value, isThere: everything.includes(value) }).toEqual({ value, isThere: false })
  }
  const webhooks = lines.map((line) => JSON.parse(line)).filter(({ rota }) => rota?.startsWith('/webhooks'))
  expect(webhooks.map(({ rota }) => rota)).toContain('/webhooks/:plataforma/:slug')
})
