import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Connection } from 'mongoose'
import { toNumero } from '../lib/numero.js'
import { StartError } from '../lib/start-error.js'
import { type Parsed, parseConsultores, parseProtocolos, type Taken } from './csv.js'
import { toInstant } from './instant.js'
import { leaveOutDoubled, type Plan, planImport } from './plan.js'
import { requireEmpty, writePlan } from './write.js'

const MOST_TOLD = 50
/** Imported, but not every row. */
const SOME_LEFT_OUT = 2
const USE =
  'Use: npm run importar -- --consultores c.csv --protocolos p.csv [--ultimo-numero N] [--fuso America/Sao_Paulo] [--simular] [--ignorar-invalidas]'

export interface ImportCommand {
  readonly args: string[]
  /** Opens the database, migrated. */
  readonly connect: () => Promise<Connection>
  readonly say: (line: string) => void
  /** Tells what is left out. */
  readonly warn: (line: string) => void
}

/**
 * `npm run importar`: writes what the files say into an empty database, or says what it would write. Throws a StartError where
 * that cannot be.
 *
 * @returns the code that the command ends with
 */
export async function importByCommand({ args, connect, say, warn }: ImportCommand): Promise<number> {
  const options = optionsOf(args)
  const { plan, leftOut } = planOf(options)
  if (plan.problems.length > 0) throw new StartError([...told(plan.problems), 'Nada foi gravado.'].join('\n'))
  if (leftOut.length > 0) warn(['Ficam de fora:', ...told(leftOut)].join('\n'))
  const code = leftOut.length > 0 ? SOME_LEFT_OUT : 0
  const { vez, protocolos } = plan
  const what = `${vez.consultores.size} consultores e ${protocolos.length} protocolos; o próximo número é ${toNumero(vez.seq + 1)}`
  const connection = await connect()
  await requireEmpty(connection)
  if (options.simular) {
    say(`Seriam importados ${what}. Nada foi gravado.`)
    return code
  }
  await writePlan(connection, plan)
  say(`Importados ${what}.`)
  return code
}

type Options = ReturnType<typeof optionsOf>

function optionsOf(args: string[]) {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  const known = { consultores: string, protocolos: string, 'ultimo-numero': string, fuso: string }
  try {
    const { values } = parseArgs({ args, options: { ...known, simular: boolean, 'ignorar-invalidas': boolean } })
    if (values.consultores ?? values.protocolos ?? values['ultimo-numero']) return values
  } catch {
    throw new StartError(USE)
  }
  throw new StartError(USE)
}

/** What is to be written, and the problems of the rows that are left out of it. */
function planOf(options: Options): { plan: Plan; leftOut: readonly string[] } {
  const { fuso = 'UTC' } = options
  try {
    toInstant('2024-01-01 00:00:00', fuso)
  } catch {
    throw new StartError(`--fuso ${fuso} não é um fuso conhecido: use um nome como America/Sao_Paulo.`)
  }
  const consultores = parsed(options.consultores, (csv, file) => parseConsultores(csv, file, fuso))
  const protocolos = parsed(options.protocolos, (csv, file) => parseProtocolos(csv, file, fuso))
  const written = options['ultimo-numero']
  if (written !== undefined && !/^\d{1,15}$/.test(written))
    throw new StartError('--ultimo-numero deve ser um número inteiro.')
  const ultimoNumero = written === undefined ? undefined : Number(written)
  const taken = bothTaken(consultores.taken, protocolos.taken)
  const source = { consultores: consultores.rows, protocolos: protocolos.rows, ultimoNumero, taken }
  const unreadable = [consultores.unreadable, protocolos.unreadable].filter((one) => one !== undefined)
  const inRows = [...consultores.problems, ...protocolos.problems]
  const writeId = randomBytes(12).toString('base64url')
  if (options['ignorar-invalidas']) {
    const { source: left, problems } = leaveOutDoubled(source)
    const plan = planImport(left, writeId)
    return { plan: { ...plan, problems: [...unreadable, ...plan.problems] }, leftOut: [...inRows, ...problems] }
  }
  const plan = planImport(source, writeId)
  return { plan: { ...plan, problems: [...unreadable, ...inRows, ...plan.problems] }, leftOut: [] }
}

const bothTaken = (one: Taken, other: Taken): Taken => ({
  numero: Math.max(one.numero, other.numero),
  consultor: Math.max(one.consultor, other.consultor),
})

function parsed<T>(path: string | undefined, parse: (csv: Buffer, file: string) => Parsed<T>): Parsed<T> {
  if (path === undefined) return { rows: [], problems: [], taken: { numero: 0, consultor: 0 } }
  return parse(contentsOf(path), basename(path))
}

function contentsOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    throw new StartError(`Não foi possível ler ${path}. Confira o caminho e a permissão.`)
  }
}

const told = (problems: readonly string[]): string[] =>
  problems.length <= MOST_TOLD
    ? [...problems]
    : [...problems.slice(0, MOST_TOLD), `e mais ${problems.length - MOST_TOLD}, de ${problems.length} ao todo`]
