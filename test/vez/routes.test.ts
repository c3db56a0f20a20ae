import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, team, testService } from '../support/service.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

describe('GET /consultor/da-vez', () => {
  it('gives a person and a number, with the fields of both versions of the old system', async () => {
    const [id] = await team(service, 1, {
      idiomas: ['fr'],
      email: 'um@exemplo.com',
      telefone: '+5511987654321',
      id_pipedrive: 7,
    })
    const { status, body, headers } = await service.call('GET', '/consultor/da-vez?idioma=fr')
    expect(status).toBe(200)
    expect(body).toEqual({
      consultor_id: id,
      consultor_nome: 'Consultor 1',
      consultor_email: 'um@exemplo.com',
      consultor_telefone: '+5511987654321',
      consultor_idiomas: ['fr'],
      consultor_status_online: true,
      consultor_atendimento_iso: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      consultor_id_pipedrive: 7,
      protocolo: expect.stringMatching(/^#\d{5}$/),
      numero_protocolo: body.protocolo,
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-vez-versao')).toMatch(/^\d+\.\d+$/)
  })
})
