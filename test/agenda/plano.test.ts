import { describe, expect, it } from '@jest/globals'
import { easter, holidaysOf } from '../../src/agenda/feriados.js'
import { type Plano, readSemana, trechoEm, writeSemana } from '../../src/agenda/plano.js'

const daily = (...intervals: string[]): string =>
  writeSemana(Object.fromEntries(['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'].map((dia) => [dia, intervals])))
const SP = 'America/Sao_Paulo'
const NY = 'America/New_York'

/** Every change between two instants, as `instant in` or `instant out`. */
function changes(plano: Plano, from: string, to: string): string[] {
  const found: string[] = []
  let at = new Date(from)
  for (let next = trechoEm(plano, at).ate; next && next <= new Date(to); next = trechoEm(plano, at).ate) {
    at = next
    const { dentro, desde } = trechoEm(plano, at)
    expect(trechoEm(plano, new Date(at.getTime() - 1)).dentro).toBe(!dentro)
    expect(desde).toEqual(at)
    found.push(`${at.toISOString().slice(0, 16)} ${dentro ? 'in' : 'out'}`)
  }
  return found
}

describe('a plan of hours', () => {
  it.each<[string, Plano, string, string, string[]]>([
    [
      'has several intervals a day, and none at the weekend',
      { semana: 'seg 08:00-12:00 13:00-18:00; ter 08:00-12:00', fuso: SP },
      '2026-01-04T00:00Z',
      '2026-01-12T12:00Z',
      [
        ...['2026-01-05T11:00 in', '2026-01-05T15:00 out', '2026-01-05T16:00 in', '2026-01-05T21:00 out'],
        ...['2026-01-06T11:00 in', '2026-01-06T15:00 out', '2026-01-12T11:00 in'],
      ],
    ],
    [
      'goes over midnight, and through it without a change; a day off takes what begins on it',
      { semana: daily('20:00-02:00'), folgas: ['2026-01-06'], fuso: 'UTC' },
      '2026-01-05T00:00Z',
      '2026-01-07T23:00Z',
      ['2026-01-05T02:00 out', '2026-01-05T20:00 in', '2026-01-06T02:00 out', '2026-01-07T20:00 in'],
    ],
    [
      'has days off by ranges and holidays',
      {
        semana: daily('09:00-10:00'),
        folgas: ['2026-12-26/2026-12-30'],
        feriados: { nacionais: true, dias: ['12-24'] },
        fuso: SP,
      },
      '2026-12-23T00:00Z',
      '2027-01-02T12:00Z',
      [
        '2026-12-23T12:00 in',
        '2026-12-23T13:00 out',
        '2026-12-31T12:00 in',
        '2026-12-31T13:00 out',
        '2027-01-02T12:00 in',
      ],
    ],
    [
      'São Paulo 2018, midnight that was skipped',
      { semana: daily('00:00-06:00'), fuso: SP },
      '2018-11-03T12:00Z',
      '2018-11-05T12:00Z',
      ['2018-11-04T03:00 in', '2018-11-04T08:00 out', '2018-11-05T02:00 in', '2018-11-05T08:00 out'],
    ],
    [
      'São Paulo 2018, a gap between two intervals that only the skipped hour kept apart',
      { semana: daily('01:00-06:00', '22:00-24:00'), fuso: SP },
      '2018-11-03T12:00Z',
      '2018-11-04T12:00Z',
      ['2018-11-04T01:00 in', '2018-11-04T08:00 out'],
    ],
    [
      'São Paulo 2018, the hour before midnight that came twice',
      { semana: daily('22:00-24:00'), fuso: SP },
      '2018-02-17T12:00Z',
      '2018-02-18T12:00Z',
      ['2018-02-18T00:00 in', '2018-02-18T03:00 out'],
    ],
    [
      'New York 2026, an hour that is skipped',
      { semana: daily('02:30-04:00'), fuso: NY },
      '2026-03-08T00:00Z',
      '2026-03-09T12:00Z',
      ['2026-03-08T07:00 in', '2026-03-08T08:00 out', '2026-03-09T06:30 in', '2026-03-09T08:00 out'],
    ],
    [
      'New York 2026, an hour that comes twice: from its first time on',
      { semana: daily('01:30-02:00'), fuso: NY },
      '2026-11-01T00:00Z',
      '2026-11-01T12:00Z',
      ['2026-11-01T05:30 in', '2026-11-01T07:00 out'],
    ],
    [
      'Apia 2011, a day that never was',
      { semana: daily('08:00-18:00'), fuso: 'Pacific/Apia' },
      '2011-12-29T12:00Z',
      '2012-01-01T00:00Z',
      [
        '2011-12-29T18:00 in',
        '2011-12-30T04:00 out',
        '2011-12-30T18:00 in',
        '2011-12-31T04:00 out',
        '2011-12-31T18:00 in',
      ],
    ],
    [
      'Lord Howe 2026, half an hour',
      { semana: daily('01:45-03:00'), fuso: 'Australia/Lord_Howe' },
      '2026-10-03T12:00Z',
      '2026-10-04T12:00Z',
      ['2026-10-03T15:15 in', '2026-10-03T16:00 out'],
    ],
  ])('%s', (_name, plano, from, to, expected) => {
    expect(changes(plano, from, to)).toEqual(expected)
  })

  it('without a week is always in, but on days off; and without any for good', () => {
    const at = new Date('2026-06-01T12:00Z')
    expect(trechoEm({ fuso: SP }, at)).toEqual({ dentro: true })
    const until = trechoEm({ feriados: { nacionais: true }, fuso: SP }, at)
    expect(until).toEqual({ dentro: true, ate: new Date('2026-09-07T03:00Z') })
    const away = trechoEm({ folgas: ['2026-05-20/2027-05-19'], fuso: SP }, at)
    expect(away).toEqual({ dentro: false, desde: new Date('2026-05-20T03:00Z'), ate: new Date('2027-05-20T03:00Z') })
  })

  it('is stored on one line, from which it comes back', () => {
    const semana = { seg: ['08:00-12:00', '13:00-18:00'], sab: ['22:00-02:00'] }
    expect(writeSemana(semana)).toBe('seg 08:00-12:00 13:00-18:00; sab 22:00-02:00')
    expect(readSemana(writeSemana(semana))).toEqual(semana)
  })
})

describe('holidays', () => {
  it('are the national ones of the year, with carnival and Corpus Christi where they are wanted, and own days', () => {
    expect(holidaysOf(2026, { nacionais: true })).toEqual(
      ['01-01', '04-03', '04-21', '05-01', '09-07', '10-12', '11-02', '11-15', '11-20', '12-25'].map(
        (d) => `2026-${d}`,
      ),
    )
    expect(holidaysOf(2023, { nacionais: true })).not.toContain('2023-11-20')
    const more = { carnaval: true, corpus_christi: true, dias: ['01-25', '2027-07-09', '2026-07-09'] }
    expect(holidaysOf(2027, more)).toEqual(['2027-01-25', '2027-02-08', '2027-02-09', '2027-05-27', '2027-07-09'])
    expect(holidaysOf(2038, { corpus_christi: true })).toEqual(['2038-06-24'])
    expect([2026, 2028].map((year) => holidaysOf(year, { dias: ['02-29'] }))).toEqual([[], ['2028-02-29']])
  })

  it('move with Easter as the golden number, the epact and the Sunday of each year of this century give it', () => {
    const byTables = (year: number): number => {
      const golden = (year % 19) + 1
      const century = Math.floor(year / 100) + 1
      const leaps = Math.floor((3 * century) / 4) - 12
      const moon = Math.floor((8 * century + 5) / 25) - 5
      const turned = (11 * golden + 20 + moon - leaps) % 30
      const epact = turned === 24 || (turned === 25 && golden > 11) ? turned + 1 : turned
      const full = 44 - epact < 21 ? 74 - epact : 44 - epact
      const sunday = full + 7 - ((Math.floor((5 * year) / 4) - leaps - 10 + full) % 7)
      return Date.UTC(year, 2, sunday) / 86_400_000
    }
    const years = Array.from({ length: 100 }, (_, place) => 2000 + place)
    expect(years.map(easter)).toEqual(years.map(byTables))
  })
})
