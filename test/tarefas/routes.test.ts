import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { fromDocument, type TarefaDocument, tarefaCollection, toSequence } from '../../src/tarefas/model.js'
import { tarefaStore } from '../../src/tarefas/store.js'
import { type TestService, testService } from '../support/service.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())
beforeEach(() => collection().deleteMany({}))

const collection = () => tarefaCollection(service.database.connection)
const made = async (_id: string, more: Partial<TarefaDocument> = {}): Promise<string> => {
  const at = new Date()
  const base = {
    tipo: 'de_outra_versao',
    fila: 'chat',
    estado: 'pendente',
    criada_em: at,
    vence_em: at,
    tentativas: 0,
  } as const
  await collection().insertOne({ _id, ...base, ordem: toSequence(at), canal: 'c', protocolo: 7, ...more })
  return _id
}
const list = async (query: string): Promise<{ id: string }[]> => (await service.call('GET', `/tarefas?${query}`)).body

describe('the outbox as people see it', () => {
  it('lists one state, the newest first, and tells nothing of the customer', async () => {
    const old = new Date(Date.now() - 86_400_000)
    const mine = { estado: 'morta', motivo: 'incerta', tentativas: 1, contato: { nome: 'Bia' } } as const
    await made('velha', { ...mine, vence_em: old, encerrada_em: old })
    await made('nova', { ...mine, encerrada_em: new Date(), conversa: '5511987650001' })
    await made('espera')
    const dead = await list('estado=morta')
    expect(dead.map(({ id }) => id)).toEqual(['nova', 'velha'])
    expect(dead[0]).toMatchObject({ tipo: 'de_outra_versao', motivo: 'incerta', protocolo: '#00007', tentativas: 1 })
    expect(JSON.stringify(dead)).not.toMatch(/Bia|5511987650001/)
    expect((await list('estado=morta&limit=1')).map(({ id }) => id)).toEqual(['nova'])
    expect((await list('estado=pendente')).map(({ id }) => id)).toContain('espera')
    expect((await service.call('GET', '/tarefas?estado=outra')).status).toBe(422)
  })

  it('lists all states unless one is asked for, and counts each', async () => {
    const at = (minutes: number) => ({ vence_em: new Date(Date.now() - minutes * 60_000) })
    await made('morreu', { estado: 'morta', encerrada_em: new Date(), ...at(3) })
    await made('feita-1', { estado: 'feita', encerrada_em: new Date(), ...at(2), fila: 'pipedrive' })
    await made('feita-2', { estado: 'feita', encerrada_em: new Date(), ...at(1) })
    await made('depois', { vence_em: new Date(Date.now() + 3_600_000) })
    const { headers, body } = await service.call('GET', '/tarefas')
    expect(body.map(({ id }: { id: string }) => id)).toEqual(['depois', 'feita-2', 'feita-1', 'morreu'])
    expect(headers.get('X-Por-Estado')).toBe('pendente=1, em_curso=0, feita=2, morta=1')
    expect(await list('limit=2')).toHaveLength(2)
    const one = await service.call('GET', '/tarefas?estado=morta')
    expect([one.body.length, one.headers.get('X-Por-Estado')]).toEqual([1, headers.get('X-Por-Estado')])
  })

  it('counts no more than a thousand of a state', async () => {
    const at = new Date()
    const ended = { tipo: 'x', fila: 'chat', estado: 'feita', criada_em: at, encerrada_em: at, tentativas: 1 } as const
    await collection().insertMany(
      Array.from({ length: 1_003 }, (_, place) => ({
        _id: `feita-${place}`,
        ...ended,
        vence_em: new Date(at.getTime() - place * 60_000),
      })),
    )
    const { headers } = await service.call('GET', '/tarefas?limit=1')
    expect(headers.get('X-Por-Estado')).toBe('pendente=0, em_curso=0, feita=1000+, morta=0')
  })

  it('repeats what is dead, from the start, and nothing else', async () => {
    const old = new Date(Date.now() - 5 * 86_400_000)
    const id = await made('incerta', {
      estado: 'morta',
      motivo: 'incerta',
      tentativas: 10,
      duvida: true,
      criada_em: old,
      encerrada_em: old,
    })
    const { status, body } = await service.call('POST', `/tarefas/${id}/repetir`)
    expect([status, body.estado, body.tentativas, body.motivo, body.encerrada_em]).toEqual([
      200,
      'pendente',
      0,
      null,
      null,
    ])
    const stored = await collection().findOne({ _id: id })
    // A person decided: neither its age nor the doubt stops it.
    expect(stored?.duvida).toBe(false)
    expect(stored?.criada_em.getTime()).toBeGreaterThan(old.getTime())
    expect((await service.call('POST', `/tarefas/${id}/repetir`)).status).toBe(409)
    expect((await service.call('POST', '/tarefas/nao-existe/repetir')).status).toBe(404)
  })

  describe('repeats many at once', () => {
    const day = 86_400_000
    const dead = (id: string, motivo: string, more: Partial<TarefaDocument> = {}) =>
      made(id, { estado: 'morta', motivo, tentativas: 10, encerrada_em: new Date(), ...more })
    const repeat = async (body: object) => {
      const { status, body: told } = await service.call('POST', '/tarefas/repetir', { body })
      return status === 200 ? told : status
    }
    const waiting = async () => (await collection().find({ estado: 'pendente' }).toArray()).map(({ _id }) => _id).sort()

    it('by reason, its beginning, or the last failure of many attempts', async () => {
      await dead('a', 'recusada:403:ERR_FORBIDDEN')
      await dead('b', 'tentativas_esgotadas: recusada:400')
      await dead('c', 'recusada_outra')
      await dead('d', 'recusada:400')
      expect(await repeat({ motivo: 'recusada:400' })).toEqual({ repetidas: 2, ha_mais: false })
      expect(await waiting()).toEqual(['b', 'd'])
      expect(await repeat({ motivo: 'recusada' })).toEqual({ repetidas: 1, ha_mais: false })
      const again = await collection().findOne({ _id: 'a' })
      expect(again).toMatchObject({ estado: 'pendente', tentativas: 0, duvida: false })
      expect(again).not.toHaveProperty('motivo')
      expect(again).not.toHaveProperty('encerrada_em')
    })

    it('by type, queue and time', async () => {
      const old = new Date(Date.now() - 3 * day)
      await dead('a', 'http_404', { encerrada_em: old, vence_em: old })
      await dead('b', 'http_404')
      await dead('c', 'http_404', { fila: 'pipedrive', tipo: 'pipedrive_de_outra_versao' })
      expect(await repeat({ tipo: 'outro' })).toEqual({ repetidas: 0, ha_mais: false })
      expect(await repeat({ fila: 'pipedrive' })).toMatchObject({ repetidas: 1 })
      expect(await repeat({ desde: new Date(Date.now() - day).toISOString() })).toMatchObject({ repetidas: 1 })
      expect(await waiting()).toEqual(['b', 'c'])
      expect(await repeat({ tipo: 'de_outra_versao', motivo: 'http_404' })).toMatchObject({ repetidas: 1 })
    })

    it('no more than the limit, the oldest first, and says that there are more', async () => {
      for (let count = 0; count < 5; count += 1) {
        const at = new Date(Date.now() - (5 - count) * day)
        await dead(`t${count}`, 'http_404', { vence_em: at, encerrada_em: at })
      }
      expect(await repeat({ motivo: 'http_404', limite: 3 })).toEqual({ repetidas: 3, ha_mais: true })
      expect(await waiting()).toEqual(['t0', 't1', 't2'])
      expect(await repeat({ motivo: 'http_404', limite: 3 })).toEqual({ repetidas: 2, ha_mais: false })
    })

    it('what may have had its effect, or a person ended, only by its name', async () => {
      await dead('a', 'incerta')
      await dead('b', 'cancelada')
      expect(await repeat({ fila: 'chat' })).toEqual({ repetidas: 0, ha_mais: false })
      expect(await repeat({ motivo: 'incerta' })).toMatchObject({ repetidas: 1 })
    })

    it('what waits, now; its reason stays, and what a worker has is left', async () => {
      const later = new Date(Date.now() + 3_600_000)
      await made('a', { motivo: 'sem_orcamento', vence_em: later, tentativas: 3 })
      await made('b', { motivo: 'sem_orcamento', vence_em: later, estado: 'em_curso', lease: 'l' })
      expect(await repeat({ motivo: 'sem_orcamento', estado: 'pendente' })).toEqual({ repetidas: 1, ha_mais: false })
      const [a, b] = await Promise.all(['a', 'b'].map((_id) => collection().findOne({ _id })))
      expect(a).toMatchObject({ motivo: 'sem_orcamento', tentativas: 3 })
      expect(a?.vence_em.getTime()).toBeLessThanOrEqual(Date.now())
      expect(b?.vence_em).toEqual(later)
    })

    it('what waits too, where its reason is named and no state is', async () => {
      const later = new Date(Date.now() + 3_600_000)
      await made('a', { motivo: 'limite_do_plano:403', vence_em: later, tentativas: 3 })
      await made('c', { motivo: 'sem_orcamento', vence_em: later, tentativas: 3 })
      await dead('b', 'limite_do_plano')
      expect(await repeat({ fila: 'chat' })).toMatchObject({ repetidas: 1 })
      await collection().updateOne({ _id: 'b' }, { $set: { estado: 'morta', motivo: 'limite_do_plano' } })
      expect(await repeat({ motivo: 'limite_do_plano', estado: 'morta' })).toMatchObject({ repetidas: 1 })
      await collection().updateOne({ _id: 'b' }, { $set: { estado: 'morta', motivo: 'limite_do_plano' } })
      expect(await repeat({ motivo: 'limite_do_plano' })).toEqual({ repetidas: 2, ha_mais: false })
      const [a, c] = await Promise.all(['a', 'c'].map((_id) => collection().findOne({ _id })))
      expect(a?.vence_em.getTime()).toBeLessThanOrEqual(Date.now())
      expect(c?.vence_em).toEqual(later)
    })

    it('never all of it without a filter, nor more than a thousand', async () => {
      await dead('a', 'http_404')
      for (const body of [{}, { limite: 10 }, { motivo: 'x', limite: 1_001 }, { desde: 'ontem' }, { estado: 'feita' }])
        expect(await repeat(body)).toBe(422)
      expect(await waiting()).toEqual([])
    })
  })

  it('cancels what still waits, and nothing that is being done or ended', async () => {
    const id = await made('cancelar')
    expect((await service.call('POST', `/tarefas/${id}/cancelar`)).body).toMatchObject({
      estado: 'morta',
      motivo: 'cancelada',
      encerrada_em: expect.any(String),
    })
    expect((await service.call('POST', `/tarefas/${id}/cancelar`)).status).toBe(409)
    const busy = await made('ocupada', { estado: 'em_curso', lease: 'l', vence_em: new Date(Date.now() + 60_000) })
    expect((await service.call('POST', `/tarefas/${busy}/cancelar`)).status).toBe(409)
    expect((await service.call('POST', '/tarefas/nao-existe/cancelar')).status).toBe(404)
  })

  it('cancels or leaves to a worker, never both', async () => {
    const store = tarefaStore(service.database.connection, 'chat')
    const ids = await Promise.all(Array.from({ length: 60 }, (_, index) => made(`corrida-${index}`)))
    const all = await collection().find().toArray()
    const until = new Date(Date.now() + 60_000)
    const [cancelled, claimed] = await Promise.all([
      Promise.all(ids.map(async (id) => (await service.call('POST', `/tarefas/${id}/cancelar`)).status === 200)),
      (async () => {
        const ours = new Set<string>()
        for (const one of all.toReversed())
          for (const id of await store.claim([fromDocument(one)], 'worker', new Date(), until)) ours.add(id)
        return ours
      })(),
    ])
    expect(ids.filter((id, index) => cancelled[index] === claimed.has(id))).toEqual([])
    expect(await collection().countDocuments({ estado: 'em_curso' })).toBe(claimed.size)
  })
})
