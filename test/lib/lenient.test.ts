import { describe, expect, it } from '@jest/globals'
import { fromUnix, lenient } from '../../src/lib/lenient.js'

describe('a Unix time', () => {
  it.each([1_767_614_400, '1767614400', 1_767_614_400_000, '1767614400000'])('may be %p', (told) => {
    expect(fromUnix(told)).toEqual(new Date('2026-01-05T12:00:00Z'))
  })

  it.each([undefined, 0, -1, 'x', '', Number.NaN, 1e30, '99999999999999999999'])('is none: %p', (told) => {
    expect(fromUnix(told)).toBeUndefined()
  })
})

describe('a lenient field', () => {
  it('takes yes and no, and a number, as a text', () => {
    expect(['true', 'false', true, 'yes', 1].map((value) => lenient.flag.parse(value))).toEqual([
      true,
      false,
      true,
      undefined,
      undefined,
    ])
    expect(['12', 12, '1.5e3', '-1', ''].map((value) => lenient.number.parse(value))).toEqual([
      12,
      12,
      undefined,
      undefined,
      undefined,
    ])
  })
})
