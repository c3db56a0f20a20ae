import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { campo, numeroOf, ONE_EACH, PROTOCOLO, type World, world } from '../support/pipedrive.js'

const ANA = 11
/** The stand-in's second pipeline, and its only stage. */
const [POS_VENDA, ATIVO] = [2, 3]
const CONSULTOR = 'b'.repeat(40)
const CANAL = 'c'.repeat(40)
const IDIOMA = 'd'.repeat(40)
const MINUTE = 60_000
const ATIVIDADE_MIN = 45
const WORDS = 'Quero cancelar o contrato 998877'

let w: World
beforeAll(async () => {
  w = await world({
    factor: 10,
    consultores: [{ nome: 'Ana <Souza>', id_pipedrive: ANA }],
    env: {
      PIPEDRIVE_ETAPA: String(ATIVO),
      PIPEDRIVE_ATIVIDADE_MIN: String(ATIVIDADE_MIN),
      PIPEDRIVE_TIPO_ATIVIDADE: 'meeting',
    },
  })
  w.fake.state.fields.push(campo(CONSULTOR, 'Consultor da vez'), campo(CANAL, 'Canal'), campo(IDIOMA, 'Idioma'))
})
afterAll(() => w.end())
afterEach(() => expect(w.fake.unplanned).toEqual([]))

let customers = 0
function newCustomer() {
  customers += 1
  return { nome: `Clara Conhecida ${customers}`, telefone: `+55119${String(55_000_000 + customers)}` }
}

async function synced(contato: object, more: object = {}) {
  const n = await w.serve(contato, more)
  expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  const { pipedrive } = await w.read(n)
  expect(w.of(n)).toEqual({ ...ONE_EACH, deals: pipedrive.negocio === 'criado' ? 1 : 0 })
  const { deals, activities, notes } = w.fake.state
  return {
    n,
    pipedrive,
    deal: deals.find(({ id }) => id === pipedrive.negocio_id),
    activity: activities.find(({ id }) => id === pipedrive.atividade_id),
    note: notes.find(({ id }) => id === pipedrive.nota_id),
  }
}

describe('what is written', () => {
  it('is the deal in the stage that is set, with our four fields', async () => {
    const { n, deal, pipedrive } = await synced(newCustomer())
    expect(deal).toMatchObject({
      stage_id: ATIVO,
      pipeline_id: POS_VENDA,
      owner_id: ANA,
      person_id: pipedrive.pessoa_id,
      custom_fields: { [PROTOCOLO]: numeroOf(n), [CONSULTOR]: 'Ana <Souza>', [IDIOMA]: 'pt' },
    })
    expect(pipedrive).toMatchObject({ negocio: 'criado', pessoas_duplicadas: [], sem_usuario: false })
  })

  it('is an activity of the type that is set, of the deal and its person, due after the minutes that are set', async () => {
    const before = w.fake.clock.now().getTime()
    const { activity, pipedrive } = await synced(newCustomer())
    expect(activity).toMatchObject({
      type: 'meeting',
      owner_id: ANA,
      deal_id: pipedrive.negocio_id,
      participants: [{ person_id: pipedrive.pessoa_id, primary: true }],
      done: false,
    })
    const due = Date.parse(`${activity?.due_date}T${activity?.due_time}Z`)
    // To the minute, and the clock here is a fast one.
    expect(due).toBeGreaterThanOrEqual(before + (ATIVIDADE_MIN - 1) * MINUTE)
    expect(due).toBeLessThanOrEqual(w.fake.clock.now().getTime() + ATIVIDADE_MIN * MINUTE)
  })

  it('is a note on the deal that says why, escaped; and nowhere what the customer wrote', async () => {
    const { n, note, pipedrive } = await synced(newCustomer(), { descricao: WORDS })
    expect((await w.read(n)).descricao).toBe(WORDS)
    expect(note?.deal_id).toBe(pipedrive.negocio_id)
    expect(note?.content).toContain('Consultor: Ana &lt;Souza&gt; (era a sua vez na fila)')
    expect(note?.content).toContain('Idioma: pt')
    expect(JSON.stringify(w.fake.state)).not.toContain(WORDS)
  })

  it('leaves alone what people did to an open deal, and one of another pipeline', async () => {
    const contato = newCustomer()
    const person = w.fake.asPerson.addPerson({ name: contato.nome, phone: contato.telefone })
    const others = w.fake.asPerson.addDeal({ title: 'Venda', person_id: person.id, owner_id: ANA, stage_id: 2 })
    const open = w.fake.asPerson.addDeal({ title: 'Antigo', person_id: person.id, owner_id: ANA, stage_id: ATIVO })
    open.value = 900
    w.fake.asPerson.setField(open.id, CANAL, 'indicação')
    const [before, venda] = [{ ...open }, JSON.stringify(others)]
    const { n, pipedrive } = await synced(contato)
    expect(pipedrive).toMatchObject({ negocio_id: open.id, negocio: 'aproveitado' })
    expect(open).toEqual({
      ...before,
      update_time: expect.any(String),
      custom_fields: {
        [PROTOCOLO]: numeroOf(n),
        [CONSULTOR]: 'Ana <Souza>',
        [CANAL]: 'indicação',
        [IDIOMA]: 'pt',
      },
    })
    expect(JSON.stringify(others)).toBe(venda)
  })

  it('tells which other persons have the number, and changes none of them', async () => {
    const contato = newCustomer()
    const [first, second] = [1, 2].map(() => w.fake.asPerson.addPerson({ name: contato.nome, phone: contato.telefone }))
    if (!first || !second) throw new Error('two')
    const { pipedrive } = await synced(contato)
    expect([pipedrive.pessoa_id, ...pipedrive.pessoas_duplicadas].sort()).toEqual([first.id, second.id].sort())
    expect([first, second].map(({ is_deleted, phones }) => ({ is_deleted, phones: phones.length }))).toEqual([
      { is_deleted: false, phones: 1 },
      { is_deleted: false, phones: 1 },
    ])
  })

  it('is one person for all forms of one number at once, of a landline too, though the index is behind', async () => {
    w.fake.lag(MINUTE)
    const forms = ['+5511981234567', '+551181234567', '(11) 98123-4567', '+551132109876', '(11) 3210-9876']
    const numbers = await Promise.all(forms.map((telefone, place) => w.serve({ nome: `Forma ${place}`, telefone })))
    for (const n of numbers) expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    w.fake.lag(0)
    const made = w.fake.state.persons.filter(({ name }) => name.startsWith('Forma '))
    expect(made).toHaveLength(2)
    const records = numbers.map((n) => w.of(n))
    for (const { activities, notes } of records) expect([activities, notes]).toEqual([1, 1])
    expect(records.map(({ deals }) => deals).sort()).toEqual([0, 0, 0, 1, 1])
    expect(w.fake.state.deals.filter(({ person_id }) => made.some(({ id }) => id === person_id))).toHaveLength(2)
  })
})

describe('what is logged', () => {
  it('holds nothing of the token, of a customer or of what he wrote, when all goes well and when nothing does', async () => {
    w.fake.fault({
      method: 'POST',
      path: /^\/v2\/persons$/,
      // Refused once more after what we believe of the account was looked at again: it is dead.
      times: 2,
      how: { status: 400, body: JSON.stringify({ success: false, code: `ERR: ${TOKEN} Clara Conhecida` }) },
    })
    const n = await w.serve({ ...newCustomer(), email: 'clara@exemplo.com.br' }, { descricao: WORDS })
    expect(await w.ended(n)).toMatchObject({ estado: 'morta' })
    const { body } = await w.service.call('GET', '/tarefas?limit=500')
    expect(body).toContainEqual(expect.objectContaining({ motivo: expect.stringContaining('recusada:400') }))
    for (const told of [w.log(), JSON.stringify(body)]) {
      for (const secret of [TOKEN, WORDS, 'Clara Conhecida', '5500000', 'clara@']) expect(told).not.toContain(secret)
    }
  })
})
