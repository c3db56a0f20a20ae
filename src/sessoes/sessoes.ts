import type { Escopo } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import type { Guardada, SessaoCollection } from './model.js'
import { hashOf, isOf, newId, newSecret, parseToken, toText } from './token.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long each kind lasts, ms; a seller's begins anew with each use. */
export const LASTS_MS = { gestor: 12 * HOUR_MS, parede: 180 * DAY_MS, consultor: 30 * DAY_MS } as const

/** A session that was ended elsewhere is refused within this time. */
const TRUST_MS = 15_000
const MOST_TRUSTED = 2_000
/** How exact `visto_em` is: each note of it is a write. */
const SEEN_MS = 5 * MINUTE_MS
/** Of one person, or of one key: a further one ends the oldest. */
const MOST_SESSIONS = 20

/** Somebody who is signed in. */
export interface Sessao {
  readonly id: string
  readonly tipo: 'gestor' | 'parede' | 'consultor'
  /** Of the key, as it is now; a wall and a seller have none. */
  readonly escopos: readonly Escopo[]
  readonly consultor_id?: number
  readonly chave_id?: string
  readonly nome?: string
  readonly vence_em: Date
}

/** What a new session is of. */
export type Novo = Pick<Guardada, 'chave_id' | 'consultor_id' | 'nome' | 'aparelho'> & { readonly tipo: Sessao['tipo'] }

interface Options {
  readonly sessoes: SessaoCollection
  readonly clock: Clock
  /** The scopes of a key, now; `undefined`: there is no such key any more. */
  readonly scopesOf: (chave_id: string) => Promise<readonly Escopo[] | undefined>
}

/** The sessions of people. Their secrets are random, stored as a hash, and never come back. */
export class Sessoes {
  readonly #options: Options
  readonly #trusted = new Map<string, { readonly sessao: Sessao; readonly until: number }>()

  constructor(options: Options) {
    this.#options = options
  }

  /** A new session, whatever the browser held before. Answers with what its cookie holds. */
  async open(novo: Novo): Promise<{ readonly token: string; readonly sessao: Sessao }> {
    const { sessoes, clock } = this.#options
    const now = clock.now()
    const [id, secret] = [newId(), newSecret()]
    const stored: Guardada = omitUndefined({
      ...novo,
      _id: id,
      hash: hashOf(secret),
      criada_em: now,
      visto_em: now,
      vence_em: new Date(now.getTime() + LASTS_MS[novo.tipo]),
    })
    await sessoes.insertOne(stored, LIMIT)
    await this.#endOldest(stored)
    const sessao = toSessao(stored, (await this.#scopes(stored)) ?? [])
    return { token: toText({ id, secret }), sessao }
  }

  /** A wall: nobody has its cookie yet. Answers with what stands in its link. */
  async makeWall(chave_id: string, nome: string): Promise<{ readonly token: string; readonly sessao: Sessao }> {
    const { sessoes, clock } = this.#options
    const now = clock.now()
    const [id, secret] = [newId(), newSecret()]
    const vence_em = new Date(now.getTime() + LASTS_MS.parede)
    const stored: Guardada = {
      _id: id,
      tipo: 'parede',
      link_hash: hashOf(secret),
      chave_id,
      nome,
      criada_em: now,
      vence_em,
    }
    await sessoes.insertOne(stored, LIMIT)
    return { token: toText({ id, secret }), sessao: toSessao(stored, []) }
  }

  /** A screen opens the wall: the one before loses it. `undefined`: no such link, or it is over. */
  async openWall(link: string, aparelho: string | undefined): Promise<{ token: string; sessao: Sessao } | undefined> {
    const { sessoes, clock } = this.#options
    const token = parseToken(link)
    if (!token) return undefined
    const now = clock.now()
    const found = await sessoes.findOne({ _id: token.id, tipo: 'parede' }, LIMIT)
    if (!found || found.vence_em <= now || !isOf(token.secret, found.link_hash)) return undefined
    const scopes = await this.#scopes(found)
    if (!scopes) return undefined
    const secret = newSecret()
    const $set = omitUndefined({ hash: hashOf(secret), visto_em: now, aparelho })
    await sessoes.updateOne({ _id: found._id }, { $set }, LIMIT)
    this.#forget(found._id)
    return { token: toText({ id: found._id, secret }), sessao: toSessao(found, []) }
  }

  /** Whose cookie this is; `undefined`: nobody's, or not any more. */
  async who(cookie: string): Promise<Sessao | undefined> {
    const token = parseToken(cookie)
    if (!token) return undefined
    const { clock } = this.#options
    const hash = hashOf(token.secret)
    const known = this.#trusted.get(hash)
    if (known && known.until > clock.elapsed() && known.sessao.vence_em > clock.now()) return known.sessao
    const looked = clock.elapsed()
    const sessao = await this.#lookUp(token.id, token.secret)
    this.#trusted.delete(hash)
    if (!sessao) return undefined
    if (this.#trusted.size >= MOST_TRUSTED) this.#trusted.clear()
    this.#trusted.set(hash, { sessao, until: looked + TRUST_MS })
    return sessao
  }

  /** A session by its id, as it is now; `undefined`: it is over. */
  async find(id: string): Promise<Sessao | undefined> {
    const found = await this.#options.sessoes.findOne({ _id: id }, LIMIT)
    if (!found || found.vence_em <= this.#options.clock.now()) return undefined
    const scopes = await this.#scopes(found)
    return scopes && toSessao(found, scopes)
  }

  /** Those that are open, walls and what opens a session (links, codes) among them. */
  async list(filter: { readonly chave_id?: string; readonly consultor_id?: number } = {}): Promise<Guardada[]> {
    const found = await this.#options.sessoes.find(filter, LIMIT).toArray()
    const now = this.#options.clock.now()
    return found.filter(({ vence_em }) => vence_em > now).sort((a, b) => b.criada_em.getTime() - a.criada_em.getTime())
  }

  /** Ends one; false: there is none of this id. */
  async end(id: string): Promise<boolean> {
    const { deletedCount } = await this.#options.sessoes.deleteOne({ _id: id }, LIMIT)
    this.#forget(id)
    return deletedCount === 1
  }

  /** Ends all of a person, with his links and codes, or all of a manager's key but its walls. */
  async endAll(of: { readonly consultor_id: number } | { readonly chave_id: string }): Promise<void> {
    const filter = 'chave_id' in of ? { ...of, tipo: 'gestor' as const } : of
    await this.#options.sessoes.deleteMany(filter, LIMIT)
    this.#trusted.clear()
  }

  async #lookUp(_id: string, secret: string): Promise<Sessao | undefined> {
    const { sessoes, clock } = this.#options
    const found = await sessoes.findOne({ _id }, LIMIT)
    const now = clock.now()
    if (!found || found.vence_em <= now || !isOf(secret, found.hash)) return undefined
    const scopes = await this.#scopes(found)
    if (!scopes) return undefined
    if (now.getTime() - (found.visto_em?.getTime() ?? 0) < SEEN_MS) return toSessao(found, scopes)
    const vence_em = found.tipo === 'consultor' ? new Date(now.getTime() + LASTS_MS.consultor) : found.vence_em
    await sessoes.updateOne({ _id }, { $set: { visto_em: now, vence_em } }, LIMIT)
    return toSessao({ ...found, vence_em }, scopes)
  }

  /** `undefined`: its key is gone, and the session with it. */
  async #scopes({ tipo, chave_id }: Guardada): Promise<readonly Escopo[] | undefined> {
    if (chave_id === undefined) return []
    const scopes = await this.#options.scopesOf(chave_id)
    return tipo === 'gestor' ? scopes : scopes && []
  }

  async #endOldest({ tipo, chave_id, consultor_id }: Guardada): Promise<void> {
    const of = chave_id === undefined ? omitUndefined({ consultor_id }) : { chave_id }
    const those = (await this.list(of)).filter((one) => one.tipo === tipo).slice(MOST_SESSIONS)
    if (those.length === 0) return
    await this.#options.sessoes.deleteMany({ _id: { $in: those.map(({ _id }) => _id) } }, LIMIT)
  }

  #forget(id: string): void {
    for (const [hash, { sessao }] of this.#trusted) if (sessao.id === id) this.#trusted.delete(hash)
  }
}

const toSessao = (stored: Guardada, escopos: readonly Escopo[]): Sessao => {
  const { _id: id, tipo, consultor_id, chave_id, nome, vence_em } = stored
  return omitUndefined({
    id,
    tipo: tipo === 'gestor' || tipo === 'parede' ? tipo : ('consultor' as const),
    escopos,
    consultor_id,
    chave_id,
    nome,
    vence_em,
  })
}
