import { describe, expect, it } from '@jest/globals'
import { phoneForms } from '../../src/lib/phone.js'

describe('one mobile in two forms', () => {
  it.each([
    ['Brazil, without its ninth digit', '+551187654321', '+5511987654321'],
    ['Brazil, a 7 that may be either', '+551177654321', '+5511977654321'],
    ['Argentina, without its 9', '+541155550006', '+5491155550006'],
    ['Argentina, another area', '+542614555000', '+5492614555000'],
    ['Mexico, with its former 1', '+5215512345678', '+525512345678'],
  ])('(%s) has a form in common with the other, and ends in the same full one', (_, one, other) => {
    expect(phoneForms(one)).toContain(other)
    expect(phoneForms(one).at(-1)).toBe(other)
    expect(phoneForms(other)).toEqual([other])
  })

  it.each([
    ['a Brazilian landline', '+551133334444'],
    ['another country', '+351912345678'],
    ['an Argentine number that is too short', '+54115555000'],
    ['a Mexican number as it is dialled', '+525512345678'],
  ])('(%s) has one form only', (_, phone) => {
    expect(phoneForms(phone)).toEqual([phone])
  })
})
