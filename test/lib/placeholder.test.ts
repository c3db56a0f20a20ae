import { describe, expect, it } from '@jest/globals'
import { isPlaceholder, isUnfilled } from '../../src/lib/placeholder.js'

const VARIABLES = [
  '{{contact.id}}',
  '{{1.id}}',
  '{{ $json.body["id"] }}',
  '={{ $json.id }}',
  '[[id]]',
  '{id}',
  ['$', '{id}'].join(''),
  '@{triggerBody()?.id}',
  '#{id}',
  '%id%',
  '*|ID|*',
  '<seu id>',
  '$json.id',
  '$session.params.id',
  "$('Webhook').item.json.id",
  '$ctx.id',
  '#contexto.id',
  '@sys.person',
  '{{cuf_123}}',
  'cuf_123456',
  'undefined',
  'undefined undefined',
  'null',
  'NaN',
  '[object Object]',
]

const LABELS = [
  'Contact Id',
  'contact_id',
  'Full Name',
  'WhatsApp Phone',
  'id',
  'ID do contato',
  'Instagram ID',
  'PSID',
  'ID de contacto',
  'Correo electrónico',
  'your_id',
  '0',
  'undefined@wa.gw.msging.net',
  'null@s.whatsapp.net',
  'whatsapp:undefined',
  '+undefined',
]

const VALUES = [
  '13245647',
  'cliente-9',
  '{3F2504E0-4F89-11D3-9A0C-0305E82C3301}',
  '5511987654321@s.whatsapp.net',
  '<abc@mail.exemplo.com>',
  '@maria.silva',
  '$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg',
  'BR.1502576394655843',
  'user:77',
  'Ana Souza',
  'Jennifer Null',
  'null.silva@exemplo.com',
  'Identidade',
]

describe('a variable that a flow did not fill in', () => {
  it.each(VARIABLES)('%s is no value', (text) => {
    expect(isUnfilled(text)).toBe(true)
    expect(isUnfilled(` ${text} `)).toBe(true)
    expect(isPlaceholder(text)).toBe(true)
  })

  it.each(LABELS)('%s is the name of a field', (text) => {
    expect(isUnfilled(text)).toBe(true)
  })

  it.each(VALUES)('%s is a value', (text) => {
    expect(isUnfilled(text)).toBe(false)
  })

  it('anywhere in an id makes it none', () => {
    expect(isUnfilled('whatsapp-{{contact.id}}')).toBe(true)
    expect(isPlaceholder('whatsapp-{{contact.id}}')).toBe(false)
  })

  it('is not taken for what a customer wrote', () => {
    for (const text of ['meu código {{oferta}} não funciona', '=)', 'nome', '{ }', 'R$ 100', '#promo', '50%'])
      expect(isPlaceholder(text)).toBe(false)
  })

  it('is looked for in time that does not grow with the text', () => {
    expect(isPlaceholder('{{'.repeat(2_000_000))).toBe(false)
  })
})
