import { Agent } from 'node:http'
import { BY_PROCESS, FOR_PROCESS, FROM_PROCESS, type Others, type Passage, type Passed } from '../http/pass.js'
import type { Clock } from '../lib/clock.js'
import type { Contention, Writer } from '../vez/contention.js'
import type { Vez } from '../vez/state.js'
import { ask } from './wire.js'

/** The caller has five seconds in all, and this process may have to begin anew. */
const PASS_MS = 1_500
const PROBE_MS = 1_000
/** A process that could not be reached, or did not answer, is left alone for about this long. */
const DOWN_MS = 3_000
/** Beside the name of who passes on: others of its own still wait there for a write, and want to be let through. */
const WAITS = ';espera'
const MAX_IN_FLIGHT = 500
/** With so many on their way the processes would contend again. */
const BUSY = 4

export interface RelayOptions {
  /** The turn of this process: its name, and whom it gets in the way of. */
  readonly vez: {
    readonly processo: string
    readonly contention: Contention
    readonly seen: () => Vez | undefined
    readonly isBusy: () => boolean
  }
  /** Passes on at all. */
  readonly enabled: boolean
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
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT })
  #peer: Peer | undefined
  #inFlight = 0

  constructor(options: RelayOptions) {
    this.#options = options
  }

  get processo(): string {
    return this.#options.vez.processo
  }

  get isOpen(): boolean {
    return this.#options.enabled && this.#inFlight < MAX_IN_FLIGHT && this.#way() !== undefined
  }

  took(from: string): void {
    this.#options.vez.contention.passedBy(from.replace(WAITS, ''), from.endsWith(WAITS))
  }

  async pass({ headers, ...passage }: Passage, whenGone: (then: () => void) => void): Promise<Passed | undefined> {
    const peer = this.#way()
    if (peer?.onde === undefined) return undefined
    const { vez, observer } = this.#options
    let gone = false
    this.#inFlight += 1
    if (this.#inFlight >= BUSY) vez.contention.meet()
    try {
      const answer = await this.#ask(peer.processo, peer.onde, { ...passage, headers }, PASS_MS, (cut) =>
        whenGone(() => {
          gone = true
          cut()
        }),
      )
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
    const probe = { method: 'GET', path: '/health', headers: {} }
    for (const one of onde) {
      const answer = await this.#ask(processo, one, probe, PROBE_MS).catch(() => undefined)
      if (answer?.status !== 200) continue
      peer.onde = one
      return
    }
  }

  /** Throws when there was no answer in time, or one in another name. */
  async #ask(
    processo: string,
    onde: string,
    { headers, ...passage }: Passage,
    ms: number,
    arm: (cut: () => void) => void = () => undefined,
  ): Promise<Passed> {
    const { vez, clock } = this.#options
    const addressed = {
      ...headers,
      [FOR_PROCESS]: processo,
      [FROM_PROCESS]: vez.processo + (vez.isBusy() ? WAITS : ''),
    }
    let cancel = (): void => undefined
    try {
      const answer = await ask(this.#agent, onde, { ...passage, headers: addressed }, (cut) => {
        cancel = clock.after(ms, cut)
        arm(cut)
      })
      if (answer.headers[BY_PROCESS.toLowerCase()] !== processo) throw new Error('another process answered')
      return answer
    } finally {
      cancel()
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
