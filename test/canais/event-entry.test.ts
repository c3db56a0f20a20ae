import { describe, expect, it } from '@jest/globals'
import { especieOf } from '../../src/canais/event-entry.js'

describe('the kind of an event, as it is shown', () => {
  it.each([
    'messages.upsert',
    'application/vnd.lime.reaction+json',
    'message_created:voice_call',
    'pollCreationMessageV3',
  ])('is %s', (especie) => {
    expect(especieOf({ tipo: 'ignorado', motivo: 'sistema', especie })).toBe(especie)
  })

  it.each(['Ana Souza', 'quero um consultor', '+55.11.98-76.54-32', '5511987654321', 'ana@exemplo.com', 'José', ''])(
    'is not %p, which a person may have written',
    (especie) => {
      expect(especieOf({ tipo: 'ignorado', motivo: 'sistema', especie })).toBe('outro')
    },
  )
})
