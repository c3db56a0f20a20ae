import { expect, it } from '@jest/globals'
import { amount, sample } from './sample.js'

const FAULTS = ['a', 'b', 'c', 'd', 'e']
const STEPS = ['1', '2', '3', '4']
const MATRIX = FAULTS.flatMap((fault) => STEPS.map((step) => ({ fault, step })))

it('a sample has a case of each kind, and not more cases than kinds; the whole has all', () => {
  const taken = sample('sample', MATRIX, ({ fault, step }) => [fault, step])
  expect(new Set(taken.map(({ fault }) => fault))).toEqual(new Set(FAULTS))
  expect(new Set(taken.map(({ step }) => step))).toEqual(new Set(STEPS))
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken.length).toBeLessThanOrEqual(amount(MATRIX.length, FAULTS.length + STEPS.length))
  expect(taken.length).toBeGreaterThanOrEqual(amount(MATRIX.length, FAULTS.length))
})

it('a sample is the same for the same seed', () => {
  const taken = () => sample('sample', MATRIX, ({ fault, step }) => [fault, step])
  expect(taken()).toEqual(taken())
})
