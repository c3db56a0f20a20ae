import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ONE_EACH, PROTOCOLO, personsWith, tokensOf, type World, world } from '../support/pipedrive.js'

const RETURNING = 20
const NEW = 95

let w: World

beforeAll(async () => {
  w = await world({ factor: 10 })
})
afterAll(() => w.end())

describe('a turn of a customer', () => {
  it('becomes a person, a deal of the consultor with the protocol, an activity and a note; the next one uses the same deal', async () => {
    const contato = { nome: 'Clara', telefone: '+5511987654321', email: 'clara@exemplo.com.br' }
    let n = 0
    const cost = await tokensOf(w.fake, async () => {
      n = await w.serve(contato)
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    })
    expect(cost).toBeLessThanOrEqual(NEW)
    const { pipedrive } = await w.read(n)
    expect(w.fake.state.persons).toMatchObject([{ id: pipedrive.pessoa_id, name: 'Clara' }])
    expect(w.fake.state.deals).toMatchObject([
      {
        id: pipedrive.negocio_id,
        title: `Atendimento #0000${n} – Clara`,
        owner_id: 11,
        person_id: pipedrive.pessoa_id,
        custom_fields: { [PROTOCOLO]: `#0000${n}` },
      },
    ])
    expect(w.fake.state.activities).toMatchObject([
      { subject: `Atender #0000${n}`, owner_id: 11, type: 'call', participants: [{ primary: true }] },
    ])
    expect(w.of(n)).toEqual(ONE_EACH)

    const again = await tokensOf(w.fake, async () => {
      n = await w.serve(contato)
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    })
    expect(again).toBeLessThanOrEqual(RETURNING)
    expect((await w.read(n)).pipedrive).toMatchObject({ negocio_id: pipedrive.negocio_id, negocio: 'aproveitado' })
    expect(personsWith(w.fake, '87654321')).toBe(1)
    expect(w.fake.state.deals).toHaveLength(1)
    expect(w.of(n)).toEqual({ ...ONE_EACH, deals: 0 })
    expect(w.fake.unplanned).toEqual([])
  })
})
