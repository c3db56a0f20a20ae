import { Agent } from 'node:http'
import { DE, type Others, PARA, type Passage, type Passed } from '../http/pass.js'
import type { Clock } from '../lib/clock.js'
import type { Contention, Writer } from '../vez/contention.js'
import type { Vez } from '../vez/state.js'
import { ask } from './wire.js'

/** The caller has five seconds in all, and this process may have to begin anew. */
const PASS_MS = 1_500
const PROBE_MS = 1_000
/** A process that could not be reached, or did not answer, is left alone for about this long. */
const DOWN_MS = 10_000
const MAX_IN_FLIGHT = 256
/** With so many on their way the processes would contend again. */
const BUSY = 4
const SOCKETS = 128

export interface RelayOptions {
  /** The turn of this process: its name, and whom it gets in the way of. */
  readonly vez: {
    readonly processo: string
    readonly contention: Contention
    readonly seen: () => Vez | undefined
  }
  readonly clock: Clock
  readonly random: () => number
  readonly observer: RelayObserver
}

export interface RelayObserver {
  passed(result: 'feita' | 'falha'): void
}

/** What is known of the way to a writer. */
interface Peer {
  readonly processo: string
  /** Where it answered with its own name. Absent: it is being looked for, or could not be reached. */
  onde?: string
  /** Until then it is not looked for again, monotonic ms. */
  downUntil: number
}

/**
 * Passes requests for a number on to the one process that writes for all while several contend: one batch of sixty costs the
 * database little more than one of thirty. It is the same request under the same key at the same API, so where the way is cut
 * this process does it itself, and whatever became of it there is found by its key.
 */
export class Relay implements Others {
  readonly #options: RelayOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
  #peer: Peer | undefined
  #inFlight = 0

  constructor(options: RelayOptions) {
    this.#options = options
  }

  get processo(): string {
    return this.#options.vez.processo
  }

  get isOpen(): boolean {
    return this.#inFlight < MAX_IN_FLIGHT && this.#way() !== undefined
  }

  took(from: string): void {
    this.#options.vez.contention.passedBy(from)
  }

  async pass({ headers, ...passage }: Passage, whenGone: (then: () => void) => void): Promise<Passed | undefined> {
    const peer = this.#way()
    if (peer?.onde === undefined) return undefined
    const { vez, clock, observer } = this.#options
    const addressed = { ...headers, [PARA]: peer.processo, [DE]: vez.processo }
    let gone = false
    let cancel = (): void => undefined
    this.#inFlight += 1
    if (this.#inFlight >= BUSY) vez.contention.meet()
    try {
      const answer = await ask(this.#agent, peer.onde, { ...passage, headers: addressed }, (cut) => {
        cancel = clock.after(PASS_MS, cut)
        whenGone(() => {
          gone = true
          cut()
        })
      })
      const isAnswered = isFinal(answer.status)
      observer.passed(isAnswered ? 'feita' : 'falha')
      return isAnswered ? answer : undefined
    } catch {
      if (!gone) {
        this.#lose(peer)
        observer.passed('falha')
      }
      return undefined
    } finally {
      this.#inFlight -= 1
      cancel()
    }
  }

  stop(): void {
    this.#agent.destroy()
  }

  /** The writer of now, if the way there is known; else it is looked for, beside the requests. */
  #way(): Peer | undefined {
    const { vez, clock } = this.#options
    const image = vez.seen()
    const writer = image && vez.contention.writer(image)
    if (!writer) return undefined
    if (this.#peer?.processo !== writer.processo) this.#peer = { processo: writer.processo, downUntil: 0 }
    const peer = this.#peer
    if (peer.onde !== undefined) return peer
    if (clock.elapsed() >= peer.downUntil) {
      this.#lose(peer)
      void this.#find(peer, writer)
    }
    return undefined
  }

  /** Which of its addresses reaches it: one that is answered in its name. */
  async #find(peer: Peer, { onde, processo }: Writer): Promise<void> {
    for (const one of onde) {
      const probe = { method: 'GET', path: '/health', headers: { [PARA]: processo } }
      let cancel = (): void => undefined
      const answer = await ask(this.#agent, one, probe, (cut) => {
        cancel = this.#options.clock.after(PROBE_MS, cut)
      }).catch(() => undefined)
      cancel()
      if (answer?.status !== 200) continue
      peer.onde = one
      return
    }
  }

  #lose(peer: Peer): void {
    const { clock, random } = this.#options
    delete peer.onde
    peer.downUntil = clock.elapsed() + DOWN_MS * (0.8 + random() * 0.4)
  }
}

/** What the writer said of this request; anything else is about the writer, or about a key that it does not know yet. */
const isFinal = (status: number): boolean => status === 200 || status === 404 || status === 422
