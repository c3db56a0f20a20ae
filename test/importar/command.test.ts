import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { importByCommand } from '../../src/importar/command.js'
import { StartError } from '../../src/lib/start-error.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

let folder: string
let database: TestDatabase
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vez-import-'))
  database = await testDatabase()
})
afterEach(async () => {
  await database.end()
  rmSync(folder, { recursive: true, force: true })
})

const HEAD =
  'id,nome,email,telefone,idiomas,status_ativo,status_ativo_sequencial,status_online,ultimo_atendimento,id_pipedrive'
const ROW = '7,João Silva,joao@exemplo.com,+5511987654321,"{pt,en}",t,t,t,2024-01-23 14:30:00.5,456'
const OTHER = '9,Ana Lima,,,{pt},t,t,t,,'
const CONSULTORES = [HEAD, ROW, OTHER]
const PROTOCOLOS = [
  'id,numero,consultor_id,created_at',
  '1,#00010,7,2024-01-23 14:30:00',
  '2,#00012,,2024-01-24 10:00:00',
]

interface Ran {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** What `npm run importar` does, in this process. */
async function importar(...args: string[]): Promise<Ran> {
  const told = { out: '', error: '' }
  const connect = async () => {
    await migrate(database.connection)
    return database.connection
  }
  const say = (line: string): void => {
    told.out += `${line}\n`
  }
  const warn = (line: string): void => {
    told.error += `${line}\n`
  }
  try {
    const code = await importByCommand({ args, connect, say, warn })
    return { code, ...told }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { code: 1, ...told, error: `${told.error}${error.message}\n` }
  }
}

/** The same as a process of its own: what the script runs, once built. */
function program(...args: string[]): Promise<Ran> {
  const env = { ...process.env, MONGODB_URI: database.uri }
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/src/importar/main.js', ...args], { env }, (error, out, told) =>
      resolve({ code: error ? Number(error.code) : 0, out, error: told }),
    )
  })
}

/** The arguments that name files with these lines. */
function files(consultores: readonly string[], protocolos: readonly string[]): string[] {
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }
  return ['--consultores', write('c.csv', consultores), '--protocolos', write('p.csv', protocolos)]
}

const stored = async () => [
  (await database.connection.collection('counters').findOne({ seq: { $gt: 0 } }))?.seq ?? 0,
  await database.connection.collection('protocolos').countDocuments(),
]

const IDIOMAS = 'de 1 a 20 códigos, como pt,en ou {pt,en} ou ["pt","en"]'
const INSTANTE = 'data e hora, como 2024-01-23 14:30:00 ou 2024-01-23 14:30:00-03'
const QUOTES =
  'aspas que não abrem ou não fecham: um valor com aspas vai entre aspas, e cada uma dele é escrita duas vezes'

describe('an import that cannot be', () => {
  const FILES: readonly [string, string[], string[], string[]][] = [
    [
      'a bad value',
      [HEAD, ROW, OTHER.replace('{pt}', 'português')],
      PROTOCOLOS,
      [`c.csv, linha 3: idiomas "português" não serve: deve ser ${IDIOMAS}`],
    ],
    [
      'a bad value behind a quoted line break and an empty line',
      [HEAD, ROW.replace('João Silva', '"João\nSilva"'), '', OTHER.replace('{pt}', '{}')],
      PROTOCOLOS,
      [`c.csv, linha 5: idiomas "{}" não serve: deve ser ${IDIOMAS}`],
    ],
    [
      'several in several rows',
      [HEAD, ROW.replace(',t,t,t,', ',t,t,x,').replace('+5511987654321', '12'), OTHER.replace('9', 'x')],
      [PROTOCOLOS[0] ?? '', '1,#00010,7,ontem', '2,12x,,2024-01-24 10:00:00'],
      [
        'c.csv, linha 2: telefone "12" não serve: deve ser um telefone com DDD, como 11 98765-4321 ou +5511987654321',
        'c.csv, linha 2: status_online "x" não serve: deve ser t ou f, true ou false',
        'c.csv, linha 3: id "x" não serve: deve ser um número inteiro, como 7',
        `p.csv, linha 2: created_at "ontem" não serve: deve ser ${INSTANTE}`,
        'p.csv, linha 3: numero "12x" não serve: deve ser um número, como #00012 ou 12',
      ],
    ],
    [
      'a column that is missing',
      CONSULTORES.map((line) => line.replace(/^[^,]*,/, '')),
      PROTOCOLOS,
      ['c.csv, linha 1: falta a coluna id'],
    ],
    [
      'a header that is missing',
      [ROW, OTHER],
      PROTOCOLOS,
      [
        'c.csv, linha 1: a primeira linha deve ser o cabeçalho, com id, nome, idiomas, status_ativo, status_ativo_sequencial, status_online',
      ],
    ],
    ['a quote that does not end', [HEAD, ROW, '9,"Ana'], PROTOCOLOS, [`c.csv, linha 3: ${QUOTES}`]],
    [
      'a row with too many columns',
      [HEAD, ROW, `${OTHER},x`],
      PROTOCOLOS,
      ['c.csv, linha 3: tem mais ou menos valores que o cabeçalho (um valor com vírgula vai entre aspas)'],
    ],
    [
      'a number twice',
      CONSULTORES,
      [...PROTOCOLOS, '3,#00010,9,2024-01-25 10:00:00'],
      ['protocolos: numero #00010 repetido nas linhas 2 e 4'],
    ],
    [
      'an old id twice',
      CONSULTORES,
      [...PROTOCOLOS, '2,#00013,9,2024-01-25 10:00:00'],
      ['protocolos: id 2 repetido nas linhas 3 e 4'],
    ],
    [
      'a consultor twice',
      [...CONSULTORES, ROW.replace('joao@', 'JOAO@')],
      PROTOCOLOS,
      ['consultores: id 7 repetido nas linhas 2 e 4', 'consultores: email joao@exemplo.com repetido nas linhas 2 e 4'],
    ],
  ]

  it.each(FILES)(
    'because of %s names file and line, and writes nothing',
    async (_, consultores, protocolos, expected) => {
      const { code, out, error } = await importar(...files(consultores, protocolos))
      expect(error.trim().split('\n')).toEqual([...expected, 'Nada foi gravado.'])
      expect([code, out]).toEqual([1, ''])
      expect(await stored()).toEqual([0, 0])
    },
  )

  const ARGUMENTS: readonly [string, string[], RegExp][] = [
    ['nothing named', [], /^Use: npm run importar/],
    ['an option that there is not', ['--consultor', 'c.csv'], /^Use: npm run importar/],
    ['a file that is not there', ['--consultores', '/nowhere/c.csv'], /^Não foi possível ler \/nowhere\/c\.csv/],
    ['a zone that there is not', ['--ultimo-numero', '5', '--fuso', 'Lua/Mar'], /^--fuso Lua\/Mar não é um fuso/],
    ['a last number that is none', ['--ultimo-numero', '5x'], /^--ultimo-numero deve ser um número inteiro/],
  ]
  it.each(ARGUMENTS)('because of %s says so in one line', async (_, args, expected) => {
    const { code, error } = await importar(...args)
    expect([code, error.trim().split('\n').length]).toEqual([1, 1])
    expect(error).toMatch(expected)
  })

  it('tells at most fifty problems, and how many there are', async () => {
    const rows = Array.from({ length: 60 }, (_, place) => `${place + 1},x,,2024-01-24 10:00:00`)
    const { error } = await importar(...files(CONSULTORES, [PROTOCOLOS[0] ?? '', ...rows]))
    const lines = error.trim().split('\n')
    expect([lines.length, lines[50], lines[51]]).toEqual([52, 'e mais 10, de 60 ao todo', 'Nada foi gravado.'])
  })
})

it('an import says what it would do, does it, and does it once', async () => {
  const args = files(CONSULTORES, PROTOCOLOS)
  const what = '2 consultores e 2 protocolos; o próximo número é #00013'
  const tried = await importar(...args, '--simular')
  expect([tried.code, tried.out]).toEqual([0, `Seriam importados ${what}. Nada foi gravado.\n`])
  expect(await stored()).toEqual([0, 0])
  const done = await program(...args)
  expect([done.code, done.out]).toEqual([0, `Importados ${what}.\n`])
  expect(await stored()).toEqual([12, 2])
  const again = await importar(...args)
  expect([again.code, again.error.trim()]).toEqual([1, expect.stringMatching(/^O banco já está em uso.*vazio\.$/)])
  expect(await stored()).toEqual([12, 2])
})

it('an import that ignores bad rows lists them, says so by its code, and gives none of their numbers or ids again', async () => {
  const args = files(
    [...CONSULTORES, '40,Sem Idioma,,,{},t,t,t,,', ROW.replace('7,', '41,')],
    [...PROTOCOLOS, '3,#00050,7,ontem', '4,#00010,9,2024-01-25 10:00:00'],
  )
  const refused = await program(...args)
  expect([refused.code, refused.error.trim().split('\n').length]).toEqual([1, 5])
  const done = await program(...args, '--ignorar-invalidas')
  expect(done.error.trim().split('\n')).toEqual([
    'Ficam de fora:',
    `c.csv, linha 4: idiomas "{}" não serve: deve ser ${IDIOMAS}`,
    `p.csv, linha 4: created_at "ontem" não serve: deve ser ${INSTANTE}`,
    'consultores: email joao@exemplo.com repetido nas linhas 2 e 5',
    'protocolos: numero #00010 repetido nas linhas 2 e 5',
  ])
  const what = '2 consultores e 2 protocolos; o próximo número é #00051'
  expect([done.code, done.out]).toEqual([2, `Importados ${what}.\n`])
  const vez = await database.connection.collection('counters').findOne({ seq: 50 })
  expect(vez?.ultimo_consultor_id).toBe(41)
})
