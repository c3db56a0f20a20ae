import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { makeCredentials, readCredentials } from '../../src/pipedrive/webhook.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { MASTER } from '../support/service.js'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.end())

const NONE = { PIPEDRIVE_WEBHOOK_USUARIO: undefined, PIPEDRIVE_WEBHOOK_SENHA: undefined }
const OWN = { PIPEDRIVE_WEBHOOK_USUARIO: 'pipedrive', PIPEDRIVE_WEBHOOK_SENHA: 'uma-senha-comprida' }
const deps = (config: typeof NONE | typeof OWN = NONE, masterKeys: readonly string[] = [MASTER]) => ({
  connection: database.connection,
  config,
  masterKeys,
})

describe('the credentials of the webhook', () => {
  it('are made once, whoever asks, and are the same for all', async () => {
    expect(await readCredentials(deps())).toBeUndefined()
    const all = await Promise.all(Array.from({ length: 8 }, () => makeCredentials(deps())))
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(await readCredentials(deps())).toEqual(all[0])
    expect(new Set(Object.values(all[0] ?? {})).size).toBe(3)
  })

  it('are kept locked, each for its own place', async () => {
    const made = await makeCredentials(deps())
    const collection = database.connection.collection<{ _id: string; senha: string }>('pipedrive_conta')
    const kept = await collection.findOne({ _id: 'webhook' })
    for (const secret of Object.values(made)) expect(JSON.stringify(kept)).not.toContain(secret)
    await collection.updateOne({ _id: 'webhook' }, { $set: { segredo: kept?.senha } })
    await expect(readCredentials(deps())).rejects.toThrow(/CHAVE_MESTRA/)
  })

  it('may be the environment’s: only the part of the address is made then, and the rest once that ends', async () => {
    const own = await makeCredentials(deps(OWN))
    expect(own).toMatchObject({ usuario: 'pipedrive', senha: 'uma-senha-comprida' })
    expect(await database.connection.collection('pipedrive_conta').findOne({})).toEqual({
      _id: 'webhook',
      segredo: expect.any(String),
    })
    expect(await readCredentials(deps())).toBeUndefined()
    const all = await Promise.all([makeCredentials(deps()), makeCredentials(deps())])
    expect(all[0]).toEqual(all[1])
    expect(all[0]).toMatchObject({ segredo: own.segredo, usuario: expect.not.stringMatching(/^pipedrive$/) })
  })

  it('open with a former master key of the list, and are locked by the first then', async () => {
    const made = await makeCredentials(deps())
    const next = 'another-master-key-0123456789-0123456789'
    expect(await readCredentials(deps(NONE, [next, MASTER]))).toEqual(made)
    expect(await makeCredentials(deps(NONE, [next, MASTER]))).toEqual(made)
    expect(await readCredentials(deps(NONE, [next]))).toEqual(made)
  })

  it('need a master key, and say so', async () => {
    await expect(makeCredentials(deps(NONE, []))).rejects.toThrow(/^Defina CHAVE_MESTRA/)
    await makeCredentials(deps())
    await expect(makeCredentials(deps(NONE, ['another-master-key-0123456789-0123456789']))).rejects.toThrow(
      /com que foram gravadas/,
    )
  })
})
