import { afterEach, describe, expect, it } from '@jest/globals'
import { testCanal, testConsultor } from '../support/chat.js'
import { ONE_EACH, type World, world } from '../support/pipedrive.js'

const ANA = 11
const BIA = 12

let w: World
afterEach(() => w.end())

const tarefas = () =>
  w.service.database.connection.collection<{ tipo: string; estado: string; protocolo: number }>('tarefas')
const activityOf = (n: number) => w.fake.state.activities.find(({ subject }) => subject === `Atender #0000${n}`)
const dealOf = (id: number) => w.fake.state.deals.find((one) => one.id === id)
const closings = () => tarefas().find({ tipo: 'pipedrive_status' }).toArray()

/** A customer of Ana's, who has left; Bia is there. The answer asks for him once more. */
async function withAna(env: Record<string, string>) {
  w = await world({ factor: 1, consultores: [{ id_pipedrive: ANA }], env })
  const canal = await testCanal(w.service, 'generico', { ausente_min: 0 })
  const headers = { 'x-webhook-segredo': canal.segredo }
  const ask = async (id: string, contato: object) => (await canal.post({ id, contato }, { headers })).body
  await ask('first', { id: 'c', nome: 'Cliente', telefone: '+5511966000001' })
  return {
    ask: (id: string) => ask(id, { id: 'c' }),
    leave: async () => {
      await testConsultor(w.service, 'Bia', { id_pipedrive: BIA })
      await w.service.call('PUT', '/consultor/1/connection?status=false')
    },
  }
}

describe('a protocol that is continued by one of somebody else', () => {
  it.each([
    ['novo', 'novo'],
    ['manter', 'mantido_com_outro'],
  ])('has its activity done at Pipedrive, and its deal as it was: %s', async (policy, negocio) => {
    const { ask, leave } = await withAna({ PIPEDRIVE_NEGOCIO_DE_OUTRO: policy })
    expect(await w.ended(1)).toMatchObject({ estado: 'feita' })
    const { pipedrive } = await w.read(1)
    await leave()
    const deal = { ...dealOf(pipedrive.negocio_id) }
    expect(await ask('again')).toMatchObject({ situacao: 'atribuido', protocolo: '#00002' })
    expect(await w.ended(2)).toMatchObject({ estado: 'feita' })
    await w.comes(() => activityOf(1)?.done === true, 'the end of the activity')
    await w.quiet()
    expect(await closings()).toMatchObject([{ protocolo: 1 }])
    const after = dealOf(pipedrive.negocio_id)
    expect(after).toMatchObject({ owner_id: ANA, status: 'open', stage_id: deal.stage_id, title: deal.title })
    if (policy === 'novo') expect(after).toEqual(deal)
    expect(activityOf(2)).toMatchObject({ done: false, owner_id: BIA })
    expect((await w.read(2)).pipedrive).toMatchObject({ pessoa_id: pipedrive.pessoa_id, negocio })
    expect(w.of(1)).toEqual(ONE_EACH)
    // What was done there is no news from there.
    expect((await w.read(1)).historico).toHaveLength(1)
    expect(await w.read(1)).toMatchObject({ status: 'concluido', responsavel_id: 1 })
  })

  it('has it done also when it only gets there later', async () => {
    const { ask, leave } = await withAna({})
    w.fake.fault({ path: /activities/, method: 'POST', times: 1, how: 'cortar_antes' })
    await leave()
    await ask('again')
    for (const n of [1, 2]) expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    await w.comes(() => activityOf(1)?.done === true, 'the end of the activity')
    expect(activityOf(2)?.done).toBe(false)
  })
})
