import type { Event } from './checker.js'
import type { Answer, Call } from './service.js'

type Ask = (method: string, path: string, more?: Call) => Promise<Answer>

/** Notes what clients are told, as events. Several answers that tell the same event are one. */
export class History {
  readonly #events = new Map<string, Event>()
  readonly contradictions: string[] = []

  get events(): Event[] {
    return [...this.#events.values()]
  }

  note(at: string | null, what: Event['what']): void {
    if (at === null) return
    // What changed nothing has no place of its own: many such answers stand at the end of one version.
    const name = at.endsWith('.9999') ? `${at} ${JSON.stringify(what)}` : at
    const before = this.#events.get(name)
    if (before && JSON.stringify(before.what) !== JSON.stringify(what)) {
      this.contradictions.push(`${at}: ${JSON.stringify(before.what)} and ${JSON.stringify(what)}`)
    }
    this.#events.set(name, { at, what })
  }

  /** A turn with a key; a 503 is not an answer. Returns its number once there is one. */
  async turn(ask: Ask, idioma: string, key: string, equipe?: string, preferido?: number): Promise<number | undefined> {
    const headers = { 'Idempotency-Key': key }
    const wanted = { idioma, ...(equipe && { equipe }) }
    const request =
      preferido === undefined
        ? ask('GET', `/consultor/da-vez?${new URLSearchParams(wanted)}`, { headers })
        : ask('POST', '/vez', { headers, body: { ...wanted, preferido } })
    const answer = await request.catch(() => undefined)
    const at = answer?.headers.get('x-vez-versao') ?? null
    if (answer?.status === 404) this.note(at, { tipo: 'ninguem', ...wanted })
    if (answer?.status !== 200) return undefined
    const n = Number(answer.body.protocolo.slice(1))
    const whose = { n, consultor_id: answer.body.consultor_id, ...(preferido !== undefined && { preferido }) }
    this.note(at, { tipo: 'turno', ...wanted, ...whose })
    return n
  }

  async number(ask: Ask, key: string): Promise<number | undefined> {
    const headers = { 'Idempotency-Key': key }
    const answer = await ask('POST', '/protocolo/gerar', { headers }).catch(() => undefined)
    if (answer?.status !== 200) return undefined
    const n = Number(answer.body.numero_protocolo.slice(1))
    this.note(answer.headers.get('x-vez-versao'), { tipo: 'numero', n })
    return n
  }

  /** A roster change; returns the id that it is about. Such a change must not fail in a history that is checked. */
  async roster(ask: Ask, method: string, path: string, body?: object): Promise<number> {
    const { status, headers, body: told } = await ask(method, path, body ? { body } : {})
    if (status !== 200) throw new Error(`${method} ${path} was answered with ${status}`)
    const at = headers.get('x-vez-versao')
    if (method === 'DELETE' && !path.endsWith('/pausa')) {
      const id = Number(path.split('/').at(-1))
      this.note(at, { tipo: 'removido', id })
      return id
    }
    const elegivel = told.status_ativo && told.status_ativo_sequencial && told.status_online
    const limit = typeof told.limite === 'number' && { limite: told.limite }
    const more = told.equipes ? { equipes: told.equipes, pausado: told.pausa !== null, ...limit } : {}
    this.note(at, { tipo: 'consultor', id: told.id, idiomas: told.idiomas, elegivel, ...more })
    return told.id
  }
}
