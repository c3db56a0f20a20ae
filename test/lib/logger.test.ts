import { describe, expect, it } from '@jest/globals'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import { AppError, OwnError, unprocessable } from '../../src/lib/errors.js'
import { describe as described } from '../../src/lib/logger.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { StartError } from '../../src/lib/start-error.js'

describe('what a log tells of an error', () => {
  it.each([
    ['OwnError', 'the lease is lost', new OwnError('the lease is lost')],
    ['AppError', 'A tarefa está morta', new AppError(409, 'A tarefa está morta')],
    ['StartError', 'Defina MONGODB_URI.', new StartError('Defina MONGODB_URI.')],
    ['OutboundFailure', 'http_503', new OutboundFailure('http_503')],
    ['PipedriveFailure', 'limite (429)', new PipedriveFailure('limite', 429)],
  ])('is the message of one of ours: %s', (erro, mensagem, error) => {
    expect(described(error)).toMatchObject({ erro, mensagem, onde: expect.any(Array) })
  })

  it('is kind, code and place of a stranger’s, never its message', () => {
    const error = Object.assign(new TypeError('a customer wrote +5511987654321'), { code: 'E_ODD' })
    expect(described(error)).toMatchObject({ erro: 'TypeError', codigo: 'E_ODD', onde: expect.any(Array) })
    expect(JSON.stringify(described(error))).not.toContain('5511987654321')
  })

  it('is nothing of what a refused request held', () => {
    const problem = { loc: ['body', 'nome'], msg: 'Deve ter no máximo 80', type: 'too_big', input: 'Zuleica' }
    expect(JSON.stringify(described(unprocessable([problem])))).not.toContain('Zuleica')
  })

  it('is little of what is no error', () => {
    expect(described('a text')).toEqual({ erro: 'desconhecido' })
    expect(described(undefined)).toEqual({ erro: 'desconhecido' })
  })
})
