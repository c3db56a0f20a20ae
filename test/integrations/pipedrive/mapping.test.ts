import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { type Atendimento, dueAt, fieldsOf, nameOf, noteOf, titleOf } from '../../../integrations/pipedrive/mapping.js'
import { hasMobile, isSamePhone, isWritten, searchTerms } from '../../../integrations/pipedrive/phones.js'

const one = (more: Partial<Atendimento> = {}): Atendimento => ({
  numero: '#00001',
  pelaVez: true,
  ...more,
})
const digits = (least: number, most: number, length: number) =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: 0, max: 10 ** (length - 1) - 1 }))
    .map(([first, rest]) => `${first}${String(rest).padStart(length - 1, '0')}`)
const ddd = fc.integer({ min: 11, max: 99 }).map(String)
const mobile = digits(8, 9, 8)
const landline = digits(2, 5, 8)

/** How people write a number of ten or eleven digits. */
const written = (code: string, local: string) => [
  `+55${code}${local}`,
  `55${code}${local}`,
  `(${code}) ${local.slice(0, -4)}-${local.slice(-4)}`,
  `0${code} ${local}`,
  `+55 (${code}) ${local.slice(0, -4)} ${local.slice(-4)}`,
  `0055${code}${local}`,
]

describe('the same telephone', () => {
  it('is a mobile with and without its ninth digit, however it is written', () => {
    fc.assert(
      fc.property(ddd, mobile, (code, local) => {
        for (const known of [...written(code, local), ...written(code, `9${local}`)]) {
          expect(isSamePhone(known, `+55${code}${local}`)).toBe(true)
          expect(isSamePhone(known, `+55${code}9${local}`)).toBe(true)
          expect(known.replace(/\D/g, '')).toContain(searchTerms(`+55${code}9${local}`)[0])
        }
      }),
    )
  })

  it('is never a landline and the mobile that has its digits after a nine', () => {
    fc.assert(
      fc.property(ddd, landline, (code, local) => {
        expect(isSamePhone(`+55${code}${local}`, `+55${code}${local}`)).toBe(true)
        for (const known of written(code, `9${local}`)) expect(isSamePhone(known, `+55${code}${local}`)).toBe(false)
        for (const known of written(code, local)) expect(isSamePhone(known, `+55${code}9${local}`)).toBe(false)
      }),
    )
  })

  it('is not one of another area, nor another number', () => {
    fc.assert(
      fc.property(ddd, ddd, mobile, mobile, (code, other, local, else_) => {
        if (code !== other) expect(isSamePhone(`+55${other}9${local}`, `+55${code}9${local}`)).toBe(false)
        if (local !== else_) expect(isSamePhone(`+55${code}9${else_}`, `+55${code}9${local}`)).toBe(false)
      }),
    )
  })

  it.each([
    ['+1 212 555 1234', '+12125551234', true],
    ['+351 912 345 678', '+351912345678', true],
    ['+351 912 345 678', '+5511912345678', false],
    ['987654321', '+5511987654321', false],
    ['', '+5511987654321', false],
  ])('%s and %s: %s', (known, e164, same) => {
    expect(isSamePhone(known, e164)).toBe(same)
  })

  it.each([
    ...[
      ['11 98765-9999 / 11 3333-4444', true, '+5511987659999'],
      ['11 98765-9999 / 11 3333-4444', true, '+551133334444'],
      ['(11) 98765-9999; (11) 98765-8888', true, '+5511987658888'],
      ['(11) 98765-9999 ou 98765-8888', true, '+5511987658888'],
      ['11 98765-9999 / 11 3333-4444', false, '+551133335555'],
      ['11 3333-1313 ramal 22 / 98765-8888', true, '+5511987658888'],
      ['11 98765-9999 / 3333-4444 ramal 22', true, '+551133334444'],
    ],
    ...['ramal 22', 'Ramal: 22', 'r. 22', 'R22', '(ramal 22)', 'x22', 'ext. 22', '#22'].map((ramal) => [
      `(11) 3333-1313 ${ramal}`,
      true,
      '+551133331313',
    ]),
    ...[
      '0 15 11 98765-8888',
      '01511987658888',
      '0 (15) 11 8765-8888',
      '0xx11 98765-8888',
      '(0xx11) 98765-8888',
      '+55 (0xx11) 98765-8888',
    ].map((known) => [known, true, '+5511987658888']),
    ...['0 11 98765-8888', '+55 (011) 98765-8888', '+55 (0) 11 98765-8888', 'tel:+55-11-98765-8888'].map((known) => [
      known,
      true,
      '+5511987658888',
    ]),
    ...[
      ['912 345 678', true, '+351912345678'],
      ['00351 912 345 678', true, '+351912345678'],
      ['351912345678', true, '+351912345678'],
      ['(415) 555-2671', true, '+14155552671'],
      ['1-415-555-2671', true, '+14155552671'],
      ['11 15 2345-6789', true, '+5491123456789'],
      ['06 12 34 56 78', true, '+33612345678'],
      ['020 7946 0958', true, '+442079460958'],
      ['55 1234 5678', true, '+525512345678'],
      ['55 1234 5678', true, '+5215512345678'],
      ['912 345 678', false, '+34912345679'],
      ['(55) 99999-8888', true, '+5555999998888'],
      ['cliente desde 2019', false, '+5511987658888'],
      ['x'.repeat(100_000), false, '+5511987658888'],
    ],
  ])('%s: %s, %s', (known, same, e164) => {
    expect(isSamePhone(String(known), String(e164))).toBe(same)
  })

  it.each([
    ...['+5511987654321', '+551133334444', '+351912345678', '+34612345678', '+14155552671', '+5491123456789'],
    ...[
      '+525512345678',
      '+56961234567',
      '+59894231234',
      '+33612345678',
      '+4915123456789',
      '+447400123456',
      '+393123456789',
    ],
  ])('%s is known in twelve ways to write it, and each is another’s', (e164) => {
    const number = parsePhoneNumberFromString(e164)
    if (!number) throw new Error(e164)
    const { nationalNumber: national, countryCallingCode: code } = number
    const inGroups = national.replace(/(\d{2,3})(?=\d)/g, '$1 ')
    const ways = [
      ...[e164, number.formatInternational(), number.formatNational(), number.format('RFC3966')],
      ...[`${code}${national}`, `${code} ${national}`, `00${code} ${inGroups}`, `+${code}-${national}`],
      ...[`+${code} ${inGroups}`, `${number.formatNational()} / +1 202 555 0143`, `${e164} ramal 12`],
      ...[`+1 202 555 0143; ${number.formatInternational()}`],
    ]
    const other = `${e164.slice(0, -1)}${(Number(e164.at(-1)) + 1) % 10}`
    for (const way of ways) expect([way, isSamePhone(way, e164), isSamePhone(way, other)]).toEqual([way, true, false])
  })

  it('is asked for by its end, and as it is dialled within its country', () => {
    expect(searchTerms('+5511987654321')).toEqual(['87654321', '11987654321'])
    expect(searchTerms('+351912345678')).toEqual(['12345678', '912345678'])
    expect(searchTerms('+4712345678')).toEqual(['12345678'])
  })

  it('tells mobiles from landlines', () => {
    for (const known of ['11 98765-4321', '11 8765-4321', '(11) 3333-4444 / 11 98765-4321', '+351 912 345 678'])
      expect([known, hasMobile(known, '+5511900000000')]).toEqual([known, true])
    for (const known of ['(11) 3333-4444', '+55 11 3333-4444 ramal 9', '', 'sem telefone'])
      expect([known, hasMobile(known, '+5511900000000')]).toEqual([known, false])
  })

  it('is written there in this very form whatever the punctuation, and not in another form', () => {
    for (const known of written('11', '987654321')) expect(isWritten(known, '+5511987654321')).toBe(true)
    for (const known of written('11', '987654321')) expect(isWritten(known, '+551187654321')).toBe(false)
  })
})

describe('the due time', () => {
  it('is UTC, zero-padded, on the day that it is in UTC', () => {
    // 21:55 in São Paulo, and a quarter of an hour later.
    expect(dueAt(new Date('2026-11-26T00:10:00Z'))).toEqual({ due_date: '2026-11-26', due_time: '00:10' })
    expect(dueAt(new Date('2026-12-31T23:59:59Z'))).toEqual({ due_date: '2026-12-31', due_time: '23:59' })
    expect(dueAt(new Date('2026-01-02T03:04:05Z'))).toEqual({ due_date: '2026-01-02', due_time: '03:04' })
  })
})

describe('names', () => {
  it.each([
    [{ nome: 'Clara', telefone: '+5511987654321' }, 'Clara'],
    [{ telefone: '+5511987654321', email: 'c@exemplo.com.br' }, '+5511987654321'],
    [{ nome: '', email: 'c@exemplo.com.br' }, 'c@exemplo.com.br'],
    [{}, 'Cliente #00001'],
  ])('of %j is %s', (contato, name) => {
    expect(nameOf(one({ contato }))).toBe(name)
    expect(titleOf(one({ contato }))).toBe(`Atendimento #00001 – ${name}`)
  })
})

describe('our fields', () => {
  const full = one({ consultor: 'Ana', canal: 'loja', plataforma: 'waha', idioma: 'pt' })

  it('go by the account’s codes; those that it lacks are left out', () => {
    expect(fieldsOf(full, { protocolo: 'p', consultor: 'c', canal: 'k', idioma: 'i' })).toEqual({
      p: '#00001',
      c: 'Ana',
      k: 'loja',
      i: 'pt',
    })
    expect(fieldsOf(full, { idioma: 'i' })).toEqual({ i: 'pt' })
    expect(fieldsOf(one(), { consultor: 'c', canal: 'k' })).toEqual({})
    expect(fieldsOf(one({ plataforma: 'waha' }), { canal: 'k' })).toEqual({ k: 'waha' })
  })

  it('hold 255 characters, none of them half of one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 200, maxLength: 400 }), (consultor) => {
        const c = String(fieldsOf(one({ consultor }), { consultor: 'c' }).c ?? '')
        expect(c.length).toBeLessThanOrEqual(255)
        expect(consultor.startsWith(c)).toBe(true)
        expect(/\p{Surrogate}/u.test(c)).toBe(false)
      }),
    )
    const { c } = fieldsOf(one({ consultor: `${'a'.repeat(254)}😀` }), { consultor: 'c' })
    expect(c).toBe('a'.repeat(254))
  })
})

describe('the note', () => {
  it('says number, consultor and why, channel, language and advertisement', () => {
    const more = { consultor: 'Ana', canal: 'loja', plataforma: 'waha', idioma: 'pt', referencia: 'Promo' }
    expect(noteOf(one(more))).toBe(
      '<p><b>Protocolo #00001</b></p><ul><li>Consultor: Ana (era a sua vez na fila)</li><li>Canal: loja, waha</li>' +
        '<li>Idioma: pt</li><li>Anúncio: Promo</li></ul>',
    )
    expect(noteOf(one({ pelaVez: false, consultor: 'Ana' }))).toContain('escolhido na chamada')
  })

  it('is text wherever it came from outside', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (consultor, referencia) => {
        const html = noteOf(one({ consultor, referencia, canal: '<script>', idioma: '"x' }))
        const bare = html.replace(/<\/?(?:p|b|ul|li)>/g, '')
        expect(bare).not.toMatch(/[<>"']/)
        expect(bare.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
      }),
    )
  })
})
