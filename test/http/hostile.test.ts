import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { saidaOf, waysOf } from '../integrations/folders.js'
import { signed } from '../integrations/signing.js'
import { fill } from '../integrations/template.js'
import { type TestCanal, testCanal } from '../support/chat.js'
import { randomFor } from '../support/random.js'
import { isWhole, sample } from '../support/sample.js'
import { type Answer, call, type TestService, team, testService } from '../support/service.js'

const PUBLIC = 'https://vez.exemplo.com'
const VENDOR_SECRET = 'segredo-do-fornecedor'
/** Bytes, less what stands around what is hostile. */
const AROUND = 4_096
const JSON_LIMIT = 256 * 1_024 - AROUND
const WEBHOOK_LIMIT = 3_000_000 - AROUND
const SMALLEST = 64 * 1_024
/** Of a value in a query or a header: Node takes 16 kB of head. */
const HEAD_LIMIT = 14_000
/** A request that costs less is not compared: it is mostly what any request costs, ms of CPU. */
const FLOOR_MS = 150
const MOST_TIMES = 3
/** Of all cases; a sample takes some seconds. */
const WHOLE_MS = 3_600_000
const TRIES = 5

/** Characters that patterns and parsers stumble over. */
const TOKENS = [
  ...[
    '"\\',
    '\\',
    '{{',
    '[[',
    '((',
    '{a',
    '<',
    '%{',
    '.',
    ' ',
    '\t',
    '\n',
    '@',
    'a@',
    '@.',
    '%25',
    '9',
    '+',
    '-',
    '=',
    '_',
  ],
  ...[
    '\0',
    '\u200b',
    '\u0301',
    '\u0301\u0316',
    '\u0f71\u0f72\u0f74',
    '\ud800',
    '🙂',
    'ß',
    'Σ',
    'phone ',
    'a1',
    '55:',
    ',',
    '/',
  ],
]

/** Something hostile of about so many bytes, as JSON text. */
interface Hostile {
  readonly name: string
  readonly json: (bytes: number) => string
}

const repeated = (unit: string, bytes: number): string => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)))
const numbered = (bytes: number, one: (place: number) => string): string => {
  const count = Math.floor(bytes / (one(100_000).length + 1))
  return Array.from({ length: count }, (_, place) => one(place)).join(',')
}
const HOSTILE: readonly Hostile[] = [
  ...TOKENS.map((token) => ({
    name: JSON.stringify(token),
    json: (bytes: number) => `"${repeated(JSON.stringify(token).slice(1, -1), bytes)}"`,
  })),
  { name: 'a long number', json: (bytes) => '9'.repeat(bytes) },
  { name: 'a long fraction', json: (bytes) => `0.${'1'.repeat(bytes)}` },
  { name: '1e9999', json: (bytes) => `[${numbered(bytes, () => '1e9999')}]` },
  { name: 'deep arrays', json: (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2) },
  { name: 'deep objects', json: (bytes) => `${repeated('{"a":', bytes * 0.8)}1${'}'.repeat((bytes * 0.8) / 5)}` },
  { name: 'many keys', json: (bytes) => `{${numbered(bytes, (place) => `"k${place}":1`)}}` },
  { name: 'many texts', json: (bytes) => `[${numbered(bytes, (place) => `"${place}"`)}]` },
  { name: 'many objects', json: (bytes) => `[${numbered(bytes, () => '{}')}]` },
  { name: 'a long key', json: (bytes) => `{"${repeated('\u0301\u0316', bytes)}":1}` },
]

interface Case {
  readonly where: string
  readonly what: string
  readonly bytes: number
  readonly send: (bytes: number) => Promise<Answer>
}

/** Marks on one letter: whoever puts them in order takes quadratic time. */
const MARKS = JSON.stringify('\u0301\u0316')

let service: TestService
let cases: Case[]
let marks: Case[]
beforeAll(async () => {
  service = await testService({ env: { API_URL: PUBLIC } })
  await team(service, 2)
  await testCanal(service, 'generico', { slug: 'x' })
  await service.call('POST', '/protocolo', { body: {} })
  const routes = await routeCases()
  marks = routes.filter(({ where, what }) => what === MARKS && !where.endsWith(' head'))
  const all = [...routes, ...(await webhookCases())]
  const random = randomFor('places of hostile characters')
  // One place and size of each route and each kind of characters: all of them would take hours.
  const pairs = new Map(all.map((one) => [`${one.where} ${one.what}`, one]))
  for (const one of all) if (random() < 0.2) pairs.set(`${one.where} ${one.what}`, one)
  cases = sample('hostile characters', [...pairs.values()], ({ where, what }) => [where, what])
})
afterAll(() => service.end())

/** What takes a place in a body until it is known how long it is to be. */
const HOLE = '"@@"'
const sizesTo = (limit: number): number[] => (isWhole ? [SMALLEST, limit / 2] : [SMALLEST])

/** Each place of this JSON value where there is a text or a number, with a hole in it. */
function holed(value: unknown): string[] {
  const places: string[] = []
  const walk = (one: unknown, put: (hole: unknown) => unknown): void => {
    if (typeof one === 'string' || typeof one === 'number') places.push(JSON.stringify(put('@@')))
    else if (typeof one === 'object' && one !== null)
      for (const [name, inner] of Object.entries(one))
        walk(inner, (hole) =>
          put(Array.isArray(one) ? Object.assign([...one], { [name]: hole }) : { ...one, [name]: hole }),
        )
  }
  walk(value, (hole) => hole)
  return places
}

/** Bodies with something hostile in one place, or throughout. */
function bodies(templates: readonly string[]): { readonly what: string; readonly make: (bytes: number) => string }[] {
  const within = templates.flatMap((template) =>
    HOSTILE.map(({ name, json }) => ({
      what: name,
      make: (bytes: number) => template.replace(HOLE, () => json(bytes)),
    })),
  )
  const raw = TOKENS.map((token) => ({
    what: JSON.stringify(token),
    make: (bytes: number) => repeated(token, bytes),
  }))
  return [...within, ...raw]
}

async function routeCases(): Promise<Case[]> {
  const { body: document } = await service.call('GET', '/openapi.json')
  const found: Case[] = []
  for (const [path, item] of Object.entries<object>(document.paths))
    for (const [method, operation] of Object.entries(item)) {
      if (path.startsWith('/webhooks')) continue
      const where = `${method.toUpperCase()} ${path}`
      const address = path
        .replace('{id}', '1')
        .replace('{slug}', 'x')
        .replace(/\{\w+\}/g, '1')
      for (const { name, in: place } of operation.parameters ?? [])
        for (const token of TOKENS.filter((one) => one !== '\ud800'))
          found.push({
            where: `${where} head`,
            what: token,
            bytes: HEAD_LIMIT / 2,
            send: (bytes) => {
              const value = encodeURIComponent(repeated(token, bytes)).slice(0, bytes)
              if (place === 'header') return service.call(method.toUpperCase(), address, { headers: { [name]: value } })
              const url = place === 'path' ? path.replace(`{${name}}`, value) : `${address}?${name}=${value}`
              return service.call(method.toUpperCase(), url)
            },
          })
      if (!operation.requestBody) continue
      const names = Object.keys(propertiesOf(operation.requestBody.content['application/json'].schema, document))
      const templates = ['"@@"', ...names.map((name) => JSON.stringify({ [name]: '@@' }))]
      for (const { what, make } of bodies(templates))
        for (const bytes of sizesTo(JSON_LIMIT))
          found.push({
            where,
            what,
            bytes,
            send: (size) => service.call(method.toUpperCase(), address, { raw: make(size) }),
          })
    }
  return found
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema
function propertiesOf(schema: any, document: any): object {
  if (schema.$ref) return propertiesOf(document.components.schemas[schema.$ref.split('/').at(-1)], document)
  const inner = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]
  return Object.assign({}, schema.properties, ...inner.map((one) => propertiesOf(one, document)))
}

async function webhookCases(): Promise<Case[]> {
  const found: Case[] = []
  for (const { plataforma } of ADAPTERS) {
    const { conta, entrega } = saidaOf(plataforma)
    const canal = await testCanal(
      service,
      plataforma,
      fill(conta, { servidor: 'http://127.0.0.1:9', segredo: VENDOR_SECRET }),
    )
    const given = { id: '7', agora: '1790000000', agora_ms: '1790000000000', agora_iso: '2026-09-21T00:00:00Z' }
    const { formulario, cru, corpo } = entrega
    const value = formulario ?? (cru === undefined ? corpo : JSON.parse(fill(cru, given)))
    const templates = ['"@@"', ...holed(fill(value, given))]
    const made = formulario ? forms(formulario) : bodies(templates)
    for (const { what, make } of made)
      for (const bytes of sizesTo(WEBHOOK_LIMIT))
        found.push({ where: plataforma, what, bytes, send: (size) => deliver(plataforma, canal, make(size)) })
  }
  return found
}

/** The same of a form. */
function forms(
  fields: Readonly<Record<string, string>>,
): { readonly what: string; readonly make: (bytes: number) => string }[] {
  const values = Object.keys(fields).flatMap((name) =>
    TOKENS.map((token) => ({
      what: JSON.stringify(token),
      make: (bytes: number) =>
        `${new URLSearchParams({ ...fields, [name]: '' })}&${name}=${repeated(token, bytes / 3)}`,
    })),
  )
  const many = {
    what: 'many keys',
    make: (bytes: number) => numbered(bytes, (place) => `k${place}=`).replaceAll(',', '&'),
  }
  return [...values, many, { what: 'one key often', make: (bytes) => repeated('a=1&', bytes) }]
}

/** Signed with what the account has. */
function deliver(plataforma: string, canal: TestCanal, raw: string): Promise<Answer> {
  const way = waysOf(plataforma)[saidaOf(plataforma).entrega.via] ?? {}
  const secret = way.doFornecedor ? VENDOR_SECRET : canal.segredo
  const { headers = {} } = signed(way, { secret, body: raw, url: PUBLIC + canal.path, now: new Date() })
  const text = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const type = saidaOf(plataforma).entrega.formulario ? 'application/x-www-form-urlencoded' : 'application/json'
  return call(service.url, 'POST', canal.path, { raw, headers: { 'content-type': type, ...Object.fromEntries(text) } })
}

/** CPU of this process, service included, ms; nothing that other processes of the machine take. */
async function cpuOf(send: () => Promise<Answer>): Promise<number> {
  const before = process.cpuUsage()
  const { status } = await send()
  const { user, system } = process.cpuUsage(before)
  expect([429, 503].includes(status) || status < 500 ? 'answered' : status).toBe('answered')
  return (user + system) / 1_000
}

/** Those of these cases that cost too much when there is twice as much of what is hostile. */
async function slowOf(tried: readonly Case[]): Promise<string[]> {
  const slow: string[] = []
  for (const { where, what, bytes, send } of tried) {
    let [once, twice] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    let isFine = false
    for (let tries = 0; tries < TRIES && !isFine; tries += 1) {
      once = Math.min(once, await cpuOf(() => send(bytes)))
      const health = call(service.url, 'GET', '/health')
      twice = Math.min(twice, await cpuOf(() => send(2 * bytes)))
      expect((await health).status).toBe(200)
      isFine = twice <= FLOOR_MS || twice <= MOST_TIMES * once
    }
    if (!isFine)
      slow.push(`${where}, ${what}: ${Math.round(once)} ms, then ${Math.round(twice)} ms at ${2 * bytes} bytes`)
  }
  return slow
}

it(
  'hostile characters cost a route no more than three times as much when there are twice as many, and /health answers',
  async () => expect(await slowOf(cases)).toEqual([]),
  WHOLE_MS,
)

it('nor do many marks on one letter, in whichever field', async () => expect(await slowOf(marks)).toEqual([]), WHOLE_MS)
