import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { malformed, missing } from '../../integrations/support.js'

const Body = z.object({
  id: z.string(),
  count: z.number(),
  when: z.iso.datetime(),
  people: z.record(z.string(), z.object({ name: z.string() })),
})

function told(body: unknown): string {
  const { error } = Body.safeParse(body)
  if (!error) throw new Error('the body is right')
  return missing(error)
}

const right = { id: 'a', count: 1, when: '2026-01-05T12:00:00Z', people: {} }

describe('what a body lacks', () => {
  it('is named by its field and what is expected there', () => {
    expect(told({ ...right, id: 7 })).toBe('`id`: falta, ou não é um texto')
    expect(told({ ...right, when: 'amanhã' })).toBe('`when`: não é do formato esperado')
    expect(told({ ...right, id: undefined, count: 'x' })).toBe(
      '`id`: falta, ou não é um texto; `count`: falta, ou não é um número',
    )
  })

  it('is the body itself where it is no JSON of that kind', () => {
    expect(told(undefined)).toBe('o corpo não é um objeto JSON')
    expect(told([])).toBe('o corpo não é um objeto JSON')
  })

  it('never tells a value, nor a key that a person may have written', () => {
    const said = told({ ...right, when: '+5511987654321', people: { 'Ana Lima': { name: 1 }, '+5511987654321': {} } })
    expect(said).toContain('`people.….name`')
    expect(said).not.toMatch(/Ana|5511/)
  })

  it('is told of a few fields, and how many more there are', () => {
    expect(told({})).toMatch(/^`id`.*; `count`.*; `when`.*, e mais 1$/)
  })

  it('makes an event of it', () => {
    const { error } = Body.safeParse({})
    expect(error && malformed(error, { conta: 'loja' })).toMatchObject({ motivo: 'formato', conta: 'loja' })
  })
})
