import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { StringCutter } from '../../src/lib/string-cutter.js'

/** What is kept of these chunks. */
function cut(max: number, chunks: readonly Buffer[]): Buffer {
  const cutter = new StringCutter(max)
  return Buffer.concat(chunks.flatMap((chunk) => cutter.next(chunk).map(([from, to]) => chunk.subarray(from, to))))
}

/** The same bytes in chunks that end at these places. */
function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((one, other) => one - other)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

const STRING = /"((?:[^"\\]|\\.)*)"/gsu
/** A pair of surrogates as two escapes, one escape, or one character. */
const UNIT = /\\u[dD][89abAB]..\\u....|\\u....|\\.|./gsu

/** The rule, said another way: whole units until `max` bytes are reached. */
function model(text: string, max: number): string {
  return text.replace(STRING, (_, inner: string) => {
    let kept = ''
    for (const [unit] of inner.matchAll(UNIT)) if (Buffer.byteLength(kept) < max) kept += unit
    return `"${kept}"`
  })
}

/** JSON with characters written as escapes, as some platforms send it. */
const escaped = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\\"', 'é', '😀', '\n', 'u', 'd83d', '{', ','), maxLength: 30 }),
  fc.string({ minLength: 100, maxLength: 300 }),
)
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(text, tie('json'), { maxKeys: 5 }),
  ),
}))
const document = fc.tuple(json, fc.boolean(), fc.boolean()).map(([value, isEscaped, isPretty]) => {
  const written = JSON.stringify(value, null, isPretty ? 2 : 0)
  return isEscaped ? escaped(written) : written
})
const places = fc.array(fc.nat(), { maxLength: 12 })

describe('strings of a JSON text that comes in chunks', () => {
  it('are shortened to whole characters, wherever the chunks end; all else stays', () => {
    fc.assert(
      fc.property(document, places, fc.integer({ min: 0, max: 40 }), (written, ends, max) => {
        const kept = cut(max, split(Buffer.from(written), ends)).toString('utf8')
        expect(kept).toBe(model(written, max))
        expect(JSON.parse(kept)).toEqual(JSON.parse(model(written, max)))
      }),
      { numRuns: 500 },
    )
  })

  it('stay as they are when none is long', () => {
    fc.assert(
      fc.property(document, places, (written, ends) => {
        const bytes = Buffer.from(written)
        expect(cut(bytes.length, split(bytes, ends)).equals(bytes)).toBe(true)
      }),
    )
  })

  it('are cut byte by byte too', () => {
    const written = '{"a":"x\\"\\\\\\u00e9\\ud83d\\ude00é😀yyyyyyyyyyyy","b":[1,"ok"]}'
    const bytes = Buffer.from(written)
    for (let max = 0; max < 40; max += 1) {
      const each = split(bytes, [...bytes.keys()])
      expect(cut(max, each).toString('utf8')).toBe(model(written, max))
    }
  })

  it('cost nothing that grows with them', () => {
    const chunk = Buffer.alloc(65_536, 'A')
    const cutter = new StringCutter(100)
    expect(cutter.next(Buffer.from('{"base64":"'))).toEqual([[0, 11]])
    expect(cutter.next(chunk)).toEqual([[0, 100]])
    for (let count = 0; count < 300; count += 1) expect(cutter.next(chunk)).toEqual([])
    expect(cutter.next(Buffer.from('AA","id":1}'))).toEqual([[2, 11]])
  })

  it('are looked through once, also when they are nothing but escapes', () => {
    let looked = 0
    class Chunk extends Uint8Array {
      override indexOf(byte: number, from = 0): number {
        const at = super.indexOf(byte, from)
        looked += (at === -1 ? this.length : at) - from + 1
        return at
      }
    }
    const cutter = new StringCutter(0)
    expect(cutter.next(Buffer.from('["'))).toEqual([[0, 2]])
    expect(cutter.next(new Chunk(Buffer.from('\\n'.repeat(30_000))))).toEqual([[0, 0]])
    // For a quote, and for a backslash.
    expect(looked).toBeLessThanOrEqual(2 * 60_001)
  })

  it('that are no JSON pass, and end nothing', () => {
    const garbage = Buffer.from([0x22, 0x5c, 0x75, 0x22, 0xff, 0x80, 0x22, 0x5c])
    expect(cut(100, [garbage]).equals(garbage)).toBe(true)
  })
})
