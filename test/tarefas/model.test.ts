import { describe, expect, it } from '@jest/globals'
import { filaOf, fromDocument, newTarefa, ofConversation, toDocument } from '../../src/tarefas/model.js'

const now = new Date('2026-03-02T12:00:00Z')
const made = newTarefa({
  origin: 'evolution:conta:m1',
  tipo: 'texto_atribuido',
  payload: { canal: 'conta', conversa: 'sala', protocolo: 7, consultor_nome: undefined, contato: { nome: 'Bia' } },
  conversationKey: 'conta\nsala',
  now,
  delayMs: 2_000,
  place: 3,
})

describe('a tarefa in the database', () => {
  it('is flat, under the stored names, and without what is not there', () => {
    expect(toDocument({ ...made, outcomeUnknown: true })).toEqual({
      _id: expect.stringMatching(/^[\w-]{43}$/),
      tipo: 'texto_atribuido',
      fila: 'chat',
      estado: 'pendente',
      canal: 'conta',
      conversa: 'sala',
      protocolo: 7,
      contato: { nome: 'Bia' },
      criada_em: now,
      vence_em: new Date(now.getTime() + 2_000),
      tentativas: 0,
      fio: 'conta\nsala',
      ordem: now.getTime() * 16 + 3,
      duvida: true,
    })
    expect(Object.values(toDocument(made))).not.toContain(undefined)
  })

  it('is read as it was written', () => {
    expect(fromDocument(toDocument(made))).toEqual({ ...made, payload: { ...made.payload } })
  })

  it('is read the same where a later release has put its fields under payload', () => {
    const { canal, conversa, protocolo, contato, ...rest } = toDocument(made)
    const nested = { ...rest, payload: { canal, conversa, protocolo, contato } }
    expect(fromDocument(nested)).toEqual(fromDocument(toDocument(made)))
  })

  it('is read without a field that is of another shape than we know', () => {
    const odd: object = { contato: 'Bia', atendente: { nome: 'x' }, protocolo: '7' }
    const { payload } = fromDocument({ ...toDocument(made), ...odd })
    expect(payload).toMatchObject({ canal: 'conta', conversa: 'sala' })
    expect([payload.contato, payload.atendente, payload.protocolo]).toEqual([undefined, undefined, undefined])
  })
})

describe('new work', () => {
  it('is the same work when it comes of the same origin, and other work for another type', () => {
    const again = (tipo: string): string => newTarefa({ origin: 'evolution:conta:m1', tipo, payload: {}, now })._id
    expect(again('texto_atribuido')).toBe(made._id)
    expect(again('nota')).not.toBe(made._id)
  })

  it('in a conversation knows name and telephone of the customer, and no other id', () => {
    const contato = { ids: ['lid:1'], nome: 'Bia', email: 'bia@exemplo.com' }
    expect(ofConversation({ canal: 'c', conversa: 'x', contato })).toEqual({
      payload: { canal: 'c', conversa: 'x', idioma: undefined, contato: { nome: 'Bia' } },
      conversationKey: 'c\nx',
    })
    expect(ofConversation({ canal: 'c', contato: { ids: ['lid:1'] } })).toEqual({
      payload: { canal: 'c', conversa: undefined, idioma: undefined, contato: undefined },
      conversationKey: undefined,
    })
  })

  it.each([
    ['pipedrive', 'pipedrive'],
    ['pipedrive_status', 'pipedrive'],
    ['texto_atribuido', 'chat'],
    ['responsavel', 'chat'],
  ])('of type %s is of the queue %s', (tipo, fila) => {
    expect(filaOf(tipo)).toBe(fila)
  })
})
