import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ANSWERS } from '../../fakes/pipedrive/faults.js'
import { clienteHash } from '../../src/tarefas/cliente.js'
import { ONE_EACH, personsWith, type World, world } from '../support/pipedrive.js'
import { sample } from '../support/sample.js'
import { until } from '../support/until.js'

/** Longer than the index was ever seen behind. */
const SETTLE_MS = 60_000
const LEASE_MS = 30_000

let w: World
beforeAll(async () => {
  w = await world({ factor: 10 })
})
afterAll(() => w.end())
afterEach(() => expect(w.fake.faultsLeft()).toBe(0))

let customers = 0
function newCustomer() {
  customers += 1
  const last8 = String(99_000_000 + customers)
  return { last8, contato: { nome: `Cliente ${customers}`, telefone: `+55119${last8}` } }
}
const callsOf = (method: string, path: string) =>
  w.fake.calls.filter((one) => one.method === method && one.path === path)

const LOST = sample(
  'creations of unknown outcome',
  ['/v2/persons', '/v2/deals', '/v2/activities', '/v1/notes'].flatMap((path) =>
    (['cortar_antes', 'cortar_depois'] as const).map((how) => ({ path, how })),
  ),
  ({ path, how }) => [path, how],
)

describe('a creation of unknown outcome', () => {
  it.each(LOST)(
    'of $path ($how) is looked for once the index has caught up, and not repeated before',
    async ({ path, how }) => {
      const { contato, last8 } = newCustomer()
      const list = callsOf('GET', path).length
      const made = callsOf('POST', path).length
      let lostAt = 0
      const antes = (): void => {
        lostAt = w.fake.clock.now().getTime()
      }
      for (const one of [{ antes }, how])
        w.fake.fault({ method: 'POST', path: new RegExp(`^${path}$`), times: 1, how: one })
      const n = await w.serve(contato)
      expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
      const looked = callsOf('GET', path)
        .slice(list)
        .filter(({ at }) => at > lostAt)
      const again = callsOf('POST', path)
        .slice(made)
        .filter(({ at }) => at > lostAt + 1_000)
      expect(looked.length).toBeGreaterThan(0)
      // It is counted from the mark, and on a busy machine the call comes a while later, ten times as long by this clock.
      for (const { at } of [...looked, ...again]) expect(at - lostAt).toBeGreaterThan(SETTLE_MS / 2)
      expect(again).toHaveLength(how === 'cortar_antes' ? 1 : 0)
      expect(w.of(n)).toEqual(ONE_EACH)
      expect(personsWith(w.fake, last8)).toBe(1)
    },
  )
})

describe('creations whose answers are lost, while index and lists are half a minute behind', () => {
  const HOWS = ['cortar_depois', 'metade', 'html', 'vazio'] as const
  const taken = sample('lost answers', HOWS, (how) => [how === 'cortar_depois' ? 'none came' : 'none that can be read'])
  it.each(taken)('leave one of each (%s)', async (how) => {
    const { contato, last8 } = newCustomer()
    Object.assign(w.fake.switches, { lagMs: SETTLE_MS / 2, staleMs: SETTLE_MS / 2 })
    for (const path of [/^\/v2\/persons$/, /^\/v2\/deals$/, /^\/v2\/activities$/, /^\/v1\/notes$/]) {
      w.fake.fault({ method: 'POST', path, times: 1, how })
    }
    const n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    Object.assign(w.fake.switches, { lagMs: 0, staleMs: 0 })
    expect(w.of(n)).toEqual(ONE_EACH)
    expect(personsWith(w.fake, last8)).toBe(1)
  })
})

describe('a customer whom somebody else works for by now', () => {
  it('has nothing made for him until that has ended', async () => {
    const { contato } = newCustomer()
    const clientes = w.service.database.connection.collection<{ _id: string }>('pipedrive_clientes')
    const _id = clienteHash({ ids: [], ...contato }) ?? ''
    const made = callsOf('POST', '/v2/deals').length
    let ends = 0
    const antes = (): void => {
      ends = w.fake.clock.now().getTime() + LEASE_MS
      void clientes.updateOne({ _id }, { $set: { lease: 'another', lease_ate: new Date(ends) } })
    }
    for (const how of [{ antes }, { lentoMs: 3_000 }]) {
      w.fake.fault({ method: 'GET', path: /^\/v2\/deals$/, times: 1, how })
    }
    const n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    const [post, ...more] = callsOf('POST', '/v2/deals').slice(made)
    expect(more).toEqual([])
    expect(post?.at).toBeGreaterThanOrEqual(ends)
    expect(w.of(n)).toEqual(ONE_EACH)
  })
})

describe('a customer without a telephone', () => {
  it('whose first work comes to nothing is the same person the next time', async () => {
    const contato = { id: 'lid-1', nome: 'Sem Telefone' }
    w.fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 1, how: ANSWERS.maintenance })
    await w.serve(contato)
    await until(() => w.fake.faultsLeft() === 0, undefined, 'the first attempt')
    const cancel = async (): Promise<boolean> => {
      const [one] = (await w.service.call('GET', '/tarefas?estado=pendente')).body
      return one && (await w.service.call('POST', `/tarefas/${one.id}/cancelar`)).status === 200
    }
    await until(cancel, undefined, 'the cancellation')
    const n = await w.serve(contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    expect(w.fake.state.persons.filter(({ name }) => name === 'Sem Telefone')).toHaveLength(1)
  })
})

describe('work that a person repeats', () => {
  it('makes an activity that is done already, where the protocol has ended meanwhile', async () => {
    // Once at first, and once more after all that is known has been read again.
    w.fake.fault({ method: 'POST', path: /^\/v2\/deals$/, times: 2, how: ANSWERS.forbidden })
    const n = await w.serve(newCustomer().contato)
    expect(await w.ended(n)).toMatchObject({ estado: 'morta' })
    await w.service.call('PUT', `/protocolo/${n}`, { body: { status: 'concluido' } })
    const tarefas = w.service.database.connection.collection('tarefas')
    const isFollowed = async () =>
      (await tarefas.findOne({ tipo: 'pipedrive_status', protocolo: n, estado: 'feita' })) !== null
    await w.comes(isFollowed, 'the end of the work that found nothing there yet')
    const [dead] = (await w.service.call('GET', '/tarefas?estado=morta')).body
    await w.service.call('POST', `/tarefas/${dead.id}/repetir`)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    expect(w.of(n)).toEqual(ONE_EACH)
    const { atividade_id } = (await w.read(n)).pipedrive
    expect(w.fake.state.activities.find(({ id }) => id === atividade_id)?.done).toBe(true)
  })
})
