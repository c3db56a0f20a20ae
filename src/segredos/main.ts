import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { keyOfFolder, masterKeyOfFolder } from '../chaves/key-file.js'
import { EXPECTED, hasShortKey, VARIABLES } from '../config.js'
import { readEnvFile } from '../env-file/load.js'
import { isPlaceholder } from '../lib/placeholder.js'
import { StartError } from '../lib/start-error.js'
import { fill, type Wanted } from './fill.js'

const PATH = '.env'
const OWNER_ONLY = 0o600
const PASSWORD_BYTES = 24
/** A password that stands in an address as it is. */
const IN_ADDRESS = /^[\w-]{8,}$/

type Values = Readonly<Record<string, string | undefined>>

/** @param folder whose keys are taken over; they are made there where it has none, so that `npm start` and compose agree */
const wantedOf = (folder: string): readonly Wanted[] => [
  { name: 'AUTHENTICATION_API_KEY', comment: 'Chave de administrador.', make: () => keyOfFolder(folder).key },
  { name: 'CHAVE_MESTRA', comment: 'Cifra os segredos das contas de chat.', make: () => masterKeyOfFolder(folder).key },
  {
    name: 'MONGO_SENHA',
    comment: 'Senha do MongoDB de compose.yml, gravada nele na primeira partida: depois disso não a troque só aqui.',
    make: () => randomBytes(PASSWORD_BYTES).toString('base64url'),
  },
]

/** `npm run segredos`: gives `.env` the secrets that `compose.yml` needs and that it has not. Nothing is overwritten or shown. */
function main(): void {
  const before = readEnvFile(PATH)
  const text = before ?? (existsSync('.env.example') ? readFileSync('.env.example', 'utf8') : '')
  const values = parseEnv(text)
  const wanted = wantedOf(resolve(process.env.PASTA_DADOS || values.PASTA_DADOS || '.data'))
  for (const { name } of wanted) {
    if (values[`${name}_FILE`])
      throw new StartError(`compose.yml precisa de ${name} em .env: ponha lá o valor, em vez de ${name}_FILE.`)
  }
  const { text: after, made } = fill(text, wanted)
  write(after, before)
  for (const { name } of wanted) say(`${name}: ${made.includes(name) ? 'preenchida' : 'já estava, e ficou como era'}`)
  const problem = problemOf(parseEnv(after))
  if (problem !== undefined) throw new StartError(problem)
  say(`Estão em ${resolve(PATH)}, que só o seu usuário lê. Guarde uma cópia em outro lugar.`)
}

/** Through a file beside it, so that a full disk costs nothing; it stays its owner's, also when root does this. */
function write(after: string, before: string | undefined): void {
  try {
    const path = before === undefined ? PATH : realpathSync(PATH)
    if (after !== before) {
      const beside = `${path}.novo`
      writeFileSync(beside, after, { mode: OWNER_ONLY })
      if (before !== undefined) chownSync(beside, statSync(path).uid, statSync(path).gid)
      renameSync(beside, path)
    }
    chmodSync(path, OWNER_ONLY)
  } catch {
    throw new StartError(`Não foi possível gravar ${resolve(PATH)}. Confira a permissão e o espaço em disco.`)
  }
}

/** Why a value that was there already will not do, if one will not. */
function problemOf({ AUTHENTICATION_API_KEY: key = '', CHAVE_MESTRA: master, MONGO_SENHA: password = '' }: Values) {
  const isWeak = hasShortKey({ AUTHENTICATION_API_KEY: key })
  if (isWeak || isPlaceholder(key) || !VARIABLES.AUTHENTICATION_API_KEY.safeParse(key).success)
    return `AUTHENTICATION_API_KEY não serve: apague o valor e rode de novo, ou use uma ${EXPECTED.AUTHENTICATION_API_KEY}.`
  if (!VARIABLES.CHAVE_MESTRA.safeParse(master).success)
    return `CHAVE_MESTRA não serve: apague o valor e rode de novo, ou use ${EXPECTED.CHAVE_MESTRA}.`
  if (!IN_ADDRESS.test(password))
    return 'MONGO_SENHA não serve, pois vai em um endereço: 8 ou mais letras sem acento, algarismos, - e _.'
  return undefined
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  main()
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
