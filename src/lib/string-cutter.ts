/** A part of a chunk: from this byte to before that one. */
export type Range = readonly [from: number, to: number]

const QUOTE = 0x22
const BACKSLASH = 0x5c
const U = 0x75
const HEX_DIGITS = 4

/**
 * Shortens the strings of a JSON text while it comes in chunks of bytes, so that media in it is never held. A string is cut at
 * the first place at or after `max` bytes that splits no character and no escape; all else stays byte for byte, so JSON stays
 * JSON. One pass, and a few numbers of memory.
 */
export class StringCutter {
  readonly #max: number
  #inString = false
  #cutting = false
  /** Bytes of this string so far. */
  #length = 0
  #escaped = false
  /** Hexadecimal digits that still belong to a `\u`. */
  #digits = 0
  #unit = 0
  /** The last character was the first half of a surrogate pair, written as an escape. */
  #half = false

  constructor(max: number) {
    this.#max = max
  }

  /** What to keep of the next chunk. */
  next(chunk: Uint8Array): Range[] {
    const kept: Range[] = []
    const endOfPlain = plainUntil(chunk)
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#cutting && !this.#inEscape) at = endOfPlain(at)
      if (at >= chunk.length) break
      const byte = chunk[at] ?? 0
      if (!this.#inString) {
        if (byte === QUOTE) this.#begin()
        continue
      }
      if (byte === QUOTE && !this.#inEscape) {
        if (this.#cutting) from = at
        this.#inString = false
        this.#cutting = false
        continue
      }
      if (!this.#cutting && this.#length >= this.#max && this.#mayCutBefore(byte)) {
        kept.push([from, at])
        this.#cutting = true
      }
      this.#advance(byte)
    }
    if (!this.#cutting) kept.push([from, chunk.length])
    return kept
  }

  get #inEscape(): boolean {
    return this.#escaped || this.#digits > 0
  }

  #begin(): void {
    this.#inString = true
    this.#length = 0
    this.#half = false
  }

  /** Not within an escape, a pair of surrogates or the bytes of one character. */
  #mayCutBefore(byte: number): boolean {
    return !this.#inEscape && !this.#half && (byte & 0xc0) !== 0x80
  }

  #advance(byte: number): void {
    this.#length += 1
    if (this.#digits > 0) {
      this.#unit = this.#unit * 16 + digit(byte)
      this.#digits -= 1
      if (this.#digits === 0) this.#half = !this.#half && this.#unit >= 0xd800 && this.#unit < 0xdc00
    } else if (this.#escaped) {
      this.#escaped = false
      if (byte !== U) this.#half = false
      else {
        this.#digits = HEX_DIGITS
        this.#unit = 0
      }
    } else if (byte === BACKSLASH) this.#escaped = true
    else this.#half = false
  }
}

/** The next quote or backslash of this chunk from a place on, else its end. Each is looked for once, however often it is asked. */
function plainUntil(chunk: Uint8Array): (from: number) => number {
  const next = (byte: number): ((from: number) => number) => {
    let at = -1
    return (from) => {
      if (at < from) at = chunk.indexOf(byte, from)
      if (at < 0) at = chunk.length
      return at
    }
  }
  const [quote, backslash] = [next(QUOTE), next(BACKSLASH)]
  return (from) => Math.min(quote(from), backslash(from))
}

/** Of a hexadecimal digit; of another byte any value will do, since then it is no JSON. */
const digit = (byte: number): number => (byte <= 0x39 ? byte - 0x30 : (byte & 0x5f) - 0x37)
