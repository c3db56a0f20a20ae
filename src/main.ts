import { resolve } from 'node:path'
import { banner, placeOfKey } from './banner.js'
import { keyOfFolder, masterKeyOfFolder } from './chaves/key-file.js'
import { hasShortKey, obsoleteIn, readConfig } from './config.js'
import { connect } from './database/connect.js'
import { openDatabase } from './database/local.js'
import { migrateAt } from './database/migrate.js'
import { fromEnvFile } from './env-file/load.js'
import { listen } from './http/server.js'
import { systemClock } from './lib/clock.js'
import { explained } from './lib/disk.js'
import { createLogger, describe, type Logger } from './lib/logger.js'
import { StartError } from './lib/start-error.js'
import { startService } from './start.js'

/** What ends each running part, in the order in which they were started; they end in the opposite order. */
const running: (() => Promise<void>)[] = []
const SHUTDOWN_MS = 10_000
const ENGINE_MS = 16_000
let ending: Promise<never> | undefined

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Ends what runs, the last started first: 10 s for all, and 16 s more for the engine. */
function shutdown(code: number): Promise<never> {
  ending ??= (async () => {
    const limit = setTimeout(() => process.exit(code || 1), SHUTDOWN_MS + ENGINE_MS)
    limit.unref()
    for (const end of running.reverse()) await end().catch(() => undefined)
    process.exit(code)
  })()
  return ending
}

/** Ends the process. A StartError is one line for the person at the terminal; any other error is logged with its place. */
function fail(error: unknown, logger?: Logger): Promise<never> {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`)
  else if (logger) logger.fatal(describe(error), 'the service cannot go on')
  else process.stderr.write(`${JSON.stringify(describe(error))}\n`)
  return shutdown(1)
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const logger = createLogger(config.LOG_NIVEL, process.stdout.isTTY && !config.production)
  const obsolete = obsoleteIn(process.env)
  if (obsolete.length > 0) logger.warn({ variaveis: obsolete }, 'these variables have no effect any more: remove them')
  if (hasShortKey(config))
    say('Aviso: AUTHENTICATION_API_KEY tem menos de 16 caracteres. Serve para experimentar; em produção é recusada.')
  if (config.PAINEL_SEM_TLS === 'sim')
    say('Aviso: PAINEL_SEM_TLS=sim. Os cookies de /painel e /eu vão sem TLS: use só numa rede privada.')
  process.on('unhandledRejection', (error) => fail(error, logger))
  process.on('uncaughtException', (error) => fail(error, logger))
  // A file on a full disk takes no more lines; the turns go on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shutdown(0))

  const port = await listen(config.HOST, config.PORT)
  const folder = resolve(config.PASTA_DADOS)
  const made = config.AUTHENTICATION_API_KEY === undefined && !config.production ? keyOfFolder(folder) : undefined
  const database = await openDatabase(config, { env: process.env, notify: say, onGiveUp: fail })
  running.push(database.stop)
  await migrateAt(database.uri).catch((error: unknown) => {
    throw database.folder === undefined ? error : explained(error, database.folder)
  })
  const connection = await connect(database.uri)
  running.push(() => connection.close())
  const service = await startService({
    config,
    connection,
    clock: systemClock,
    random: Math.random,
    logger,
    engine: database.engine,
    ownKey: config.AUTHENTICATION_API_KEY ?? made?.key,
    masterKeys: config.CHAVE_MESTRA ?? (config.production ? [] : [masterKeyOfFolder(folder).key]),
  })
  running.push(service.stop)
  port.serve(service.callback)
  running.push(() => {
    service.leave()
    return port.close()
  })
  if (config.production) {
    logger.info({ porta: port.port, banco: database.engine }, 'listening')
    return
  }
  const key = placeOfKey(process.env, fromEnvFile, made, folder)
  for (const line of banner({ config, port: port.port, database, key, isTerminal: process.stdout.isTTY })) say(line)
}

main().catch((error: unknown) => fail(error))
