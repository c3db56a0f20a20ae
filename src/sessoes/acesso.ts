import { randomInt } from 'node:crypto'
import type { Clock } from '../lib/clock.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import type { SessaoCollection } from './model.js'
import { hashOf, isOf, newSecret, parseToken, toText } from './token.js'

const MINUTE_MS = 60_000
export const LINK_MS = 15 * MINUTE_MS
export const CODE_MS = 10 * MINUTE_MS
const CODES = 100_000_000
const DIGITS = 8
/** Of as many codes as there are people, hardly ever two are alike. */
const TRIES = 5

/** What opens one session of one person, once. */
interface Made {
  /** What is told: the token of a link, or the digits. */
  readonly secret: string
  readonly ate: Date
}

const linkId = (consultor_id: number): string => `link:${consultor_id}`
/** A code is short: its hash is no secret for long, but it holds for 10 min only. */
const codeId = (code: string): string => `codigo:${hashOf(code)}`

/** One-time links and codes of the consultores. */
export class Acessos {
  readonly #sessoes: SessaoCollection
  readonly #clock: Clock

  constructor(sessoes: SessaoCollection, clock: Clock) {
    this.#sessoes = sessoes
    this.#clock = clock
  }

  /** A new link ends the one before. */
  async link(consultor_id: number): Promise<Made> {
    const now = this.#clock.now()
    const secret = newSecret()
    const ate = new Date(now.getTime() + LINK_MS)
    const stored = { tipo: 'link' as const, consultor_id, hash: hashOf(secret), criada_em: now, vence_em: ate }
    await this.#sessoes.replaceOne({ _id: linkId(consultor_id) }, stored, { upsert: true, ...LIMIT })
    return { secret: toText({ id: String(consultor_id), secret }), ate }
  }

  /** A new code ends those before. */
  async code(consultor_id: number): Promise<Made> {
    const now = this.#clock.now()
    const ate = new Date(now.getTime() + CODE_MS)
    await this.#sessoes.deleteMany({ consultor_id, tipo: 'codigo' }, LIMIT)
    for (let tries = 0; ; tries += 1) {
      const secret = String(randomInt(CODES)).padStart(DIGITS, '0')
      const stored = { _id: codeId(secret), tipo: 'codigo' as const, consultor_id, criada_em: now, vence_em: ate }
      try {
        await this.#sessoes.insertOne(stored, LIMIT)
        return { secret, ate }
      } catch (error) {
        if (!isDuplicateKey(error) || tries >= TRIES) throw error
      }
    }
  }

  /** Spends what stood in a link: of two at once one gets it. `undefined`: no such link, spent, or over. */
  async spendLink(token: string): Promise<number | undefined> {
    const parsed = parseToken(token)
    if (!parsed) return undefined
    const found = await this.#sessoes.findOne({ _id: `link:${parsed.id}` }, LIMIT)
    if (!found || !isOf(parsed.secret, found.hash)) return undefined
    return this.#spend(found._id, found.hash)
  }

  /** The same of a code. */
  spendCode(code: string): Promise<number | undefined> {
    return this.#spend(codeId(code.replace(/\D/g, '')))
  }

  async #spend(_id: string, hash?: string): Promise<number | undefined> {
    const found = await this.#sessoes.findOne({ _id }, LIMIT)
    if (found?.consultor_id === undefined || found.vence_em <= this.#clock.now()) return undefined
    const { deletedCount } = await this.#sessoes.deleteOne({ _id, ...(hash !== undefined && { hash }) }, LIMIT)
    return deletedCount === 1 ? found.consultor_id : undefined
  }
}
