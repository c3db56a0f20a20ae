import { LIMIT } from '../lib/mongo.js'
import { type Filter, ROW_FIELDS, type Row } from './filter.js'
import type { Protocolo, ProtocoloModel } from './model.js'
import type { Pending } from './walk.js'

/** Phones that are walked along one by one; more of them are looked up at once first. */
const MOST_PHONES = 8
/** Names of customers that one query looks up, and those of one request. */
const NAMES = 1_000
const MOST_NAMES = 8_000
/** Protocols of a customer that was known by a telephone later, which one request shows. */
const MOST_LATER = 1_000

interface Asked {
  readonly filter: Filter
  readonly pending: Pending<Protocolo>
}

/**
 * What a filter by telephone comes to: of very many forms those that there are (without its area code a number may be one of each
 * area), and the protocols whose customer got the telephone only after the turn, read as if they were not copied.
 */
export async function byPhones(
  protocolos: ProtocoloModel,
  filter: Filter,
  pending: Pending<Protocolo>,
): Promise<Asked> {
  const { contato } = filter
  if (!contato || !('telefones' in contato)) return { filter, pending }
  const later = await knownLater(protocolos, contato.telefones)
  const rows = [...pending.rows, ...later.filter(({ n }) => !pending.numbers.has(n))]
  const numeros = new Set(later.map(({ n }) => n))
  const telefones = await those(protocolos, contato.telefones, rows)
  return {
    filter: { ...filter, contato: { telefones, numeros } },
    pending: { rows, numbers: new Set(rows.map(({ n }) => n)) },
  }
}

async function those(
  protocolos: ProtocoloModel,
  telefones: readonly string[],
  rows: readonly Row[],
): Promise<readonly string[]> {
  if (telefones.length <= MOST_PHONES) return telefones
  const asked = { 'contato.telefone': { $in: [...telefones] } }
  const found = await protocolos.find(asked, ROW_FIELDS, LIMIT).lean<Row[]>()
  const there = new Set([...found, ...rows].map((one) => one.contato?.telefone))
  return telefones.filter((one) => there.has(one))
}

/** By the customer's names in each account, which hold every telephone that he was ever known by (src/canais/ask.ts). */
async function knownLater(protocolos: ProtocoloModel, telefones: readonly string[]): Promise<Protocolo[]> {
  const accounts = protocolos.db.collection<{ _id: string }>('canais')
  const all = await accounts.find({}, { projection: { _id: 1 }, ...LIMIT }).toArray()
  const names = all.flatMap(({ _id: slug }) => telefones.map((one) => `${slug}:tel:${one}`)).slice(0, MOST_NAMES)
  const found: Protocolo[] = []
  for (let start = 0; start < names.length && found.length < MOST_LATER; start += NAMES) {
    const asked = { 'contato.ids': { $in: names.slice(start, start + NAMES) } }
    const known = await protocolos.find(asked, null, LIMIT).lean<Protocolo[]>()
    found.push(...known.filter(({ contato }) => !telefones.includes(contato?.telefone ?? '')))
  }
  const unique = new Map(found.map((one) => [one.n, one]))
  return [...unique.values()].slice(0, MOST_LATER)
}
