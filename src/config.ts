import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { toNetwork } from './http/address.js'
import { isZone } from './lib/local-time.js'
import { StartError } from './lib/start-error.js'
import { CAMPOS, unknownField } from './lib/template.js'

const matching = (form: RegExp) => z.string().regex(form)

/** A list, separated by commas. */
const list = <T extends z.ZodType<unknown, string[]>>(items: T) =>
  z
    .string()
    .transform((written) => written.split(',').map((item) => item.trim()))
    .pipe(items)

const template = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((written) => unknownField(written) === undefined)

const integer = (fallback: number, min: number, max: number) =>
  matching(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max)).default(fallback)

/** Every variable of the environment, by its name; each may also come from the file that `<NAME>_FILE` names. */
export const VARIABLES = {
  NODE_ENV: z.string().default('development'),
  PORT: integer(8000, 0, 65_535),
  HOST: z.string().default('127.0.0.1'),
  /** The public address, for the documentation page. */
  API_URL: z.url({ protocol: /^https?$/ }).optional(),
  MONGODB_URI: z.string().optional(),
  BANCO_LOCAL: z.enum(['mongod', 'secantus', 'download']).optional(),
  PASTA_DADOS: z.string().default('.data'),
  /** Shorter than `LEAST_KEY` in development only. */
  AUTHENTICATION_API_KEY: z.string().max(512).optional(),
  /** Encrypts the secrets of the chat accounts; a list, the first locks and every one opens. */
  CHAVE_MESTRA: list(z.array(z.string().min(32).max(512)).min(1)).optional(),
  /** Hosts that an account may name though they are internal. */
  DESTINOS_INTERNOS: list(z.array(matching(/^[\w.:[\]-]{1,253}$/))).default([]),
  /** Networks of the proxies before the service: only they are believed about who calls. */
  PROXY_CONFIAVEL: list(z.array(z.string().refine((one) => toNetwork(one) !== undefined))).default([]),
  METRICS_TOKEN: z.string().min(16).max(512).optional(),
  CORS_ORIGINS: list(z.array(z.union([z.literal('*'), z.url()]))).default([]),
  /** Whether the cookies of the pages travel without TLS: for a private network. */
  PAINEL_SEM_TLS: z.enum(['nao', 'sim']).default('nao'),
  /** Whose days and times reports, lists and CSV files have. */
  FUSO: z.string().refine(isZone).default('America/Sao_Paulo'),
  RETENCAO_DIAS: integer(730, 0, 36_500),
  ESPERA_INTERVALO_S: integer(20, 0, 3_600),
  /** Through which the real Pipedrive is called. It is often set for other programs: looked at only with a token. */
  HTTPS_PROXY: z.string().optional(),
  /** Hosts that are called without it. */
  NO_PROXY: list(z.array(z.string())).default([]),
  /** Switches Pipedrive on. */
  PIPEDRIVE_API_TOKEN: z.string().min(16).max(512).optional(),
  PIPEDRIVE_DOMINIO: matching(/^[a-z0-9][a-z0-9-]{0,62}$/).optional(),
  /** Instead of the real one: a stand-in on this machine. */
  PIPEDRIVE_BASE_URL: z
    .url({ protocol: /^https?$/, hostname: /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Of a protocol whose customer nobody knows. */
  PIPEDRIVE_SEM_CONTATO: z.enum(['nada', 'negocio']).default('nada'),
  /** What a customer becomes who has no open one. */
  PIPEDRIVE_CRIAR: z.enum(['negocio', 'lead']).default('negocio'),
  PIPEDRIVE_NEGOCIO_DE_OUTRO: z.enum(['manter', 'transferir', 'novo']).default('manter'),
  /** Who has a person that we make. */
  PIPEDRIVE_DONO_DA_PESSOA: z.enum(['consultor', 'token']).default('consultor'),
  /** Whether a turn first asks whose customer somebody is there. */
  PIPEDRIVE_DONO_CONHECIDO: z.enum(['nao', 'sim']).default('nao'),
  PIPEDRIVE_USUARIO_INATIVO: z.enum(['avisar', 'tirar']).default('avisar'),
  PIPEDRIVE_ATIVIDADE_MIN: integer(15, 0, 10_080),
  PIPEDRIVE_TIPO_ATIVIDADE: matching(/^[a-z0-9_]{1,64}$/).default('call'),
  PIPEDRIVE_ATIVIDADE: z.enum(['sim', 'nao']).default('sim'),
  /** Templates, instead of our own words: of the subject, the note and the title. */
  PIPEDRIVE_ASSUNTO: template(255).optional(),
  PIPEDRIVE_NOTA: z.enum(['sim', 'nao']).default('sim'),
  PIPEDRIVE_TEXTO_NOTA: template(1_000).optional(),
  PIPEDRIVE_TITULO: template(255).optional(),
  /** Id or name of the pipeline of our deals. */
  PIPEDRIVE_FUNIL: z.string().min(1).max(128).optional(),
  /** Id, name or `pipeline/name` of the stage where new deals begin. */
  PIPEDRIVE_ETAPA: z
    .union([matching(/^\d+$/).transform(Number).pipe(z.int().min(1)), matching(/^(?!\d+$).{1,129}$/)])
    .optional(),
  /** Name of the label that our deals have. */
  PIPEDRIVE_ETIQUETA: z.string().min(1).max(64).optional(),
  /** Fields of the account that are used as ours: each by its key of 40 hexadecimal digits, or by its name. */
  PIPEDRIVE_CAMPO_PROTOCOLO: z.string().min(1).max(255).optional(),
  PIPEDRIVE_CAMPO_CONSULTOR: z.string().min(1).max(255).optional(),
  PIPEDRIVE_CAMPO_CANAL: z.string().min(1).max(255).optional(),
  PIPEDRIVE_CAMPO_IDIOMA: z.string().min(1).max(255).optional(),
  /** What Pipedrive shows when it calls our webhook. */
  PIPEDRIVE_WEBHOOK_USUARIO: matching(/^[!-9;-~]{1,64}$/).optional(),
  PIPEDRIVE_WEBHOOK_SENHA: matching(/^[!-~]{12,128}$/).optional(),
  PIPEDRIVE_RECONCILIAR_MIN: integer(5, 0, 1_440),
  LOG_NIVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
} as const

const FIELDS = CAMPOS.map((one) => `{${one}}`).join(' ')

/** What to put right, by variable; the value itself is never shown. */
export const EXPECTED: Partial<Record<keyof typeof VARIABLES, string>> = {
  PORT: 'um número de 0 a 65535',
  API_URL: 'um endereço http(s)',
  BANCO_LOCAL: 'mongod, secantus ou download',
  AUTHENTICATION_API_KEY: 'de 16 a 512 caracteres',
  CHAVE_MESTRA: 'uma chave de 32 a 512 caracteres, ou uma lista separada por vírgula, a atual primeiro',
  DESTINOS_INTERNOS: 'nomes de servidor separados por vírgula, como evolution-api,chatwoot',
  PROXY_CONFIAVEL: 'redes em CIDR separadas por vírgula, como 10.0.0.0/8,fd00::/8',
  METRICS_TOKEN: 'de 16 a 512 caracteres',
  CORS_ORIGINS: 'origens separadas por vírgula, como https://painel.exemplo.com.br',
  PAINEL_SEM_TLS: 'nao ou sim',
  FUSO: 'um fuso da lista IANA, como America/Sao_Paulo',
  RETENCAO_DIAS: 'um número de dias, 0 para nunca',
  ESPERA_INTERVALO_S: 'um número de segundos, de 0 a 3600',
  HTTPS_PROXY: 'o endereço de um proxy, como http://proxy.empresa:3128',
  NO_PROXY: 'nomes separados por vírgula, como exemplo.com,.interno',
  PIPEDRIVE_API_TOKEN: 'o token de API de um usuário do Pipedrive',
  PIPEDRIVE_DOMINIO: 'só o nome da empresa, como minhaempresa de minhaempresa.pipedrive.com',
  PIPEDRIVE_BASE_URL: 'um endereço desta máquina, como http://127.0.0.1:8099',
  PIPEDRIVE_SEM_CONTATO: 'nada ou negocio',
  PIPEDRIVE_CRIAR: 'negocio ou lead',
  PIPEDRIVE_NEGOCIO_DE_OUTRO: 'manter, transferir ou novo',
  PIPEDRIVE_DONO_DA_PESSOA: 'consultor ou token',
  PIPEDRIVE_DONO_CONHECIDO: 'nao ou sim',
  PIPEDRIVE_USUARIO_INATIVO: 'avisar ou tirar',
  PIPEDRIVE_ATIVIDADE_MIN: 'um número de minutos, de 0 a 10080',
  PIPEDRIVE_TIPO_ATIVIDADE: 'a chave de um tipo de atividade, como call',
  PIPEDRIVE_ATIVIDADE: 'sim ou nao',
  PIPEDRIVE_ASSUNTO: `um texto de até 255 caracteres; campos: ${FIELDS}`,
  PIPEDRIVE_NOTA: 'sim ou nao',
  PIPEDRIVE_TEXTO_NOTA: `um texto de até 1000 caracteres; campos: ${FIELDS}`,
  PIPEDRIVE_TITULO: `um texto de até 255 caracteres; campos: ${FIELDS}`,
  PIPEDRIVE_FUNIL: 'o id ou o nome de um funil',
  PIPEDRIVE_ETAPA: 'o id de uma etapa, o nome de uma do funil, ou funil/etapa',
  PIPEDRIVE_ETIQUETA: 'um nome de até 64 caracteres',
  PIPEDRIVE_CAMPO_PROTOCOLO: 'a chave de API ou o nome de um campo de negócio, de texto',
  PIPEDRIVE_CAMPO_CONSULTOR: 'a chave de API ou o nome de um campo de negócio, de texto ou de usuário',
  PIPEDRIVE_CAMPO_CANAL: 'a chave de API ou o nome de um campo de negócio, de texto',
  PIPEDRIVE_CAMPO_IDIOMA: 'a chave de API ou o nome de um campo de negócio, de texto',
  PIPEDRIVE_WEBHOOK_USUARIO: 'até 64 caracteres sem espaço, acento ou dois-pontos',
  PIPEDRIVE_WEBHOOK_SENHA: 'de 12 a 128 caracteres sem espaço ou acento',
  PIPEDRIVE_RECONCILIAR_MIN: 'um número de minutos, de 1 a 1440, ou 0 para nunca',
  LOG_NIVEL: 'fatal, error, warn, info, debug ou silent',
}

const schema = z.object(VARIABLES)
export type Config = Readonly<z.output<typeof schema>> & { readonly production: boolean }

type Environment = Readonly<Record<string, string | undefined>>

/** Names that other programs give the same thing. */
const OTHER_NAMES: Readonly<Record<string, string>> = { HTTPS_PROXY: 'https_proxy', NO_PROXY: 'no_proxy' }

/**
 * The configuration, frozen. An empty variable counts as absent.
 *
 * @throws StartError that names the first wrong variable and what is expected of it
 */
export function readConfig(env: Environment): Config {
  const raw = Object.fromEntries(
    Object.keys(VARIABLES).map((name) => [name, readValue(env, name) ?? (env[OTHER_NAMES[name] ?? ''] || undefined)]),
  )
  const result = schema.safeParse(raw)
  if (!result.success) {
    const name = Object.keys(VARIABLES).find((one) => one === result.error.issues[0]?.path[0])
    const expected = Object.entries(EXPECTED).find(([one]) => one === name)?.[1] ?? 'outro valor'
    throw new StartError(`A variável ${name} não tem um valor válido: use ${expected}.`)
  }
  const production = result.data.NODE_ENV === 'production'
  if (production && hasShortKey(result.data)) {
    throw new StartError(
      `A variável AUTHENTICATION_API_KEY não tem um valor válido: em produção, use de ${LEAST_KEY} a 512 caracteres.`,
    )
  }
  if (production && result.data.MONGODB_URI === undefined) {
    throw new StartError('Em produção é preciso dizer onde está o banco: defina MONGODB_URI ou MONGODB_URI_FILE.')
  }
  const { PIPEDRIVE_WEBHOOK_USUARIO: usuario, PIPEDRIVE_WEBHOOK_SENHA: senha } = result.data
  if ((usuario === undefined) !== (senha === undefined)) {
    throw new StartError('Defina PIPEDRIVE_WEBHOOK_USUARIO e PIPEDRIVE_WEBHOOK_SENHA, ou nenhuma das duas.')
  }
  const { HTTPS_PROXY, PIPEDRIVE_API_TOKEN } = result.data
  if (PIPEDRIVE_API_TOKEN !== undefined && HTTPS_PROXY !== undefined && toProxy(HTTPS_PROXY) === undefined)
    throw new StartError(`A variável HTTPS_PROXY não tem um valor válido: use ${EXPECTED.HTTPS_PROXY}.`)
  return Object.freeze({ ...result.data, production })
}

/** Characters of an API key that cannot be guessed. */
const LEAST_KEY = 16

/** Is the administrator's key one that the old system took and that is easily guessed? For trying only. */
export const hasShortKey = ({ AUTHENTICATION_API_KEY: key }: Pick<Config, 'AUTHENTICATION_API_KEY'>): boolean =>
  key !== undefined && key.length < LEAST_KEY

/** The address of a proxy, as it is or without its scheme; `undefined` for what is none that can be used. */
export function toProxy(written: string): string | undefined {
  const address = /^[a-z0-9]+:\/\//i.test(written) ? written : `http://${written}`
  return z.url({ protocol: /^https?$/, hostname: /./ }).safeParse(address).data
}

/** Variables of an earlier release: they are ignored, so that an update does not refuse to start over them. */
const OBSOLETE = ['REPASSAR', 'ENDERECO_INTERNO'] as const

/** Which variables of this environment have no effect any more. */
export const obsoleteIn = (env: Environment): string[] => OBSOLETE.filter((name) => env[name] || env[`${name}_FILE`])

function readValue(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`]
  if (!file) return env[name] || undefined
  if (env[name]) throw new StartError(`Defina ${name} ou ${name}_FILE, não os dois.`)
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    throw new StartError(`Não foi possível ler o arquivo indicado em ${name}_FILE. Confira o caminho e a permissão.`)
  }
}
