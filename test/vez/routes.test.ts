import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, team, testService } from '../support/service.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

const lastNumber = async (): Promise<string | null> => (await service.call('GET', '/vez')).body.ultimo_protocolo
const turn = (idioma: string, key?: string) =>
  service.call(
    'GET',
    `/consultor/da-vez?idioma=${idioma}`,
    key === undefined ? {} : { headers: { 'Idempotency-Key': key } },
  )

/** A language that no other test speaks, with so many people. */
let languages = 0
async function people(size: number, more: object = {}): Promise<{ idioma: string; ids: number[] }> {
  languages += 1
  const idioma = `q${String.fromCharCode(96 + languages)}`
  return { idioma, ids: await team(service, size, { idiomas: [idioma], ...more }) }
}

describe('GET /protocolo/{id}', () => {
  const protocolOf = async ({ protocolo }: { protocolo: string }) =>
    (await service.call('GET', `/protocolo/${Number(protocolo.slice(1))}`)).body

  it('tells how it was decided: how many could, who would have been next, and whom it passed over', async () => {
    // Of a line of their own: others who are out would be named too, and the last of many only counted.
    const own = await testService()
    const [one, two, three, four] = await team(own, 4)
    await own.call('PUT', `/consultor/${one}/connection?status=false`)
    await own.call('PUT', `/consultor/${two}`, { body: { idiomas: ['xx'] } })
    await own.call('GET', '/consultor/da-vez?idioma=pt')
    expect((await own.call('GET', '/protocolo/1')).body).toMatchObject({
      por: 'regra',
      conta: true,
      consultor_id: three,
      candidatos: 2,
      segundo: four,
      pulados: { offline: [one], idioma: [two] },
      pulados_cortados: null,
      esperou_desde: null,
    })
    await own.end()
  })

  it('says of a preferred person and of a mere number that the line did not decide', async () => {
    const { idioma, ids } = await people(2)
    const line = { candidatos: null, segundo: null, pulados: null }
    const { body } = await service.call('POST', '/vez', { body: { idioma, preferido: ids[1] } })
    expect(await protocolOf(body)).toMatchObject({ por: 'preferido', conta: false, ...line })
    const number = (await service.call('POST', '/protocolo', { body: { consultor_id: ids[0] } })).body
    expect(number).toMatchObject({ por: 'numero', conta: false, ...line })
  })
})

describe('POST /vez with a preferred person', () => {
  const ask = (body: object, key?: string) =>
    service.call('POST', '/vez', { body, ...(key !== undefined && { headers: { 'Idempotency-Key': key } }) })
  const preferenceOf = async ({ protocolo }: { protocolo: string }): Promise<unknown> =>
    (await service.call('GET', `/protocolo/${Number(protocolo.slice(1))}`)).body.preferencia

  it('gives the customer to him, out of turn, and the protocol says so', async () => {
    const { idioma, ids } = await people(3)
    const answers = []
    for (const preferido of [ids[2], undefined, null, undefined]) answers.push((await ask({ idioma, preferido })).body)
    expect(answers.map(({ consultor_id }) => consultor_id)).toEqual([ids[2], ids[0], ids[1], ids[2]])
    expect(await preferenceOf(answers[0])).toEqual({ consultor_id: ids[2], seguida: true, motivo: 'pedido' })
    expect(await preferenceOf(answers[1])).toBeNull()
  })

  it('follows the rule where he cannot, and says why', async () => {
    const { idioma, ids } = await people(2)
    await service.call('PUT', `/consultor/${ids[1]}/connection?status=false`)
    const { body } = await ask({ idioma, preferido: ids[1] })
    expect(body.consultor_id).toBe(ids[0])
    expect(await preferenceOf(body)).toEqual({ consultor_id: ids[1], seguida: false, motivo: 'offline' })
  })

  it('is part of what a key stands for', async () => {
    const { idioma, ids } = await people(2)
    const first = await ask({ idioma, preferido: ids[1] }, `prefers-${idioma}`)
    const again = await ask({ idioma, preferido: ids[1] }, `prefers-${idioma}`)
    expect(again.body).toEqual(first.body)
    expect((await ask({ idioma }, `prefers-${idioma}`)).status).toBe(422)
    expect((await ask({ idioma, preferido: 0 })).status).toBe(422)
  })
})

describe('GET /consultor/da-vez', () => {
  it('gives a person and a number, with the fields of both versions of the old system', async () => {
    const { idioma, ids } = await people(1, { email: 'um@exemplo.com', telefone: '+5511987654321', id_pipedrive: 7 })
    const { status, body, headers } = await turn(idioma)
    expect(status).toBe(200)
    expect(body).toEqual({
      consultor_id: ids[0],
      consultor_nome: 'Consultor 1',
      consultor_email: 'um@exemplo.com',
      consultor_telefone: '+5511987654321',
      consultor_idiomas: [idioma],
      consultor_status_online: true,
      consultor_atendimento_iso: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      consultor_id_pipedrive: 7,
      protocolo: expect.stringMatching(/^#\d{5}$/),
      numero_protocolo: body.protocolo,
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-vez-versao')).toMatch(/^\d+\.\d+$/)
  })

  it('tells every field, null where there is nothing', async () => {
    const { body } = await turn((await people(1)).idioma)
    expect(body).toMatchObject({ consultor_email: null, consultor_telefone: null, consultor_id_pipedrive: null })
  })

  it('goes round, and each number follows the last', async () => {
    const { idioma, ids } = await people(3)
    const answers = []
    for (let i = 0; i < 6; i += 1) answers.push((await turn(idioma)).body)
    expect(answers.map(({ consultor_id }) => consultor_id)).toEqual([...ids, ...ids])
    const numbers = answers.map(({ protocolo }) => Number(protocolo.slice(1)))
    expect(numbers).toEqual(numbers.map((_, place) => (numbers[0] ?? 0) + place))
  })

  it('gives each of many at once a number of its own, and everybody the same share', async () => {
    const { idioma, ids } = await people(4)
    const answers = await Promise.all(Array.from({ length: 60 }, () => turn(idioma)))
    expect(new Set(answers.map(({ body }) => body.protocolo)).size).toBe(60)
    for (const id of ids) expect(answers.filter(({ body }) => body.consultor_id === id)).toHaveLength(15)
  })

  it('says why nobody is there, in words and by a code, and takes nothing', async () => {
    const { idioma } = await people(1, { status_online: false })
    const before = await lastNumber()
    const { status, body, headers } = await turn(idioma)
    const { fora, ...rest } = body
    expect([status, rest]).toEqual([
      404,
      { detail: 'Nenhum consultor disponível no momento', motivo: 'ninguem_online' },
    ])
    const everybody: number = (await service.call('GET', '/consultores')).body.length
    expect(fora.offline).toBe(1)
    expect(Object.values<number>(fora).reduce((sum, one) => sum + one)).toBe(everybody)
    expect(headers.get('x-vez-versao')).toMatch(/^\d+\.9999$/)
    expect((await turn('zz')).body.motivo).toBe('ninguem_fala_o_idioma')
    expect(await lastNumber()).toBe(before)
  })

  it('is not taken by HEAD or OPTIONS', async () => {
    const { idioma } = await people(1)
    const before = await lastNumber()
    const head = await service.call('HEAD', `/consultor/da-vez?idioma=${idioma}`)
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET'])
    for (const path of [`/consultor/da-vez?idioma=${idioma}`, '/gerar-protocolo', '/vez', '/protocolo/gerar']) {
      expect((await service.call('OPTIONS', path)).status).toBe(200)
      const status = (await service.call('HEAD', path)).status
      expect([path, status >= 400]).toEqual([path, path !== '/vez'])
    }
    expect(await lastNumber()).toBe(before)
  })

  it.each(['', '?idioma=p', `?idioma=${'p'.repeat(17)}`])(
    'asks for a language of 2 to 16 characters: %s',
    async (query) => {
      const { status, body } = await service.call('GET', `/consultor/da-vez${query}`)
      expect([status, body.detail[0].loc]).toEqual([422, ['query', 'idioma']])
    },
  )
})

describe('Idempotency-Key', () => {
  it('makes a repetition the same answer, told as such, bare or quoted', async () => {
    const { idioma } = await people(2)
    const first = await turn(idioma, 'conversa 1')
    const again = await turn(idioma, '"conversa 1"')
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('x-vez-versao')).toBe(first.headers.get('x-vez-versao'))
  })

  it('of many at once is one turn', async () => {
    const { idioma } = await people(3)
    const answers = await Promise.all(Array.from({ length: 20 }, () => turn(idioma, 'burst')))
    expect(new Set(answers.map(({ body }) => body.protocolo)).size).toBe(1)
  })

  it('holds once the protocol was copied, and for GET and POST alike', async () => {
    const { idioma } = await people(2)
    const { body } = await turn(idioma, 'both')
    await service.call('PUT', `/protocolo/${Number(body.protocolo.slice(1))}`, { body: { prioridade: 'alta' } })
    const post = await service.call('POST', '/vez', { body: { idioma }, headers: { 'Idempotency-Key': 'both' } })
    expect(post.body).toEqual(body)
  })

  it('is refused for another request', async () => {
    const { idioma } = await people(1)
    await turn(idioma, 'mine')
    const { status, body } = await turn('pt', 'mine')
    expect([status, body.detail[0].loc, body.detail[0].type]).toEqual([
      422,
      ['header', 'idempotency-key'],
      'idempotency_key_reused',
    ])
  })

  it('stores nothing when nobody was there', async () => {
    const { idioma, ids } = await people(1, { status_online: false })
    expect((await turn(idioma, 'later')).status).toBe(404)
    await service.call('PUT', `/consultor/${ids[0]}/connection?status=true`)
    expect((await turn(idioma, 'later')).status).toBe(200)
  })

  it('tells a replay from the protocol when the person is gone', async () => {
    const { idioma, ids } = await people(1)
    const first = await turn(idioma, 'gone')
    await service.call('DELETE', `/consultor/${ids[0]}`)
    const again = await turn(idioma, 'gone')
    expect(again.body).toEqual({ ...first.body, consultor_idiomas: null, consultor_status_online: null })
  })

  it('is each API key’s own', async () => {
    const { idioma } = await people(2)
    const body = { descricao: 'other', escopos: ['chat'] }
    const { chave } = (await service.call('POST', '/api-keys', { body })).body
    const mine = await turn(idioma, 'shared')
    const theirs = await service.call('GET', `/consultor/da-vez?idioma=${idioma}`, {
      headers: { 'api-key': chave, 'Idempotency-Key': 'shared' },
    })
    expect(theirs.body.protocolo).not.toBe(mine.body.protocolo)
  })

  it('of 255 characters is one, quoted too', async () => {
    const { idioma } = await people(1)
    const first = await turn(idioma, 'k'.repeat(255))
    const again = await turn(idioma, `"${'k'.repeat(255)}"`)
    expect([again.status, again.body]).toEqual([200, first.body])
  })

  it.each<[string, string, object | undefined]>([
    ['GET', '/consultor/da-vez?idioma=fr', undefined],
    ['POST', '/vez', { idioma: 'pt', descricao: 'outra' }],
    ['POST', '/vez', { idioma: 'pt', contato: { nome: 'Outra' } }],
    ['POST', '/vez', { idioma: 'pt', prioridade: 'alta' }],
    ['POST', '/protocolo', { consultor_id: 1 }],
    ['GET', '/gerar-protocolo', undefined],
    ['POST', '/protocolo/gerar', undefined],
  ])('of a turn in pt is refused for %s %s %j, which takes nothing', async (method, path, body) => {
    await team(service, 1)
    const headers = { 'Idempotency-Key': 'of a turn' }
    await service.call('GET', '/consultor/da-vez?idioma=pt', { headers })
    const before = await lastNumber()
    const answer = await service.call(method, path, { headers, ...(body && { body }) })
    expect([answer.status, answer.body.detail[0].type]).toEqual([422, 'idempotency_key_reused'])
    expect(await lastNumber()).toBe(before)
  })

  it('of a number is refused for another consultor, another text and a turn', async () => {
    const [one, other] = await team(service, 2)
    const headers = { 'Idempotency-Key': 'of a number' }
    const ask = (body: object) => service.call('POST', '/protocolo', { body, headers })
    expect((await ask({ consultor_id: one })).status).toBe(200)
    for (const body of [{ consultor_id: other }, { consultor_id: one, descricao: 'x' }])
      expect((await ask(body)).status).toBe(422)
    expect((await turn('pt', 'of a number')).status).toBe(422)
  })

  it.each(['k'.repeat(256), `"${'k'.repeat(256)}"`, 'çedilha', '""', 'a\tb'])(
    'must be 1 to 255 printable ASCII characters: %#',
    async (key) => {
      const { status, body } = await turn('pt', key)
      expect([status, body.detail[0].loc]).toEqual([422, ['header', 'idempotency-key']])
    },
  )
})

describe('POST /vez', () => {
  it('takes a turn and remembers customer and wish with the protocol', async () => {
    const { idioma } = await people(1)
    const contato = { nome: '  Ana\u0301lia ', telefone: '(11) 98765-4321', id: 'crm-7' }
    const asked = { idioma, contato, descricao: 'um orçamento', prioridade: 'alta' }
    const { body } = await service.call('POST', '/vez', { body: asked })
    const { body: protocolo } = await service.call('GET', `/protocolo/${Number(body.protocolo.slice(1))}`)
    expect(protocolo).toMatchObject({
      contato: { nome: 'Anália', telefone: '+5511987654321', ids: ['api:crm-7', 'tel:+5511987654321'] },
      descricao: 'um orçamento',
      prioridade: 'alta',
      idioma,
    })
  })

  it('has neither window nor waiting: the same customer takes another turn', async () => {
    const { idioma } = await people(2)
    const ask = () => service.call('POST', '/vez', { body: { idioma, contato: { id: 'same' } } })
    expect((await ask()).body.consultor_id).not.toBe((await ask()).body.consultor_id)
  })

  it('lists all problems at once', async () => {
    const body = {
      idioma: 'p',
      contato: { telefone: '123456789012345678' },
      descricao: 'x'.repeat(501),
      prioridade: 'já',
    }
    const { status, body: answer } = await service.call('POST', '/vez', { body })
    expect(status).toBe(422)
    expect(answer.detail.map(({ loc }: { loc: string[] }) => loc.join('.'))).toEqual([
      'body.idioma',
      'body.contato.telefone',
      'body.descricao',
      'body.prioridade',
    ])
  })
})

describe('GET /vez', () => {
  it('shows the order, who is out and why, and takes nothing', async () => {
    const { idioma, ids } = await people(3)
    await turn(idioma)
    await service.call('PUT', `/consultor/${ids[1]}`, {
      body: { status_online: false, status_ativo_sequencial: false },
    })
    const before = await lastNumber()
    const { body } = await service.call('GET', '/vez')
    const queue = body.idiomas.find((one: { idioma: string }) => one.idioma === idioma)
    expect(queue.ordem.map(({ consultor_id }: { consultor_id: number }) => consultor_id)).toEqual([ids[2], ids[0]])
    expect(body.fora).toContainEqual({
      consultor_id: ids[1],
      nome: 'Consultor 2',
      motivos: ['fora_da_sequencia', 'offline'],
      desde: expect.any(String),
      ate: null,
      por: expect.any(String),
      motivo: null,
    })
    expect(body.ultimo_protocolo).toBe(before)
  })
})

describe('a team', () => {
  it('is asked for by each way to the turn, is kept with the protocol, and is shown beside the whole line', async () => {
    const { idioma, ids } = await people(3)
    const equipe = `Equipe ${idioma}`
    await service.call('PUT', `/consultor/${ids[2]}`, { body: { equipes: [equipe] } })
    const asked = encodeURIComponent(equipe.toUpperCase())
    expect((await service.call('GET', `/vez/previa?idioma=${idioma}&equipe=${asked}&n=2`)).body).toMatchObject({
      equipe: equipe.toUpperCase(),
      proximos: [{ consultor_id: ids[2] }, { consultor_id: ids[2] }],
    })
    const key = { headers: { 'Idempotency-Key': equipe } }
    const first = await service.call('GET', `/consultor/da-vez?idioma=${idioma}&equipe=${asked}`, key)
    expect([first.status, first.body.consultor_id]).toEqual([200, ids[2]])
    const others = await service.call('GET', `/consultor/da-vez?idioma=${idioma}`, key)
    expect(others.status).toBe(422)
    const { body } = await service.call('POST', '/vez', { body: { idioma, equipe } })
    expect(body.consultor_id).toBe(ids[2])
    const { id } = (await service.call('GET', `/protocolos?equipe=${asked}`)).body[0]
    expect((await service.call('GET', `/protocolo/${id}`)).body).toMatchObject({ equipe, consultor_id: ids[2] })
    // Not all who were passed over are named: other tests of this file may have made more than a protocol keeps.
    const [passed] = (await service.call('GET', `/protocolo/${id}/porque`)).body.antes
    const why = await service.call('GET', `/protocolo/${id}/porque?consultor_id=${passed.consultor_id}`)
    expect(why.body).toMatchObject({
      equipe,
      perguntado: { motivo: 'equipe', frase: `${passed.nome} não recebeu porque não é da equipe ${equipe}.` },
    })
    const line = (await service.call('GET', '/vez')).body
    const shown = line.equipes.find((one: { equipe: string }) => one.equipe === equipe)
    expect(shown.idiomas).toMatchObject([{ idioma, ordem: [{ consultor_id: ids[2] }] }])
    expect((await turn(idioma)).body.consultor_id).toBe(ids[0])
    const nobody = await service.call('POST', '/vez', { body: { idioma, equipe: 'nenhuma' } })
    expect([nobody.status, nobody.body.motivo, nobody.body.fora.equipe > 0]).toEqual([404, 'ninguem_da_equipe', true])
  })
})

describe('GET /vez/previa', () => {
  const preview = (query: string) => service.call('GET', `/vez/previa?${query}`)
  const ids = (answer: { body: { proximos: { consultor_id: number }[] } }): number[] =>
    answer.body.proximos.map(({ consultor_id }) => consultor_id)

  it('tells who comes next, round and round, as the turns that follow then go', async () => {
    const { idioma, ids: team } = await people(3)
    await turn(idioma)
    await service.call('PUT', `/consultor/${team[1]}/connection?status=false`)
    const before = (await service.call('GET', '/vez')).body
    const seen = await preview(`idioma=${idioma}&n=5`)
    expect(seen.body.proximos[0]).toEqual({ posicao: 1, consultor_id: team[2], nome: 'Consultor 3' })
    expect([seen.body.motivo, seen.body.fora, seen.body.versao]).toEqual([null, null, before.versao])
    expect((await service.call('GET', '/vez')).body).toEqual(before)
    const given = []
    for (let i = 0; i < 5; i += 1) given.push((await turn(idioma)).body.consultor_id)
    expect(ids(seen)).toEqual(given)
  })

  it('shows ten, up to a hundred, and says why there is nobody', async () => {
    const { idioma } = await people(2)
    expect(ids(await preview(`idioma=${idioma}`))).toHaveLength(10)
    expect(ids(await preview(`idioma=${idioma}&n=100`))).toHaveLength(100)
    const none = await people(1, { status_online: false })
    const { status, body } = await preview(`idioma=${none.idioma}`)
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        proximos: [],
        motivo: 'ninguem_online',
        fora: expect.objectContaining({ offline: 1 }),
      }),
    ])
    for (const wrong of ['', 'idioma=pt&n=0', 'idioma=pt&n=101', 'idioma=pt&n=x', 'idioma=pt&quantos=3'])
      expect([wrong, (await preview(wrong)).status]).toEqual([wrong, 422])
  })
})
