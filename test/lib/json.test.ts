import { describe, expect, it } from '@jest/globals'
import { parseJson, parseJsonWithLongIds } from '../../src/lib/json.js'

describe('JSON with ids that are longer than a JavaScript number', () => {
  it('has them as text, and changes nothing inside texts', () => {
    const json =
      '{"id": 12345678901234567, "n": 12, "say": "ligue 12345678901234567, \\"já\\"", "x": 1e400, "y": 1234567890123456.5}'
    expect(parseJsonWithLongIds(json)).toMatchObject({
      id: '12345678901234567',
      n: 12,
      say: 'ligue 12345678901234567, "já"',
    })
  })

  it.each(['', '{', '{"id": 12345678901234567', '"\\'])('that is none is undefined: %s', (text) => {
    expect(parseJsonWithLongIds(text)).toBeUndefined()
  })

  it('reads twice as many hostile characters in about twice the time', () => {
    const timeOf = (length: number): number => {
      const text = '"\\'.repeat(length / 2)
      const begin = performance.now()
      parseJsonWithLongIds(text)
      return performance.now() - begin
    }
    const least = (length: number): number => Math.min(...Array.from({ length: 5 }, () => timeOf(length)))
    least(65_536)
    expect(least(131_072)).toBeLessThanOrEqual(Math.max(5, 3 * least(65_536)))
  })
})

it('JSON of a million levels is none, and costs nothing; brackets within a text are no levels', () => {
  const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`
  expect(parseJson(nested(200))).toBeInstanceOf(Array)
  expect(parseJson(nested(1_000_000))).toBeUndefined()
  const text = '[{\\"'.repeat(1_000)
  expect(parseJson(JSON.stringify({ text }))).toEqual({ text })
})
