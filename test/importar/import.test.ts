import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { parseConsultores, parseProtocolos } from '../../src/importar/csv.js'
import { toInstant } from '../../src/importar/instant.js'
import { readLines } from '../../src/importar/lines.js'
import { planImport } from '../../src/importar/plan.js'
import { requireEmpty, writePlan } from '../../src/importar/write.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { testService } from '../support/service.js'

const CONSULTORES = `id,nome,email,telefone,idiomas,status_ativo,status_ativo_sequencial,status_online,ultimo_atendimento,id_pipedrive
7,João Silva,joao@exemplo.com,+5511987654321,"{pt,en}",t,t,t,2024-01-23 14:30:00.5,456
3,"Maria ""M"" Souza",,,{pt-BR},t,t,t,,
9,Ana Lima,,,{pt},t,t,t,2024-01-22 09:00:00+00,
`
const PROTOCOLOS = `id,numero,consultor_id,created_at
1,#00010,7,2024-01-23 14:30:00-03
2,#00012,,2024-01-24 10:00:00
`
const consultores = (csv = CONSULTORES) => parseConsultores(csv, 'c.csv', 'America/Sao_Paulo')
const protocolos = (csv = PROTOCOLOS) => parseProtocolos(csv, 'p.csv', 'America/Sao_Paulo')
const plan = (more: { ultimoNumero?: number } = {}) =>
  planImport({ consultores: consultores().rows, protocolos: protocolos().rows, ultimoNumero: undefined, ...more }, 'm')

describe('an instant of PostgreSQL', () => {
  it.each([
    ['2024-01-23 14:30:00', 'UTC', '2024-01-23T14:30:00.000Z'],
    ['2024-01-23 14:30:00.123456', 'America/Sao_Paulo', '2024-01-23T17:30:00.123Z'],
    ['2018-01-23 14:30:00', 'America/Sao_Paulo', '2018-01-23T16:30:00.000Z'],
    ['2024-01-23 14:30:00-03', 'UTC', '2024-01-23T17:30:00.000Z'],
    ['2024-01-23T14:30:00+05:30', 'UTC', '2024-01-23T09:00:00.000Z'],
    ['2024-01-23 14:30:00Z', 'America/Sao_Paulo', '2024-01-23T14:30:00.000Z'],
  ])('%s in %s', (written, zone, expected) => {
    expect(toInstant(written, zone)?.toISOString()).toBe(expected)
  })

  it.each(['', 'ontem', '2024-02-30 10:00:00', '2024-01-23', '2024-01-23 25:00:00'])('is not %j', (written) => {
    expect(toInstant(written, 'UTC')).toBeUndefined()
  })
})

describe('a bad row', () => {
  it.each([
    ['joao@exemplo.com', 'not an address', 'linha 2: email'],
    ['{pt}', '[1]', 'linha 4: idiomas "[1]" não serve: deve ser de 1 a 20 códigos'],
    ['+5511987654321', '11', 'linha 2: telefone "11" não serve: deve ser um telefone com DDD'],
    ['Ana Lima', 'A', 'linha 4: nome'],
    [',t,t,t,,', ',t,sim,t,,', 'linha 3: status_ativo_sequencial'],
  ])('is named with its line and column: %s → %s', (from, to, expected) => {
    const { problems } = consultores(CONSULTORES.replace(from, to))
    expect(problems).toEqual([expect.stringContaining(expected)])
    expect(problems.join()).toContain(JSON.stringify(to.replaceAll(/^,t,|,t,,$/g, '')))
  })

  it('of a protocol, and a doubled number, id or e-mail', () => {
    expect(protocolos(PROTOCOLOS.replace('#00012', 'x12')).problems).toEqual([
      'p.csv, linha 3: numero "x12" não serve: deve ser um número, como #00012 ou 12',
    ])
    const doubled = protocolos(PROTOCOLOS.replace('#00012', '#00010')).rows
    const twice = [...consultores().rows, ...consultores().rows]
    const { problems } = planImport({ consultores: twice, protocolos: doubled, ultimoNumero: undefined }, 'm')
    expect(problems).toContain('protocolos: numero #00010 repetido nas linhas 2 e 3')
    expect(problems).toContain('consultores: id 7 repetido nas linhas 2 e 2')
    expect(problems).toContain('consultores: email joao@exemplo.com repetido nas linhas 2 e 2')
  })

  it('is a last number below the protocols', () => {
    expect(plan({ ultimoNumero: 11 }).problems).toHaveLength(1)
    expect(plan({ ultimoNumero: 500 }).vez.seq).toBe(500)
  })
})

it('a record is told by the line in which it begins, also behind and with line ends in a value', () => {
  const read = readLines('id,nome\r\n1,"Ana\r\nMaria"\r\n2,"Rui\n\nLima"\r\n3,Eva\r\n', ['id', 'nome'])
  expect('lines' in read && read.lines.map(({ line }) => line)).toEqual([2, 4, 7])
})

describe('a value as somebody may have written it', () => {
  const idiomasOf = (written: string) => {
    const cell = `"${written.replaceAll('"', '""')}"`
    return consultores(CONSULTORES.replace('{pt}', cell)).rows.at(-1)?.value.idiomas
  }
  it.each([
    ['pt,es', ['pt', 'es']],
    ['pt;es', ['pt', 'es']],
    ['pt, es', ['pt', 'es']],
    ['pt', ['pt']],
    ['["pt"]', ['pt']],
    ['["pt", "es"]', ['pt', 'es']],
    ["['pt', 'es']", ['pt', 'es']],
    ['{pt,es}', ['pt', 'es']],
    ['{"pt-BR",es}', ['pt-BR', 'es']],
  ])('of languages: %s', (written, expected) => {
    expect(idiomasOf(written)).toEqual(expected)
  })

  it('of languages, with quotes that are not doubled', () => {
    expect(consultores(CONSULTORES.replace('{pt}', '["pt"]')).rows.at(-1)?.value.idiomas).toEqual(['pt'])
  })

  it.each(['11 98765-4321', '(11) 98765-4321', '5511987654321', '+55 11 98765-4321', '011987654321'])(
    'of a telephone: %s',
    (written) => {
      const { rows } = consultores(CONSULTORES.replace('+5511987654321', written))
      expect(rows[0]?.value.telefone).toBe('+5511987654321')
    },
  )

  it.each([
    ['t', true],
    ['TRUE', true],
    ['1', true],
    ['f', false],
    ['false', false],
    ['off', false],
  ])('of a boolean: %s', (written, expected) => {
    const { rows } = consultores(CONSULTORES.replace('"{pt,en}",t,', `"{pt,en}",${written},`))
    expect(rows[0]?.value.status_ativo).toBe(expected)
  })

  it('of no value, also as text', () => {
    const { rows, problems } = consultores(CONSULTORES.replace('Souza",,,', 'Souza",\\N,NULL,'))
    expect([problems, rows[1]?.value.email, rows[1]?.value.telefone]).toEqual([[], undefined, undefined])
  })
})

describe('a file as some program wrote it', () => {
  const same = consultores().rows
  const asBytes = (csv: string | Buffer) => parseConsultores(Buffer.from(csv), 'c.csv', 'America/Sao_Paulo')

  it.each([
    ['with a byte order mark', `\uFEFF${CONSULTORES}`],
    ['with the ends of lines of Windows', CONSULTORES.replaceAll('\n', '\r\n')],
    ['with semicolons', CONSULTORES.replaceAll(/,(?![^"]*}")/g, ';').replace('{pt;en}', '{pt,en}')],
    ['with tabs', CONSULTORES.replaceAll(/,(?![^"]*}")/g, '\t')],
    ['with other capitals in its header', CONSULTORES.replace('id,nome', 'ID, Nome')],
  ])('%s is the same', (_, csv) => {
    expect(asBytes(csv)).toMatchObject({ problems: [], rows: same })
  })

  it('in Latin-1 or UTF-16 is told in words, with the line', () => {
    expect(asBytes(Buffer.from(CONSULTORES, 'latin1')).unreadable).toMatch(
      /^c\.csv, linha 2: não está em UTF-8 .*Latin-1/,
    )
    expect(asBytes(Buffer.from(`\uFEFF${CONSULTORES}`, 'utf16le')).unreadable).toMatch(/UTF-16/)
    expect(asBytes('').unreadable).toMatch(/vazio/)
  })
})

describe('an import', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await testDatabase()
    await migrate(database.connection)
  })
  afterEach(() => database.end())

  it('keeps ids, order and numbers, and goes on after the highest', async () => {
    await writePlan(database.connection, plan())
    const service = await testService({ database })
    const turns = []
    for (let i = 0; i < 3; i += 1) turns.push((await service.call('GET', '/consultor/da-vez?idioma=pt')).body)
    expect(turns.map(({ consultor_id }) => consultor_id)).toEqual([3, 9, 7])
    expect(turns.map(({ protocolo }) => protocolo)).toEqual(['#00013', '#00014', '#00015'])
    expect((await service.call('GET', '/protocolo/10')).body).toMatchObject({
      numero: '#00010',
      id_antigo: 1,
      consultor_id: 7,
      consultor_nome: 'João Silva',
      created_at: '2024-01-23T17:30:00.000Z',
      status: 'concluido',
    })
    const list = await service.call('GET', '/protocolos')
    expect(list.body.map(({ id }: { id: number }) => id)).toEqual([10, 12, 13, 14, 15])
    expect(list.headers.get('x-total-count')).toBe('5')
    const novo = { nome: 'Depois', idiomas: ['pt'] }
    expect((await service.call('POST', '/consultor', { body: novo })).body.id).toBe(10)
    await service.end()
  })

  it('enters an empty database only', async () => {
    await requireEmpty(database.connection)
    await writePlan(database.connection, plan())
    await expect(requireEmpty(database.connection)).rejects.toThrow(/vazio/)
    await expect(writePlan(database.connection, plan())).rejects.toThrow()
  })

  it('that was cut off can be repeated', async () => {
    const [first] = plan().protocolos
    await database.connection.collection<{ _id: number }>('protocolos').insertOne({ ...first, _id: first?._id ?? 0 })
    await requireEmpty(database.connection)
    await writePlan(database.connection, plan())
    expect(await database.connection.collection('protocolos').countDocuments()).toBe(2)
  })
})
