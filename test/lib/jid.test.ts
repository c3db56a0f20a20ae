import { describe, expect, it } from '@jest/globals'
import { identityOf } from '../../src/lib/jid.js'

const LID = '123456789012345@lid'
const PHONE = '5511987654321@s.whatsapp.net'

describe('whom addresses of WhatsApp name', () => {
  it('is one person, with every address, the phone first', () => {
    expect(identityOf([LID, undefined, PHONE, LID])).toEqual({ addresses: [PHONE, LID], telefone: '+5511987654321' })
  })

  it('has the phone that stands in an address only', () => {
    expect(identityOf(['5511987654321@c.us'])).toMatchObject({ telefone: '+5511987654321' })
    expect(identityOf(['5511987654321:99@hosted'])).toMatchObject({ telefone: '+5511987654321' })
  })

  it('has the phone that the platform tells beside a LID', () => {
    expect(identityOf([LID], '+5511987654321')).toEqual({ addresses: [LID], telefone: '+5511987654321' })
  })

  it.each([
    ['a LID', LID, '+123456789012345'],
    ['a LID of a device', '123456789012345:7@lid', '+123456789012345'],
    ['a group', '120363000000000@g.us', '+120363000000000'],
  ])('has no phone where its digits are those of %s', (_, address, telefone) => {
    expect(identityOf([address], telefone)).not.toHaveProperty('telefone')
  })

  it.each([
    ['grupo', '120363000000000001@g.us'],
    ['canal', '120363000000000001@newsletter'],
    ['status', 'status@broadcast'],
    ['canal', '0@s.whatsapp.net'],
    ['canal', '0@c.us'],
  ])('is no person but a %s', (naoPessoa, address) => {
    expect(identityOf([PHONE, address])).toMatchObject({ naoPessoa })
  })

  it('is nobody where no text is an address', () => {
    expect(identityOf(['Ana', '', 'ana@', '@lid', undefined])).toEqual({ addresses: [] })
  })
})
