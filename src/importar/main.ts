import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { runCommand } from '../command.js'
import { migrate } from '../database/migrate.js'
import { toNumero } from '../lib/numero.js'
import { StartError } from '../lib/start-error.js'
import { type Parsed, parseConsultores, parseProtocolos } from './csv.js'
import { toInstant } from './instant.js'
import { type Plan, planImport } from './plan.js'
import { requireEmpty, writePlan } from './write.js'

const MOST_TOLD = 20
const USE =
  'Use: npm run importar -- --consultores c.csv --protocolos p.csv [--ultimo-numero N] [--fuso America/Sao_Paulo] [--simular]'

runCommand(async (connect, say) => {
  const options = optionsOf(process.argv.slice(2))
  const plan = planOf(options)
  if (plan.problems.length > 0) throw new StartError([...told(plan.problems), 'Nada foi gravado.'].join('\n'))
  const { vez, protocolos } = plan
  const what = `${vez.consultores.size} consultores e ${protocolos.length} protocolos; o próximo número é ${toNumero(vez.seq + 1)}`
  const connection = await connect()
  await migrate(connection)
  await requireEmpty(connection)
  if (options.simular) return say(`Seriam importados ${what}. Nada foi gravado.`)
  await writePlan(connection, plan)
  say(`Importados ${what}.`)
})

type Options = ReturnType<typeof optionsOf>

function optionsOf(args: string[]) {
  const string = { type: 'string' } as const
  const known = { consultores: string, protocolos: string, 'ultimo-numero': string, fuso: string }
  try {
    const { values } = parseArgs({ args, options: { ...known, simular: { type: 'boolean' } } })
    if (values.consultores ?? values.protocolos ?? values['ultimo-numero']) return values
  } catch {
    throw new StartError(USE)
  }
  throw new StartError(USE)
}

function planOf(options: Options): Plan {
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
  const source = { consultores: consultores.rows, protocolos: protocolos.rows, ultimoNumero }
  const plan = planImport(source, randomBytes(12).toString('base64url'))
  return { ...plan, problems: [...consultores.problems, ...protocolos.problems, ...plan.problems] }
}

function parsed<T>(path: string | undefined, parse: (csv: string, file: string) => Parsed<T>): Parsed<T> {
  if (path === undefined) return { rows: [], problems: [] }
  try {
    return parse(readFileSync(path, 'utf8'), basename(path))
  } catch {
    throw new StartError(`Não foi possível ler ${path}. Confira o caminho e a permissão.`)
  }
}

const told = (problems: readonly string[]): string[] =>
  problems.length <= MOST_TOLD
    ? [...problems]
    : [...problems.slice(0, MOST_TOLD), `e mais ${problems.length - MOST_TOLD}`]
