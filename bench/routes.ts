import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { LocalDatabase } from '../src/database/local.js'
import { KEY } from './load.js'
import { fill } from './long.js'
import { databaseOf, discard, type Process, startService, team } from './processes.js'
import { ms, table, verdict } from './table.js'

/** Largest permitted, bytes. */
const JSON_BYTES = 256 * 1_024
const WEBHOOK_BYTES = 3_000_000
const LARGE_WEBHOOK_BYTES = 25_000_000
/** Bars of a hold, ms. */
const HOLD_MS = 50
const LARGE_HOLD_MS = 300
/** The monitor's own interval, ms: it is part of each figure of its. */
const RESOLUTION_MS = 10
/** The least of so many tries counts: what else the machine does only adds. */
const TRIES = 3
/** How often a request that came too soon is sent again. */
const MOST_WAITS = 20
const PEOPLE = 200
const PROTOCOLS = 20_000
const LAG = 'nodejs_eventloop_lag_max_seconds'

interface Case {
  readonly what: string
  readonly barMs: number
  readonly send: () => Promise<Response>
  /** It says nothing where it is refused before it is worked on. */
  readonly mustSucceed?: boolean
}

interface Held {
  /** `undefined` where the answer was not the one that is measured. */
  readonly hold: number | undefined
  readonly status: number
}

/** How long each route holds the event loop of the service at most, with its largest bodies and lists. */
export async function routes(engine: LocalDatabase, say: (line: string) => void): Promise<void> {
  const title = `The longest hold of the event loop, by route, ${PEOPLE} consultores, ${PROTOCOLS} protocols`
  const row = table(say, title, ['route', 'largest of', 'status', 'hold', 'bar'])
  const uri = databaseOf(engine, `bench_routes_${process.pid}`)
  await fill(uri, PROTOCOLS)
  const service = await startService(uri)
  try {
    await team(service.url, PEOPLE)
    const all = await casesOf(service.url)
    for (const route of new Set(all.map(({ what }) => what))) {
      const cases = all.filter(({ what }) => what === route)
      const held: Held[] = []
      for (const one of cases) held.push(await holdOf(service, one))
      const { hold, status } = held.reduce(longer)
      const barMs = cases[0]?.barMs ?? HOLD_MS
      const bar = hold === undefined ? 'not measured: refused' : `≤ ${ms(barMs)}: ${verdict(hold <= barMs)}`
      row(`\`${route}\``, String(held.length), String(status), hold === undefined ? '' : ms(hold), bar)
    }
  } finally {
    await service.stop()
    await discard(engine, uri)
  }
}

/** The longer one; one that was not measured before all. */
const longer = (one: Held, other: Held): Held =>
  one.hold !== undefined && (other.hold === undefined || other.hold > one.hold) ? other : one

async function holdOf(service: Process, { send, mustSucceed }: Case): Promise<Held> {
  let [hold, status] = [Number.POSITIVE_INFINITY, 0]
  for (let tries = 0; tries < TRIES; tries += 1) {
    const one = await oneHold(service, send)
    status = one.status
    if (mustSucceed && (status < 200 || status > 299)) return { hold: undefined, status }
    hold = Math.min(hold, one.hold)
  }
  return { hold, status }
}

/** Of an answer that is no 429: what an account may send in a second is waited for. */
async function oneHold(service: Process, send: Case['send']): Promise<{ hold: number; status: number }> {
  for (let tries = 1; ; tries += 1) {
    // Reading the figure sets it back.
    await service.metric(LAG)
    const response = await send()
    await response.arrayBuffer()
    const hold = Math.max(0, (await service.metric(LAG)) * 1_000 - RESOLUTION_MS)
    if (response.status !== 429 || tries === MOST_WAITS) return { hold, status: response.status }
    await wait(Number(response.headers.get('retry-after') ?? 1) * 1_000)
  }
}

async function casesOf(url: string): Promise<Case[]> {
  const headers = { 'api-key': KEY, 'content-type': 'application/json' }
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
  const document: any = await (await fetch(`${url}/openapi.json`)).json()
  // The routes of accounts change and remove this one; each large webhook has its own.
  await newAccount(url, 'generico', 'x', {})
  const account = await newAccount(url, 'evolution', 'lote', { instancia: 'lote' })
  const generic = await newAccount(url, 'generico', 'grande', {})
  const cloud = { phone_number_id: '1', app_secret: 'bench', token: 'bench' }
  const meta = await newAccount(url, 'whatsapp-cloud', 'meta', cloud)
  const found: Case[] = []
  for (const [path, item] of Object.entries<object>(document.paths)) {
    if (path.startsWith('/webhooks')) continue
    for (const [name, operation] of Object.entries(item)) {
      const method = name.toUpperCase()
      const what = `${method} ${path}`
      const address = url + path.replace('{slug}', 'x').replace(/\{\w+\}/g, '1')
      const schema = operation.requestBody?.content['application/json']?.schema
      if (schema === undefined) {
        const hasLimit = operation.parameters?.some((one: { name: string }) => one.name === 'limit')
        found.push({
          what,
          barMs: HOLD_MS,
          send: () => fetch(hasLimit ? `${address}?limit=500` : address, { method, headers }),
        })
        continue
      }
      for (const body of largest(fieldsOf(schema, document)))
        found.push({ what, barMs: HOLD_MS, send: () => fetch(address, { method, headers, body }) })
    }
  }
  const post = (path: string, body: string, more: object = {}): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...more }, body })
  const text = JSON.stringify({ id: '1', contato: { id: 'c' }, extra: 'x'.repeat(WEBHOOK_BYTES - 100) })
  const many = filledWith((place) => `"k${place}":"${'x'.repeat(180)}"`, WEBHOOK_BYTES - 100)
  for (const body of [text, `{"id":"1","contato":{"id":"c"},${many}}`])
    found.push({
      what: 'a webhook of 3 MB, generico',
      barMs: LARGE_HOLD_MS,
      mustSucceed: true,
      send: () => post(generic.path, body, { 'x-webhook-segredo': generic.segredo }),
    })
  const cloudBody = cloudBatch(WEBHOOK_BYTES)
  const signature = `sha256=${createHmac('sha256', cloud.app_secret).update(cloudBody).digest('hex')}`
  found.push({
    what: 'a webhook of 3 MB with thousands of receipts, whatsapp-cloud',
    barMs: LARGE_HOLD_MS,
    mustSucceed: true,
    send: () => post(meta.path, cloudBody, { 'x-hub-signature-256': signature }),
  })
  const media = evolutionBody(`[${message(0, 'QUJD'.repeat((LARGE_WEBHOOK_BYTES - 1_000) / 4))}]`)
  const batch = evolutionBody(`[${filledWith((place) => message(place, 'x'.repeat(2_000)), LARGE_WEBHOOK_BYTES / 4)}]`)
  for (const body of [media, batch])
    found.push({
      what: 'a large webhook, evolution',
      barMs: LARGE_HOLD_MS,
      mustSucceed: true,
      send: () => post(account.path, body),
    })
  return found
}

async function newAccount(url: string, plataforma: string, slug: string, ajustes: object) {
  const response = await fetch(`${url}/canais`, {
    method: 'POST',
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ slug, plataforma, nome: slug, ajustes }),
  })
  if (!response.ok) throw new Error(`an account was answered with ${response.status}: ${await response.text()}`)
  const { webhook_url, segredo } = (await response.json()) as { webhook_url: string; segredo: string }
  return { path: new URL(webhook_url, url).pathname, segredo }
}

/** Bodies of the largest permitted size: a long text, many texts and many objects in each field, and many fields. */
function largest(fields: readonly string[]): string[] {
  const bytes = JSON_BYTES - 100
  const values = [
    `"${'a.'.repeat(bytes / 2)}"`,
    `[${filledWith((place) => `"${place}"`, bytes)}]`,
    `[${filledWith(() => '{}', bytes)}]`,
  ]
  const inFields = fields.flatMap((field) => values.map((value) => `{"${field}":${value}}`))
  return [...inFields, `{${filledWith((place) => `"k${place}":1`, bytes)}}`]
}

function filledWith(one: (place: number) => string, bytes: number): string {
  const count = Math.floor(bytes / (one(100_000).length + 1))
  return Array.from({ length: count }, (_, place) => one(place)).join(',')
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema
function fieldsOf(schema: any, document: any): string[] {
  if (schema.$ref) return fieldsOf(document.components.schemas[schema.$ref.split('/').at(-1)], document)
  const inner = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]
  const names = [...Object.keys(schema.properties ?? {}), ...inner.flatMap((one) => fieldsOf(one, document))]
  return [...new Set(names)]
}

const message = (place: number, base64: string): string =>
  JSON.stringify({
    key: { remoteJid: `${5_511_900_000_000 + place}@s.whatsapp.net`, fromMe: false, id: `B${place}` },
    pushName: 'Cliente',
    // A reaction takes no turn: what is measured is the reading.
    message: { reactionMessage: { text: '👍' }, base64 },
    messageTimestamp: 1_790_000_000,
  })

const evolutionBody = (data: string): string => `{"event":"messages.upsert","instance":"lote","data":${data}}`

function cloudBatch(bytes: number): string {
  const status = (place: number): string =>
    JSON.stringify({
      id: `wamid.${place}`,
      status: 'delivered',
      timestamp: '1790000000',
      recipient_id: '5511900000000',
    })
  const statuses = `[${filledWith(status, bytes - 1_000)}]`
  const metadata = '"messaging_product":"whatsapp","metadata":{"phone_number_id":"1"}'
  return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{${metadata},"statuses":${statuses}}}]}]}`
}
