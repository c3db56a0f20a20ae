import type { Answer, Call } from '../support/service.js'
import { until } from '../support/until.js'
import type { World } from './world.js'

const LANGUAGES = ['pt', 'pt', 'en', 'es']
const TEAMS = ['azul', 'Verde']
/** The users of the Pipedrive that stands there. */
const USERS = [11, 12, undefined]
/** Consultores who are there throughout; others come and go. */
const PEOPLE = 6
/** Parts of all turns: asked for by three requests at once; whose client hangs up; for a customer whom Pipedrive gets to know. */
const COPIED = 0.15
const CUT_OFF = 0.05
const KNOWN = 0.04
/** Between two requests of a client, and two customers of the chat, ms at most. */
const PAUSE_MS = 400
const CUSTOMER_PAUSE_MS = 2_500
const CHANGE_PAUSE_MS = 700
/** A refusal that says nothing of a fault: whoever is gone, what is over by the time it comes, too much at once. */
const REFUSALS = [404, 409, 422, 429]
/** Of one request, until somebody has taken it. */
const PATIENCE_MS = 120_000
/** Of one try, and of one whose client hangs up, at most. */
const HANGS_MS = 15_000
const CUT_OFF_MS = 60

/** What a client was told once and for all. */
export interface Told {
  readonly n: number
  readonly consultor_id: number | undefined
  /** Pipedrive gets a deal of it. */
  readonly isKnown: boolean
}

/** Clients of the API, customers of the chat and an administrator, and what they know afterwards. */
export class People {
  readonly told = new Map<string, Told>()
  /** Answers that say something else than before, or that nobody understands. */
  readonly wrong: string[] = []
  readonly counts = { requests: 0, repeated: 0, nobody: 0, customers: 0, changes: 0 }
  readonly #world: World
  readonly #random: () => number
  readonly #people: number[] = []
  #guests: number[] = []
  /** Numbers that were given over REST to customers of whom nothing is known: they are closed and handed over. */
  readonly #free: number[] = []
  #slug = ''
  /** Telephones that were given to customers of the API. */
  #telephones = 0

  constructor(world: World, random: () => number) {
    this.#world = world
    this.#random = random
  }

  /** Consultores with an agent at the chat, and the chat's account. */
  async settle(): Promise<void> {
    const { chatwoot, gateway } = this.#world
    for (let place = 0; place < PEOPLE; place += 1) {
      const [name, email] = [`Pessoa ${place + 1}`, `p${place + 1}@exemplo.com`]
      chatwoot.agents.push({ id: 100 + place, name, email, availability_status: 'online' })
      const id_pipedrive = USERS[place % USERS.length]
      const body = { nome: name, email, idiomas: ['pt', ...(place % 2 ? ['en'] : [])], equipes: [...TEAMS] }
      const told = await this.#sure('POST', '/consultor', {
        ...body,
        status_online: true,
        ...(id_pipedrive && { id_pipedrive }),
      })
      this.#people.push(told.body.id)
    }
    const ajustes = { servidor: chatwoot.url, conta_id: 1, token: 'token', segredo_do_webhook: chatwoot.secret }
    const account = { slug: 'loja', plataforma: 'chatwoot', nome: 'Loja', ajustes }
    const made = await this.#sure('POST', '/canais', account)
    this.#slug = made.body.slug
    chatwoot.hook = gateway.url + new URL(made.body.webhook_url).pathname
  }

  /** Everybody may take customers again. */
  async free(): Promise<void> {
    await this.#sure('PUT', '/politica', { limite: null, horario: null })
    await this.#sure('PUT', `/canais/${this.#slug}`, { horario: null })
    for (const id of this.#people) {
      const body = { idiomas: ['pt', 'en'], equipes: [...TEAMS], limite: null, horario: null, status_online: true }
      await this.#sure('PUT', `/consultor/${id}`, body)
      await this.#sure('DELETE', `/consultor/${id}/pausa`)
    }
  }

  /** Takes turns and numbers, one after the other. */
  async client(name: number, goesOn: () => boolean): Promise<void> {
    for (let i = 0; goesOn(); i += 1) {
      const key = `${name}-${i}`
      const [method, path, body, isKnown] = this.#request(key)
      const ask = () => this.#turn(key, method, path, body, isKnown)
      await Promise.all(this.#random() < COPIED ? [ask(), ask(), ask()] : [ask()])
      if (this.told.has(key) && this.#random() < 0.1) {
        this.counts.repeated += 1
        await ask()
      }
      await this.#pause(PAUSE_MS)
    }
  }

  #request(key: string): [method: string, path: string, body: object | undefined, isKnown: boolean] {
    const random = this.#random
    const idioma = this.#pick(LANGUAGES)
    const equipe = random() < 0.3 ? { equipe: this.#pick(TEAMS) } : {}
    if (random() < 0.1) return ['POST', '/protocolo/gerar', undefined, false]
    if (random() < 0.5)
      return ['GET', `/consultor/da-vez?${new URLSearchParams({ idioma, ...equipe })}`, undefined, false]
    const isKnown = random() < KNOWN
    const contato = isKnown && { contato: { nome: `Cliente ${key}`, telefone: this.#telephone() } }
    const preferido = random() < 0.3 && { preferido: this.#pick(this.#people) }
    return ['POST', '/vez', { idioma, ...equipe, ...contato, ...preferido }, isKnown]
  }

  #telephone(): string {
    this.#telephones += 1
    return `+55219${String(80_000_000 + this.#telephones)}`
  }

  async #turn(key: string, method: string, path: string, body: object | undefined, isKnown: boolean): Promise<void> {
    const headers = { 'Idempotency-Key': key }
    // Not what a copy of this request is told meanwhile: its answer may be older.
    const known = this.told.get(key)
    const answer = await this.#patiently(method, path, { headers, ...(body && { body }) }, true)
    if (!answer) return void this.wrong.push(`${key}: no answer`)
    this.counts.requests += 1
    if (answer.status === 404) {
      this.counts.nobody += 1
      if (known) this.wrong.push(`${key}: ${known.n}, and then nobody`)
      return
    }
    if (answer.status !== 200) return void this.wrong.push(`${key}: ${answer.status} ${JSON.stringify(answer.body)}`)
    const before = this.told.get(key)
    const told = { n: Number(answer.body.numero_protocolo.slice(1)), consultor_id: answer.body.consultor_id, isKnown }
    if (before && (before.n !== told.n || before.consultor_id !== told.consultor_id))
      this.wrong.push(`${key}: ${JSON.stringify(before)}, and then ${JSON.stringify(told)}`)
    this.told.set(key, told)
    if (!isKnown && !before) this.#free.push(told.n)
  }

  /** New customers write at the chat, now and then once more; the platform tells some messages twice. */
  async customers(goesOn: () => boolean): Promise<void> {
    const { chatwoot } = this.#world
    const open: Promise<void>[] = []
    while (goesOn()) {
      this.counts.customers += 1
      const id = this.counts.customers
      const writes = async (): Promise<void> => {
        await chatwoot.customerWrites(id, 'oi')
        if (this.#random() < 0.3) await chatwoot.retells(id)
        if (this.#random() < 0.3) await chatwoot.customerWrites(id, 'alguém aí?')
      }
      open.push(writes())
      await this.#pause(CUSTOMER_PAUSE_MS)
    }
    await Promise.all(open)
  }

  /** Changes people, policies and protocols, one after the other; what became of a change that is not answered nobody asks. */
  async administrator(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const [method, path, body] = this.#change()
      const answer = await this.#askOf(method, path, { hangsMs: HANGS_MS, ...(body && { body }) })
      const { status = 503 } = answer ?? {}
      if (status === 200) this.counts.changes += 1
      if (status === 200 && path === '/consultor') this.#guests.push(answer?.body.id)
      if (status >= 400 && status < 500 && !REFUSALS.includes(status))
        this.wrong.push(`${method} ${path}: ${status} ${JSON.stringify(answer?.body)}`)
      await this.#pause(CHANGE_PAUSE_MS)
    }
  }

  #change(): readonly [method: string, path: string, body?: object] {
    const random = this.#random
    const id = this.#pick(this.#people)
    const n = this.#pick(this.#free) ?? 1
    const limite = random() < 0.5 ? 1 + Math.floor(random() * 4) : null
    const ate = new Date(Date.now() + random() * 25_000)
    const guest = this.#pick(this.#guests) ?? 0
    const person = { nome: 'Visita', idiomas: ['es'], status_online: true }
    const all: readonly (() => readonly [string, string, object?])[] = [
      () => ['PUT', `/consultor/${id}/connection?status=${random() < 0.7}`],
      () => ['PUT', `/consultor/${id}/pausa`, random() < 0.5 ? { ate } : { minutos: 1 }],
      () => ['DELETE', `/consultor/${id}/pausa`],
      () => ['PUT', `/consultor/${id}`, { limite }],
      () => ['PUT', `/consultor/${id}`, { horario: this.#hours() }],
      () => ['PUT', `/consultor/${id}`, { equipes: TEAMS.filter(() => random() < 0.6) }],
      () => ['PUT', `/consultor/${id}`, { idiomas: random() < 0.5 ? ['pt'] : ['pt', 'en'] }],
      () => ['PUT', '/politica', { limite: limite && limite * 10 }],
      () => ['PUT', '/politica', { horario: null }],
      () => ['PUT', `/canais/${this.#slug}`, { horario: this.#hours() }],
      () => ['POST', '/consultor', person],
      () => ['DELETE', `/consultor/${guest}`],
      () => ['PUT', `/protocolo/${n}`, { status: random() < 0.8 ? 'concluido' : 'aberto' }],
      () => ['PUT', `/protocolo/${n}`, { status: 'cancelado' }],
      () => ['PUT', `/protocolo/${n}`, { responsavel_id: id }],
    ]
    return this.#pick(all)()
  }

  /** Mostly none, or those of each day that end or begin about now. */
  #hours(): object | null {
    const now = new Date()
    const minute = now.getUTCHours() * 60 + now.getUTCMinutes() + Math.floor(this.#random() * 4) - 1
    if (this.#random() < 0.5 || minute < 1 || minute > 1_438) return null
    const edge = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
    const day = [this.#random() < 0.5 ? `00:00-${edge}` : `${edge}-24:00`]
    return {
      semana: Object.fromEntries(['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'].map((one) => [one, day])),
      fuso: 'UTC',
    }
  }

  /** A change that has to be made. */
  async #sure(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#patiently(method, path, body && { body })
    if (answer?.status === 200) return answer
    throw new Error(`${method} ${path}: ${answer?.status} ${JSON.stringify(answer?.body)}`)
  }

  /** Repeats a request until it has an answer, as any client may. Some hang up before they are answered, and ask once more. */
  async #patiently(method: string, path: string, more: Call = {}, hangsUp = false): Promise<Answer | undefined> {
    let answer: Answer | undefined
    const heard = async (): Promise<boolean> => {
      const hangsMs = hangsUp && this.#random() < CUT_OFF ? Math.ceil(this.#random() * CUT_OFF_MS) : HANGS_MS
      answer = await this.#askOf(method, path, { ...more, hangsMs })
      return answer !== undefined && answer.status < 500 && answer.status !== 429
    }
    await until(heard, PATIENCE_MS, path).catch(() => undefined)
    return answer
  }

  /** Any service that runs. */
  #askOf(method: string, path: string, more: Call): Promise<Answer | undefined> {
    const one = this.#pick(this.#world.running())
    return (one?.call(method, path, more) ?? Promise.resolve(undefined)).catch(() => undefined)
  }

  /** People take their time: without it the line would be all that is measured. */
  #pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, this.#random() * ms))

  #pick = <T>(list: readonly T[]): T => list[Math.floor(this.#random() * list.length)] as T
}
