import type { Evento } from '../../src/vez/document.js'
import { History } from './history.js'
import type { ServiceProcess } from './processes.js'
import type { Answer } from './service.js'
import { until } from './until.js'

type Ask = ServiceProcess['call']

const LANGUAGES = ['pt', 'en', 'es']
const TEAMS = ['azul', 'verde']
/** The longest pause, ms. */
const PAUSE_MS = 1_000
/** Parts of all turns: asked for three times at once; asked for again later; followed by a number without a turn. */
const COPIED = 0.15
const REPEATED = 0.1
const WITH_NUMBER = 0.05
/** With policies: of all turns those that would rather have somebody, of all changes those of a pause, a limit and a protocol. */
const PREFERRING = 0.1
const PAUSES = 0.3
const LIMITS = 0.15
const ENDS = 0.2

export interface LoadOptions {
  readonly random: () => number
  /** Those that run now: each request goes to any of them. */
  readonly processes: () => readonly ServiceProcess[]
  /** With teams, limits, preferred people, and pauses of about a second. */
  readonly policies?: true
}

/** Clients who take turns and numbers, and an administrator who changes the roster, on any number of processes at once. */
export class Load {
  readonly history = new History()
  /** What each key got. */
  readonly numbers = new Map<string, number>()
  /** Keys that got two different numbers, or none after one. */
  readonly doubled: string[] = []
  /** How many requests each process has answered, by its address. */
  readonly answered = new Map<string, number>()
  /** Where a change of the roster is under way: without a key it cannot be repeated, so that process must not be stopped. */
  changingAt: string | undefined
  readonly #options: LoadOptions
  readonly #asked = new Map<string, readonly [idioma: string, equipe?: string | undefined, preferido?: number]>()
  #equals: readonly number[] = []
  #others: number[] = []

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Two who speak the same and are never changed. */
  get equals(): readonly [number, number] {
    const [one = 0, other = 0] = this.#equals
    return [one, other]
  }

  async makeTeam(): Promise<void> {
    this.#equals = [await this.#create(['pt', 'en']), await this.#create(['pt', 'en'])]
    this.#others = await Promise.all([['pt'], ['es'], ['en', 'es'], LANGUAGES].map((one) => this.#create(one)))
    if (!this.#options.policies) return
    // Whose pause nobody ends but the time: however chance has it, one ends.
    const paused = await this.#create(['es'])
    for (let ms = PAUSE_MS; !(await this.#pauseUntil(paused, ms)); ms *= 2);
    // Who has as many as he may have, and one that ends: however chance has it, one is counted anew.
    await this.#change('PUT', `/consultor/${await this.#create(['fr'])}`, { limite: 1 })
    this.#asked.set('limited', ['fr'])
    await this.#turn('limited')
    await this.#endProtocol()
  }

  /** Takes turns, one after the other, as long as it is wanted; the last argument is how many this client has taken. */
  async client(name: number, goesOn: (taken: number) => boolean): Promise<void> {
    const { random } = this.#options
    for (let i = 0; goesOn(i); i += 1) {
      const key = `${name}-${i}`
      this.#asked.set(key, [this.#pick(LANGUAGES), this.#pick([undefined, ...this.#teams]), ...this.#somebody()])
      await Promise.all((random() < COPIED ? [key, key, key] : [key]).map((one) => this.#turn(one)))
      if (random() < REPEATED) await this.#turn(this.#pick([...this.#asked.keys()]))
      if (random() < WITH_NUMBER) await this.#number(`n-${key}`)
    }
  }

  /** Changes everybody but the two equals, one change after the other. */
  async administrator(goesOn: () => boolean): Promise<void> {
    while (goesOn()) await this.change()
  }

  /** One change, by chance. */
  async change(): Promise<void> {
    const { random, policies } = this.#options
    const id = this.#pick(this.#others)
    const choice = random()
    if (policies) {
      const kind = random()
      if (kind < PAUSES) return this.#pause(id)
      if (kind < PAUSES + LIMITS) return void (await this.#change('PUT', `/consultor/${id}`, this.#someLimit()))
      if (kind < PAUSES + LIMITS + ENDS) return this.#endProtocol()
    }
    if (choice < 0.6) await this.#change('PUT', `/consultor/${id}/connection?status=${random() < 0.5}`)
    else if (choice < 0.8)
      await this.#change('PUT', `/consultor/${id}`, { idiomas: [this.#pick(LANGUAGES)], ...this.#someTeams() })
    else if (choice < 0.9) this.#others.push(await this.#create([this.#pick(LANGUAGES)]))
    else if (this.#others.length > 2) {
      this.#others = this.#others.filter((one) => one !== id)
      await this.#change('DELETE', `/consultor/${id}`)
    }
  }

  /** That somebody is counted anew for it the ledger tells. */
  async #endProtocol(): Promise<void> {
    const n = this.#pick([...this.numbers.values()])
    if (n !== undefined) await this.#patiently('PUT', `/protocolo/${n}`, { body: { status: 'concluido' } })
  }

  #someLimit = (): { limite: number | null } => ({
    limite: this.#options.random() < 0.6 ? 1 + Math.floor(this.#options.random() * 20) : null,
  })

  #somebody(): [] | [number] {
    const { random, policies } = this.#options
    return policies && random() < PREFERRING ? [this.#pick([...this.#equals, ...this.#others])] : []
  }

  /** Mostly with an end. */
  async #pause(id: number): Promise<void> {
    const { random } = this.#options
    if (random() < 0.8) await this.#pauseUntil(id, random() * PAUSE_MS)
    else await this.#change('PUT', `/consultor/${id}/pausa`, {})
  }

  /** @returns false where its end was over before the request came: that is refused, and changes nothing */
  async #pauseUntil(id: number, ms: number): Promise<boolean> {
    try {
      await this.#change('PUT', `/consultor/${id}/pausa`, { ate: new Date(Date.now() + ms) })
      return true
    } catch (error) {
      if (error instanceof Error && error.message.endsWith(' 422')) return false
      throw error
    }
  }

  get #teams(): readonly string[] {
    return this.#options.policies ? TEAMS : []
  }

  /** Teams of somebody; the two equals are of all. */
  #someTeams = (all = false): { equipes?: readonly string[] } =>
    this.#options.policies ? { equipes: TEAMS.filter(() => all || this.#options.random() < 0.5) } : {}

  /** Of the ledger what nobody is answered with: ends of pauses, and who was counted anew. */
  noteLedger(eventos: readonly Evento[]): void {
    for (const { versao, lugar, tipo, por, para, consultores = [] } of eventos) {
      const at = `${versao}.${lugar}`
      for (const id of consultores) {
        if (tipo === 'presenca' && por === 'agenda') this.history.note(at, { tipo: 'volta', id })
        if (tipo === 'recontado') this.history.note(at, { tipo: 'contado', id, abertos: Number(para?.abertos) })
      }
    }
  }

  async #turn(key: string): Promise<void> {
    const known = this.numbers.get(key)
    const [idioma = '', equipe, preferido] = this.#asked.get(key) ?? []
    const n = await this.history.turn(this.#patiently, idioma, key, equipe, preferido)
    this.#compare(key, known ?? n, n)
    if (n === undefined) return
    this.#compare(key, this.numbers.get(key) ?? n, n)
    this.numbers.set(key, n)
  }

  /** Asks twice, mostly two processes. */
  async #number(key: string): Promise<void> {
    const first = await this.history.number(this.#patiently, key)
    this.#compare(key, first, await this.history.number(this.#patiently, key))
  }

  #compare(key: string, before: number | undefined, now: number | undefined): void {
    if (before !== now) this.doubled.push(`${key}: ${before} and ${now}`)
  }

  #create = (idiomas: readonly string[]): Promise<number> =>
    this.#change('POST', '/consultor', {
      nome: 'Fulano',
      idiomas,
      status_online: true,
      ...this.#someTeams(this.#equals.length < 2),
    })

  #change = (method: string, path: string, body?: object): Promise<number> =>
    this.history.roster(this.#askForChange, method, path, body)

  #askForChange: Ask = async (...request) => {
    const one = this.#next()
    this.changingAt = one.url
    return this.#askOf(one, ...request).finally(() => {
      this.changingAt = undefined
    })
  }

  /** Repeats a request with a key until it has an answer, as any client may. */
  #patiently: Ask = async (...request) => {
    let answer: Answer | undefined
    await until(
      async () => {
        answer = await this.#askOf(this.#next(), ...request).catch(() => undefined)
        return answer !== undefined && answer.status !== 503
      },
      undefined,
      'an answer',
    )
    if (!answer) throw new Error('no answer')
    return answer
  }

  async #askOf(one: ServiceProcess, ...request: Parameters<Ask>): Promise<Answer> {
    const answer = await one.call(...request)
    if (answer.status < 500) this.answered.set(one.url, (this.answered.get(one.url) ?? 0) + 1)
    return answer
  }

  #next = (): ServiceProcess => this.#pick(this.#options.processes())

  #pick = <T>(list: readonly T[]): T => list[Math.floor(this.#options.random() * list.length)] as T
}
