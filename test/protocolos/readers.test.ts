import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { systemClock } from '../../src/lib/clock.js'
import { changeProtocolo, findProtocolo } from '../../src/protocolos/change.js'
import { toProtocolo } from '../../src/protocolos/copy.js'
import { Digests } from '../../src/protocolos/digests.js'
import type { Filter } from '../../src/protocolos/filter.js'
import { listProtocolos } from '../../src/protocolos/list.js'
import { type Protocolo, type ProtocoloModel, protocoloModel } from '../../src/protocolos/model.js'
import { Totals } from '../../src/protocolos/totals.js'
import type { ProtocoloPendente, Vez } from '../../src/vez/document.js'
import type { VezService } from '../../src/vez/service.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { decideAt, turn, vezOf } from '../support/vez.js'

let database: TestDatabase
let protocolos: ProtocoloModel
beforeAll(async () => {
  database = await testDatabase()
  await migrate(database.connection)
  protocolos = protocoloModel(database.connection)
})
afterEach(() => protocolos.deleteMany({}))
afterAll(() => database.end())

const owing = decideAt(vezOf([{}]), [turn()], { now: new Date() }).vez
const [entry] = owing.pendentes as ProtocoloPendente[]
const insert = async (more: Partial<Protocolo> = {}) => {
  if (entry) await database.connection.collection<Protocolo>('protocolos').insertOne({ ...toProtocolo(entry), ...more })
}
/** What a reader needs of the turn. */
const serviceOf = (part: Partial<VezService>): VezService => part as VezService
const firstPage = { skip: 0, limit: 10, ordem: 'asc' } as const

describe('a reader', () => {
  it('takes the image first: an entry that is copied and dropped between the two looks is found', async () => {
    let snapshot: Vez = owing
    /** The drain does its work as soon as the reader's first look is over, whichever that is. */
    const drain = async (): Promise<void> => {
      if (snapshot.pendentes.length === 0) return
      snapshot = { ...snapshot, pendentes: [] }
      await insert()
    }
    const fresh = async (): Promise<Vez> => {
      const seen = snapshot
      await drain()
      return seen
    }
    const looked = new Proxy(protocolos, {
      get: (model, name) =>
        name === 'findById'
          ? (n: number) => ({
              maxTimeMS: () => ({
                lean: async () => {
                  const found = await model.findById(n).lean()
                  await drain()
                  return found
                },
              }),
            })
          : Reflect.get(model, name),
    })
    expect((await findProtocolo(looked, serviceOf({ readFresh: fresh }), 1)).n).toBe(1)
  })

  it('takes protocolos for right where a number stands in both', async () => {
    await insert({ status: 'concluido' })
    const vez = serviceOf({ readFresh: async () => owing })
    expect((await findProtocolo(protocolos, vez, 1)).status).toBe('concluido')
    const reader = { protocolos, clock: systemClock, letPass: async () => undefined }
    const source = { ...reader, digests: new Digests(reader), totals: new Totals() }
    const list = async (filter: Filter) => {
      const page = await listProtocolos(source, owing, 0, filter, firstPage)
      return [page.protocolos.map(({ status }) => status), page.total]
    }
    expect(await list({})).toEqual([['concluido'], 1])
    expect(await list({ status: 'concluido' })).toEqual([['concluido'], 1])
    expect(await list({ desde: new Date(0) })).toEqual([['concluido'], 1])
    expect(await list({ status: 'aberto' })).toEqual([[], 0])
  })
})

describe('a change', () => {
  it('copies its protocol first, and is refused while the copy is', async () => {
    const change = (sweep: () => Promise<void>) =>
      changeProtocolo(protocolos, serviceOf({ readFresh: async () => owing, drainAll: sweep }), 1, () => ({
        $set: { prioridade: 'alta' },
        $unset: [],
        eventos: [],
      }))
    await expect(change(async () => undefined)).rejects.toMatchObject({ status: 503 })
    expect((await change(() => insert())).prioridade).toBe('alta')
  })
})
