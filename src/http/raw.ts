import type { IncomingMessage } from 'node:http'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Room } from '../lib/room.js'
import type { Range } from '../lib/string-cutter.js'

const READ_MS = 10_000
/** For how long, and for how many bytes, the rest of a refused body is thrown away, so that its sender gets to read the answer. */
const DISCARD_MS = 5_000
const DISCARD_BYTES = 25_000_000
const FIRST_BYTES = 4_096
const MAX_FIRST_BYTES = 65_536

export interface ReadOptions {
  readonly clock: Clock
  /** Bytes that may come. */
  readonly max: number
  /** Bytes of them that may be kept; `max` when absent. */
  readonly maxKept?: number
  /** How long it may take, ms; 10 s when absent. */
  readonly readMs?: number
  /** What to keep of each chunk, in order; absent: all. */
  readonly keep?: (chunk: Buffer) => readonly Range[]
  /** Is shown each chunk as it came. */
  readonly see?: ((chunk: Buffer) => unknown) | undefined
  /** The memory that it shares with others. */
  readonly room?: Room
}

/** What was kept of a body. It counts as held until it is released. */
export interface RawBody {
  readonly bytes: Buffer
  /** Bytes that came. */
  readonly size: number
  release(): void
}

/** More came than is read. */
export const tooLarge = (): AppError => new AppError(413, 'Corpo da requisição grande demais')
const noRoom = (): AppError =>
  new AppError(503, 'Muitos corpos grandes ao mesmo tempo; tente novamente', { headers: { 'Retry-After': '5' } })

/**
 * The bytes of a request as they came, or what `keep` leaves of them. Throws 413 past `max` or `maxKept`, 408 when they take too
 * long, 503 when there is no room for them, 400 when the sender stops in between.
 */
export function readRaw(request: IncomingMessage, options: ReadOptions): Promise<RawBody> {
  const { clock, max, readMs = READ_MS } = options
  return new Promise((resolve, reject) => {
    const held = new HeldBytes(options, Number(request.headers['content-length'] ?? 0))
    let size = 0
    let open = true
    const end = (error?: AppError): void => {
      if (!open) return
      open = false
      cancel()
      request.off('data', take)
      if (error) {
        held.release()
        discardRest(request, clock)
        reject(error)
      } else resolve({ bytes: held.bytes, size, release: () => held.release() })
    }
    const waitForRoom = async (given: Promise<boolean>, chunk: Buffer, ranges: readonly Range[]): Promise<void> => {
      request.pause()
      const isGiven = await given
      if (!open) held.release()
      else if (!isGiven) end(noRoom())
      else {
        held.add(chunk, ranges)
        request.resume()
      }
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > max) {
        end(tooLarge())
        return
      }
      options.see?.(chunk)
      const ranges = options.keep?.(chunk) ?? [[0, chunk.length]]
      const added = held.add(chunk, ranges)
      if (added === 'too-large') end(tooLarge())
      else if (added !== 'added') void waitForRoom(added, chunk, ranges)
    }
    const cancel = clock.after(readMs, () => end(new AppError(408, 'O corpo demorou demais')), 'http.body')
    const cut = (): void => end(new AppError(400, 'O corpo não chegou inteiro: envie-o de novo'))
    request.on('data', take)
    request.once('end', () => end())
    request.once('error', cut)
    request.once('close', cut)
    if (Number(request.headers['content-length'] ?? 0) > max) end(tooLarge())
  })
}

/** Reads on and keeps nothing; a sender who does not end in time is cut off. */
function discardRest(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return
  let left = DISCARD_BYTES
  const cutOff = (): void => void request.destroy()
  const cancel = clock.after(DISCARD_MS, cutOff, 'http.discard')
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) cutOff()
  })
  request.once('end', cancel)
  request.once('close', cancel)
  request.resume()
}

/** One buffer that grows, so that a body of many small chunks takes no more than its bytes. What it takes is taken from `room`. */
class HeldBytes {
  readonly #room: Room | undefined
  readonly #max: number
  readonly #first: number
  #buffer = Buffer.alloc(0)
  #length = 0
  /** Taken from the room for a larger buffer that is not there yet. */
  #granted = 0

  constructor({ room, max, maxKept = max }: ReadOptions, expected: number) {
    this.#room = room
    this.#max = maxKept
    this.#first = Math.min(maxKept, MAX_FIRST_BYTES, Math.max(FIRST_BYTES, expected || 0))
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Copies these ranges of a chunk; a promise: there was no room, and it is to be added again once that says `true`. */
  add(chunk: Buffer, ranges: readonly Range[]): 'added' | 'too-large' | Promise<boolean> {
    const length = ranges.reduce((sum, [from, to]) => sum + to - from, this.#length)
    if (length > this.#max) return 'too-large'
    if (length > this.#buffer.length) {
      const wanted = Math.min(this.#max, Math.max(length, this.#buffer.length * 2, this.#first))
      if (this.#granted < wanted && this.#room) {
        if (!this.#room.tryTake(wanted)) return this.#wait(this.#room, wanted)
        this.#granted = wanted
      }
      this.#grow(wanted)
    }
    for (const [from, to] of ranges) this.#length += chunk.copy(this.#buffer, this.#length, from, to)
    return 'added'
  }

  release(): void {
    this.#room?.give(this.#buffer.length + this.#granted)
    this.#granted = 0
    this.#buffer = Buffer.alloc(0)
    this.#length = 0
  }

  async #wait(room: Room, wanted: number): Promise<boolean> {
    const given = await room.take(wanted)
    if (given) this.#granted = wanted
    return given
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size)
    this.#buffer.copy(larger, 0, 0, this.#length)
    const before = this.#buffer.length
    this.#buffer = larger
    this.#granted = 0
    this.#room?.give(before)
  }
}
