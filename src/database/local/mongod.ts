import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { mongo } from 'mongoose'
import { OwnError } from '../../lib/errors.js'
import { privateFolder } from '../../lib/private-folder.js'
import type { Engine } from './supervisor.js'
import type { Environment, Way } from './way.js'

const REPL_SET = 'vez'
const HOST_ANSWERS_MS = 2_000
const DOWNLOAD_HOST = 'https://fastdl.mongodb.org'
const PRIMARY_TRIES = 200
const PRIMARY_LOOK_MS = 50

/** A `mongod` that this machine has. */
export const installedMongod: Way = async ({ env, folder }, why) => {
  const binary = findMongod(env)
  if (binary === undefined) why('nenhum mongod no PATH')
  return binary === undefined ? undefined : mongod(binary, folder, env)
}

/** A `mongod` that is downloaded once, where the host of the downloads answers. */
export const downloadedMongod: Way = async ({ env, folder, notify }, why) => {
  const host = env.MONGOMS_DOWNLOAD_MIRROR || DOWNLOAD_HOST
  if (!(await answers(host))) {
    why('o servidor de downloads do MongoDB não responde')
    return undefined
  }
  notify('Baixando o mongod (só na primeira vez) …')
  try {
    const { MongoBinary } = await import('mongodb-memory-server-core')
    return mongod(await MongoBinary.getPath({}), folder, env)
  } catch {
    why('o download do mongod falhou')
    return undefined
  }
}

function findMongod(env: Environment): string | undefined {
  const candidates = [
    ...(env.MONGOMS_SYSTEM_BINARY ? [env.MONGOMS_SYSTEM_BINARY] : []),
    ...(env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'mongod')),
  ]
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

async function answers(host: string): Promise<boolean> {
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(HOST_ANSWERS_MS) })
    return true
  } catch {
    return false
  }
}

/** As a replica set of one: what the service promises needs a journal and majority reads, as in production. */
function mongod(command: string, folder: string, env: Environment): Engine {
  const dbPath = join(folder, 'mongod')
  privateFolder(dbPath)
  return {
    name: 'MongoDB (mongod)',
    command,
    args: (port) => ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dbPath, '--replSet', REPL_SET],
    env,
    uri: (port) => `mongodb://127.0.0.1:${port}/consultor_da_vez?replicaSet=${REPL_SET}&directConnection=true`,
    prepare: initiate,
  }
}

/** Makes the replica set of a new folder; the port of an old one may have changed. Waits until it takes writes. */
async function initiate(client: mongo.MongoClient, port: number): Promise<void> {
  const admin = client.db('admin')
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }]
  await admin.command({ replSetInitiate: { _id: REPL_SET, members } }).catch(async (error: unknown) => {
    if (Object(error).codeName !== 'AlreadyInitialized') throw error
    const { config } = await admin.command({ replSetGetConfig: 1 })
    if (config.members[0].host === members[0]?.host) return
    await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true })
  })
  for (let tries = 0; tries < PRIMARY_TRIES; tries += 1) {
    if ((await admin.command({ hello: 1 })).isWritablePrimary) return
    await new Promise((resolve) => setTimeout(resolve, PRIMARY_LOOK_MS))
  }
  throw new OwnError('the replica set has no primary')
}
