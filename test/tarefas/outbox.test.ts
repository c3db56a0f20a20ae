import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { newTarefa, type Tarefa, tarefaCollection, toDocument } from '../../src/tarefas/model.js'
import { createOutbox, type Outbox } from '../../src/tarefas/outbox.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'

let database: TestDatabase
let outbox: Outbox
let woken: string[]
beforeEach(async () => {
  database = await migratedDatabase()
  outbox = createOutbox(database.connection)
  woken = []
  outbox.onNew('chat', () => woken.push('chat'))
  outbox.onNew('pipedrive', () => woken.push('pipedrive'))
})
afterEach(() => database.end())

const now = new Date()
const work = (tipo: string, delayMs = 0): Tarefa =>
  newTarefa({
    origin: 'm1',
    tipo,
    payload: { canal: 'c', conversa: 'sala', protocolo: 7, contato: { nome: 'Bia' } },
    conversationKey: 'c\nsala',
    now,
    delayMs,
  })

it('wakes the worker whose work came in, once it can be done', async () => {
  await outbox.insert(work('texto_atribuido'))
  expect(woken).toEqual(['chat'])
  await outbox.insert(work('pipedrive'))
  expect(woken).toEqual(['chat', 'pipedrive'])
  await outbox.insert(work('reatribuir', 2_000))
  await outbox.insert({ ...work('texto_indisponivel'), estado: 'feita', encerrada_em: now })
  expect(woken).toEqual(['chat', 'pipedrive'])
})

it('wakes each worker for whom the drain has copied work', () => {
  outbox.copied(new Set(['texto_atribuido', 'nota']))
  expect(woken).toEqual(['chat'])
  outbox.copied(new Set(['nota', 'pipedrive']))
  expect(woken).toEqual(['chat', 'chat', 'pipedrive'])
  outbox.copied(new Set())
  expect(woken).toHaveLength(3)
})

it('makes the same work once', async () => {
  await outbox.insert(work('nota'))
  await tarefaCollection(database.connection).updateOne({ tipo: 'nota' }, { $set: { estado: 'feita' } })
  await outbox.insert(work('nota'))
  expect((await outbox.recentOf('c\nsala')).map(({ estado }) => estado)).toEqual(['feita'])
  expect(await outbox.has(work('nota')._id)).toBe(true)
  expect(await outbox.has(work('atribuir')._id)).toBe(false)
})

it('changes only what is still as it was read', async () => {
  await outbox.insert(work('nota'))
  const before = work('nota')
  const dead = { estado: 'morta', motivo: 'cancelada', encerrada_em: now } as const
  expect(await outbox.change(before, dead)).toBe(true)
  expect(await outbox.change(before, dead)).toBe(false)
  const after = await outbox.find(before._id)
  if (!after) throw new Error('it is gone')
  expect(await outbox.change(after, { estado: 'pendente' }, ['motivo', 'encerrada_em'])).toBe(true)
  expect(await outbox.find(before._id)).toMatchObject({ motivo: undefined, encerrada_em: undefined })
})

it('takes the customer out of stored work, in whichever shape', async () => {
  const { canal, conversa, protocolo, contato, ...rest } = toDocument(work('nota'))
  const nested = { ...rest, _id: 'nested', payload: { canal, conversa, protocolo, contato } }
  await tarefaCollection(database.connection).insertMany([toDocument(work('nota')), nested])
  await outbox.anonymise(['c\nsala'])
  const stored = await tarefaCollection(database.connection).find().toArray()
  expect(stored).toHaveLength(2)
  expect(JSON.stringify(stored)).not.toMatch(/Bia|sala/)
  expect((await outbox.find('nested'))?.payload).toMatchObject({ canal: 'c', protocolo: 7 })
})
