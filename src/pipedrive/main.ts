import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Passo } from '../../integrations/pipedrive/setup.js'
import { masterKeyOfFolder } from '../chaves/key-file.js'
import { runCommand } from '../command.js'
import type { Config } from '../config.js'
import { migrate } from '../database/migrate.js'
import { systemClock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { createLogger } from '../lib/logger.js'
import { StartError } from '../lib/start-error.js'
import { protocoloModel } from '../protocolos/model.js'
import { vezStore } from '../vez/store.js'
import { connectPipedrive } from './connect.js'
import { setupByService } from './remote.js'
import { SEM_TOKEN } from './routes.js'
import { runSetup } from './setup.js'

runCommand(async (connect, say, config) => {
  const simular = isSimulation(process.argv.slice(2))
  // A local database is one process's: while the service runs it is the service that has to do it.
  const byService = config.MONGODB_URI === undefined ? await setupByService(config, simular, say) : undefined
  const passos = byService ?? (await setupHere(config, simular))
  for (const { passo, situacao, detalhe } of passos) say(`[${situacao}] ${passo}: ${detalhe}`)
  const erros = passos.filter(({ situacao }) => situacao === 'erro').length
  if (erros > 0) throw new StartError(`Com ${erros === 1 ? 'um erro' : `${erros} erros`}: corrija e rode de novo.`)
  say(simular ? 'Nada foi alterado.' : 'A conta do Pipedrive está pronta.')

  async function setupHere(config: Config, simular: boolean): Promise<Passo[]> {
    const token = config.PIPEDRIVE_API_TOKEN
    if (token === undefined) throw new StartError(`${SEM_TOKEN}.`)
    const connection = await connect()
    say(config.MONGODB_URI === undefined ? 'Com o banco local, sem o serviço.' : 'Com o banco de MONGODB_URI.')
    await migrate(connection)
    const logger = createLogger('silent', false)
    const options = { config, connection, clock: systemClock, random: Math.random, logger }
    const { pipedrive, situation } = connectPipedrive(options, token)
    const masterKeys = config.CHAVE_MESTRA ?? localKeys(config)
    const { consultores } = await vezStore(connection, protocoloModel(connection)).read()
    try {
      return await runSetup({ ...options, pipedrive, masterKeys }, consultores, simular)
    } catch (error) {
      throw error instanceof AppError ? new StartError(`${error.message}.`) : error
    } finally {
      await situation.settled()
    }
  }
})

const localKeys = ({ production, PASTA_DADOS }: Config): string[] =>
  production ? [] : [masterKeyOfFolder(resolve(PASTA_DADOS)).key]

function isSimulation(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { simular: { type: 'boolean' } } }).values.simular ?? false
  } catch {
    throw new StartError('Use: npm run pipedrive:setup -- [--simular]')
  }
}
