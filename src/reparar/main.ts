import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Connection } from 'mongoose'
import { runCommand } from '../command.js'
import { StartError } from '../lib/start-error.js'
import type { Protocolo } from '../protocolos/model.js'
import { counters } from '../vez/commit/store.js'
import { fromDocument, isProtocolo, toDocument, type Vez } from '../vez/document.js'
import { type Found, type LastNumber, noteLast, rebuild } from './rebuild.js'

const MAX_TIME_MS = 60_000

runCommand(async (connect, say) => {
  const simulate = isSimulation(process.argv.slice(2))
  const connection = await connect()
  const stored = await counters(connection).findOne({ _id: 'vez' }, { maxTimeMS: MAX_TIME_MS })
  const before = stored === null ? undefined : fromDocument(stored)
  const found = await look(connection, before)
  const { vez, says } = rebuild(before, found, randomBytes(12).toString('base64url'))
  if (!vez) return say('Nada a reparar: o documento vez está em dia com os protocolos.')
  for (const line of says) say(line)
  if (simulate) return say('Nada foi gravado.')
  await write(connection, before, vez)
  await connection
    .collection<{ _id: string; total: number }>('counters')
    .replaceOne({ _id: 'importacao' }, { total: found.count }, { upsert: true })
  say('Reparado.')
})

function isSimulation(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { simular: { type: 'boolean' } } }).values.simular ?? false
  } catch {
    throw new StartError('Use: npm run reparar -- [--simular]')
  }
}

/** Reads all of `protocolos`: this is done with the service stopped. */
async function look(connection: Connection, before: Vez | undefined): Promise<Found> {
  const wanted = new Set(before?.pendentes.filter(isProtocolo).map(({ n }) => n))
  const byConsultor = new Map<number, LastNumber>()
  const claimed = new Map<number, Pick<Protocolo, 'lote'>>()
  let highest = 0
  let count = 0
  const all = connection
    .collection<Protocolo>('protocolos')
    .find({}, { projection: { n: 1, consultor_id: 1, consultor_nome: 1, conta: 1, lote: 1 }, maxTimeMS: MAX_TIME_MS })
  for await (const one of all) {
    const { n, lote } = one
    highest = Math.max(highest, n)
    count += 1
    if (wanted.has(n)) claimed.set(n, { lote })
    noteLast(byConsultor, one)
  }
  return { highest, count, byConsultor, claimed }
}

async function write(connection: Connection, before: Vez | undefined, vez: Vez): Promise<void> {
  const { _id, ...document } = toDocument(vez)
  const collection = connection.collection<{ _id: string; versao: number; marca: string }>('counters')
  if (!before) {
    await collection.insertOne({ _id, ...document })
    return
  }
  const { versao, previousWriteId: marca } = before
  const { matchedCount } = await collection.replaceOne({ _id, versao, marca }, document)
  if (matchedCount === 0) throw new StartError('O documento vez mudou durante o reparo: pare o serviço e rode de novo.')
}
