import { describe, expect, it } from '@jest/globals'
import { readEvent } from '../../../integrations/pipedrive/events.js'

const meta = (more: object = {}) => ({
  id: 'd9e5b0de-0001',
  action: 'change',
  entity: 'deal',
  entity_id: '42',
  webhook_id: '7',
  company_id: '77',
  user_id: '11',
  change_source: 'app',
  timestamp: '2026-11-25T12:00:00.000Z',
  version: '2.0',
  attempt: 1,
  permitted_user_ids: Array.from({ length: 300 }, (_, place) => String(place)),
  ...more,
})
const event = (more: object = {}, data: unknown = {}, previous: unknown = { owner_id: 11 }) => ({
  meta: meta(more),
  data,
  previous,
})

describe('an event of a webhook', () => {
  it('tells that a record has changed: ids are texts there, and its time is that of the record', () => {
    expect(readEvent(event({}, { update_time: '2026-11-25T12:00:00Z', owner_id: 12 }))).toEqual({
      tipo: 'mudanca',
      mudanca: {
        chave: 'd9e5b0de-0001:7',
        objeto: 'negocio',
        id: 42,
        excluido: false,
        hora: '2026-11-25T12:00:00Z',
        empresa: 77,
      },
    })
  })

  it.each([
    ['a deal of another owner', 'deal', { owner_id: 1 }, 'mudanca'],
    ['a deal that was closed', 'deal', { status: 'open' }, 'mudanca'],
    ['a deal of another value', 'deal', { value: 10 }, 'alheio'],
    ['our own fields of a deal', 'deal', { custom_fields: { a: null } }, 'alheio'],
    ['an activity that is done', 'activity', { done: false }, 'mudanca'],
    ['an activity that moved in time', 'activity', { due_date: '2026-01-01' }, 'alheio'],
    ['a user who was deactivated', 'user', { active_flag: true }, 'mudanca'],
    ['a person of another name', 'person', { name: 'x' }, 'alheio'],
    ['a product', 'product', { name: 'x' }, 'alheio'],
    ['an entity that nobody knows', 'constellation', { name: 'x' }, 'alheio'],
  ])('%s (%s): %o is %s', (_, entity, previous, tipo) => {
    expect(readEvent(event({ entity }, {}, previous)).tipo).toBe(tipo)
  })

  it('concerns us where it does not say what has changed', () => {
    expect(readEvent(event({}, {}, null)).tipo).toBe('mudanca')
  })

  it('of a new record does not concern us, but of a new deal, which may say whose a customer is', () => {
    expect(readEvent(event({ action: 'create' }, { person_id: 5 }, null))).toMatchObject({
      mudanca: { objeto: 'negocio', id: 42, novo: true, pessoa_id: 5 },
    })
    expect(readEvent(event({ action: 'create', entity: 'activity' }, {}, null))).toEqual({ tipo: 'alheio' })
  })

  it('of a merge names both records, whichever of the two it tells of', () => {
    const ended = event({ entity: 'person', action: 'delete', merged_to_id: '43' }, null, {})
    const grown = event({ entity: 'person', entity_id: '43', merged_from_id: 42 }, {}, {})
    expect(readEvent(ended)).toMatchObject({ mudanca: { objeto: 'pessoa', id: 42, unido_a: 43, excluido: true } })
    expect(readEvent(grown)).toMatchObject({ mudanca: { objeto: 'pessoa', id: 42, unido_a: 43 } })
  })

  it('of version 1, and whatever else is none, is told to be so', () => {
    const v1 = { v: 1, event: 'updated.deal', current: { id: 42 }, previous: {}, meta: { id: 42, action: 'updated' } }
    expect(readEvent(v1)).toEqual({ tipo: 'ilegivel', porque: 'webhook_v1' })
    for (const body of [null, 'x', 7, [], {}, { meta: null }, event({ entity_id: 'uuid' }), event({ id: 1 })]) {
      expect(readEvent(body)).toEqual({ tipo: 'ilegivel', porque: 'formato' })
    }
  })
})
