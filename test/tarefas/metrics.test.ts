import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type TarefaDocument, tarefaCollection, toConversationKey, toSequence } from '../../src/tarefas/model.js'
import { tarefas, testConsultor } from '../support/chat.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService()
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})

/** The value of one series; 0 while it is not there. */
async function metric(series: string): Promise<number> {
  const { body } = await service.call('GET', '/metrics')
  const line = String(body)
    .split('\n')
    .find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? 0)
}

it('what comes in, what becomes of the work, and how old the oldest is that waits, are metrics', async () => {
  await testConsultor(service, 'Ana')
  const canal = await evolutionAccount(service, platforms, {})
  let refuses = false
  platforms.answer(() => (refuses ? { status: 400 } : undefined))
  await canal.post(message({ id: 'a' }))
  await tarefas(service, 'feita', 1)
  refuses = true
  await canal.post(message({ id: 'b', from: '5511987650002@s.whatsapp.net' }))
  await tarefas(service, 'morta', 1)
  expect(await metric('webhook_eventos_total{plataforma="evolution",situacao="atribuido"}')).toBe(2)
  await until(async () => (await metric('tarefas_total{tipo="texto_atribuido",resultado="feita"}')) === 1)
  await until(async () => (await metric('tarefas_total{tipo="texto_atribuido",resultado="morta"}')) === 1)
  expect(await metric('tarefas_idade_segundos{fila="chat"}')).toBeLessThan(100)

  let free = (): void => undefined
  const held = new Promise<void>((resolve) => {
    free = resolve
  })
  platforms.answer(() => ({ status: 201, json: { key: { id: 'x' } }, after: held }))
  const at = new Date(Date.now() - 100_000)
  const work = (_id: string, place: number): TarefaDocument => ({
    _id,
    tipo: 'texto_atribuido',
    fila: 'chat',
    estado: 'pendente',
    criada_em: at,
    vence_em: new Date(),
    ordem: toSequence(at, place),
    tentativas: 0,
    canal: canal.slug,
    conversa: 'x',
    fio: toConversationKey(canal.slug, 'x'),
  })
  // The second one waits behind the first, whose answer does not come.
  const collection = tarefaCollection(service.database.connection)
  await collection.insertMany([work('first', 0), work('second', 1)])
  await until(async () => (await metric('tarefas_idade_segundos{fila="chat"}')) >= 100)
  free()
  await tarefas(service, 'feita', 3)
  await until(async () => (await metric('tarefas_idade_segundos{fila="chat"}')) === 0)
})
