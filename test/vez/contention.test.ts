import { beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { Contention } from '../../src/vez/contention.js'
import { type Autor, emptyVez, type Vez } from '../../src/vez/state.js'

const START = Date.parse('2026-03-02T12:00:00Z')
let ms: number
let contention: Contention
beforeEach(() => {
  ms = 0
  contention = new Contention({ ...systemClock, elapsed: () => ms, now: () => new Date(START + ms) }, 'm')
})

const wrote = (ago: number, onde?: string[]): Autor => ({
  lote: 'x',
  em: new Date(START + ms - ago),
  ...(onde && { onde }),
})
const image = (autores: Record<string, Autor>): Vez => ({ ...emptyVez('m0'), autores })
const at = (port: number) => [`10.0.0.1:${port}`]

describe('who writes for all', () => {
  it('is the lowest name of those that write, while they contend', () => {
    const vez = image({ z: wrote(0, at(1)), c: wrote(0, at(2)), b: wrote(50, at(3)), m: wrote(10, at(4)) })
    expect(contention.writer(vez)).toBeUndefined()
    contention.meet()
    expect(contention.writer(vez)).toEqual({ processo: 'b', onde: at(3) })
  })

  it('is this process itself where it has the lowest name, or the lowest cannot be reached', () => {
    contention.meet()
    expect(contention.writer(image({ z: wrote(0, at(1)), m: wrote(0, at(4)) }))).toBeUndefined()
    expect(contention.writer(image({ a: wrote(0), m: wrote(0, at(4)) }))).toBeUndefined()
    expect(contention.writer(image({}))).toBeUndefined()
  })

  it('is nobody who has not written for ten seconds, and nobody ten seconds after they last met', () => {
    contention.meet()
    expect(contention.writer(image({ a: wrote(10_000, at(1)) }))).toBeUndefined()
    ms = 9_999
    expect(contention.writer(image({ a: wrote(0, at(1)) }))).toBeDefined()
    ms = 10_001
    expect(contention.writer(image({ a: wrote(0, at(1)) }))).toBeUndefined()
  })
})

describe('a rival', () => {
  it('is whoever else has written within ten seconds; who passes on to us, within a quarter of one', () => {
    expect(contention.hasRivals(image({ m: wrote(0) }))).toBe(false)
    expect(contention.hasRivals(image({ z: wrote(9_999) }))).toBe(true)
    expect(contention.hasRivals(image({ z: wrote(10_000) }))).toBe(false)
    contention.passedBy('z')
    expect(contention.hasRivals(image({ z: wrote(249) }))).toBe(true)
    expect(contention.hasRivals(image({ z: wrote(250) }))).toBe(false)
    expect(contention.hasRivals(image({ z: wrote(250), y: wrote(250) }))).toBe(true)
  })

  it('is also who has passed on until a moment ago, though he has not written for long: he may try to in vain', () => {
    contention.passedBy('z')
    contention.passedBy('y', true)
    expect(contention.hasRivals(image({}))).toBe(true)
    contention.passedBy('y')
    expect(contention.hasRivals(image({}))).toBe(false)
    ms = 999
    expect(contention.hasRivals(image({ z: wrote(20_000) }))).toBe(false)
    ms = 1_000
    expect(contention.hasRivals(image({ z: wrote(20_000) }))).toBe(true)
    ms = 10_000
    expect(contention.hasRivals(image({ z: wrote(20_000) }))).toBe(false)
  })

  it('is remembered by name for so many names only: the oldest goes', () => {
    for (let name = 0; name <= 64; name += 1) contention.passedBy(`p${name}`)
    expect(contention.hasRivals(image({ p0: wrote(250) }))).toBe(true)
    expect(contention.hasRivals(image({ p1: wrote(250) }))).toBe(false)
  })
})
