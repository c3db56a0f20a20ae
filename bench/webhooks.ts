import { createServer } from 'node:http'
import type { LocalDatabase } from '../src/database/local.js'
import { besideOneLargeRequest } from './beside.js'
import { KEY, loadOfRequests, loadOfTurns, type MakeRequest } from './load.js'
import { databaseOf, discard, startService, team, withConnection } from './processes.js'
import { rawOperations } from './raw.js'
import { cells, ms, table, times, verdict } from './table.js'

type Say = (line: string) => void

/** Each account has a limit of its own; so many share the load. */
const ACCOUNTS = 8

/** In one request. */
const MESSAGES = 6_000

interface Account {
  readonly path: string
  readonly segredo: string
}

async function account(url: string, plataforma: string, slug: string, ajustes: object): Promise<Account> {
  const response = await fetch(`${url}/canais`, {
    method: 'POST',
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ slug, plataforma, nome: slug, ajustes }),
  })
  if (!response.ok) throw new Error(`an account was answered with ${response.status}`)
  const { webhook_url, segredo } = (await response.json()) as { webhook_url: string; segredo: string }
  return { path: new URL(webhook_url, url).pathname, segredo }
}

const accounts = (url: string, plataforma: string, ajustes: (index: number) => object): Promise<Account[]> =>
  Promise.all(Array.from({ length: ACCOUNTS }, (_, i) => account(url, plataforma, `${plataforma}-${i}`, ajustes(i))))

/** A flow that reads the answer. */
const generic =
  (all: readonly Account[]): MakeRequest =>
  (id, count) => {
    const { path = '', segredo = '' } = all[count % ACCOUNTS] ?? {}
    return {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', 'x-webhook-segredo': segredo },
      body: JSON.stringify({ id, contato: { id, nome: 'Cliente de Atendimento' }, texto: 'quero falar com alguém' }),
    }
  }

/** A message of WhatsApp, whose text is sent by the outbox. */
const evolution =
  (all: readonly Account[]): MakeRequest =>
  (id, count) => ({
    method: 'POST',
    path: all[count % ACCOUNTS]?.path ?? '',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      event: 'messages.upsert',
      instance: `loja${count % ACCOUNTS}`,
      data: {
        key: { remoteJid: `${55_000_000_000_00 + Math.floor(Math.random() * 1e12)}@lid`, fromMe: false, id },
        pushName: 'Cliente de Atendimento',
        message: { conversation: 'quero falar com alguém' },
        messageTimestamp: Math.floor(Date.now() / 1_000),
      },
    }),
  })

/** Turns that come by a webhook, beside turns over REST in the same run. */
export async function webhooks(engine: LocalDatabase, say: Say, seconds: number): Promise<void> {
  const row = table(say, 'Turns by webhook, one process, 20 consultores', [
    'what',
    'connections',
    'req/s',
    'p50',
    'p99',
    'bar',
  ])
  const platform = createServer((request, response) => {
    request.resume()
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"key":{"id":"x"}}')
  })
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
  const address = platform.address()
  const servidor = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const uri = databaseOf(engine, `bench_webhooks_${process.pid}`)
  const [raw1] = await withConnection(uri, (connection) => rawOperations(connection, 20, seconds))
  await discard(engine, uri)
  const service = await startService(uri)
  try {
    await team(service.url, 20)
    await loadOfTurns(service.url, 16, 1)
    const rest = await loadOfTurns(service.url, 64, seconds)
    row('REST, `GET /consultor/da-vez`', '64', ...cells(rest), '')
    const kinds: [string, MakeRequest][] = [
      ['generico, answered with JSON', generic(await accounts(service.url, 'generico', () => ({})))],
      [
        'evolution, answered by the outbox',
        evolution(
          await accounts(service.url, 'evolution', (i) => ({ instancia: `loja${i}`, servidor, chave_api: 'k' })),
        ),
      ],
    ]
    for (const [what, make] of kinds) {
      const one = await loadOfRequests(service.url, 1, seconds, make)
      const slower = one.p50 / raw1.p50
      row(
        what,
        '1',
        ...cells(one),
        `p50 ${times(slower)} the raw operation, ${ms(raw1.p50)} (≤ 2.5): ${verdict(slower <= 2.5)}`,
      )
      const many = await loadOfRequests(service.url, 64, seconds, make)
      const ratio = many.perSecond / rest.perSecond
      row(what, '64', ...cells(many), `${times(ratio)} of REST (≥ 0.6): ${verdict(ratio >= 0.6)}`)
    }
    const { path } = await account(service.url, 'evolution', 'lote', { instancia: 'lote', servidor, chave_api: 'k' })
    const { alone, beside, requests } = await besideOneLargeRequest(service.url, path, 'lote', MESSAGES)
    const worse = beside.p50 / alone.p50
    row('REST turns, alone', '1', ...cells(alone), '')
    row(
      `REST turns beside one webhook of ${MESSAGES} messages, taken in ${requests} requests`,
      '1',
      ...cells(beside),
      `p50 ${times(worse)} without (≤ 3): ${verdict(worse <= 3)}`,
    )
  } finally {
    await service.stop()
    await discard(engine, uri)
    platform.closeAllConnections()
    platform.close()
  }
}
