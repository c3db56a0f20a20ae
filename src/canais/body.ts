import type { IncomingMessage } from 'node:http'
import type { BodySignature } from '../../integrations/contract.js'
import { type RawBody, readRaw } from '../http/raw.js'
import type { Clock } from '../lib/clock.js'
import { Room } from '../lib/room.js'
import { StringCutter } from '../lib/string-cutter.js'

/** Of a body of which all is kept, and of one that is not believed. */
export const MAX_BYTES = 3_000_000
/** Of a body with media, of which the longest texts are cut, */
const MAX_LARGE_BYTES = 25_000_000
/** and of what is kept of it then. */
const MAX_LARGE_KEPT = 8_000_000
const MAX_STRING_BYTES = 16_384
const LARGE_READ_MS = 30_000
/** Of all bodies that are held at one time in this process. */
const MAX_HELD_BYTES = 64_000_000
/** How long a body waits for others to be answered, ms; and how many may wait. */
const ROOM_WAIT_MS = 2_000
const MAX_WAITING = 100

/** How a body is read: nothing of it is kept, or all, or all but its media. */
export type Reading = 'nothing' | 'all' | { readonly signature: BodySignature | undefined }

/** Reads the bodies of webhooks in bounded memory. */
export class Bodies {
  readonly #clock: Clock
  readonly #room: Room

  constructor(clock: Clock) {
    this.#clock = clock
    this.#room = new Room({ clock, size: MAX_HELD_BYTES, waitMs: ROOM_WAIT_MS, maxWaiting: MAX_WAITING })
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#room.taken
  }

  /** Throws 413, 408, 503 or 400. */
  read(request: IncomingMessage, reading: Reading): Promise<RawBody> {
    const common = { clock: this.#clock, room: this.#room }
    if (reading === 'all') return readRaw(request, { ...common, max: MAX_BYTES })
    if (reading === 'nothing') return readRaw(request, { ...common, max: MAX_BYTES, keep: () => [] })
    const cutter = new StringCutter(MAX_STRING_BYTES)
    const { signature } = reading
    return readRaw(request, {
      ...common,
      max: MAX_LARGE_BYTES,
      maxKept: MAX_LARGE_KEPT,
      readMs: LARGE_READ_MS,
      keep: (chunk) => cutter.next(chunk),
      see: signature && ((chunk) => signature.update(chunk)),
    })
  }
}
