import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { localTime } from '../../src/lib/local-time.js'
import { toProtocolo } from '../../src/protocolos/copy.js'
import type { Protocolo } from '../../src/protocolos/model.js'
import { reasonsOf, sentence, unknownSince } from '../../src/protocolos/porque.js'
import { turnoThen, whyNot } from '../../src/protocolos/why-not.js'
import { type Consultor, isProtocolo, type Vez } from '../../src/vez/document.js'
import type { Command } from '../../src/vez/rules/commands.js'
import { type TestService, team, testService } from '../support/service.js'
import { chat, decideAt, turn, vezOf } from '../support/vez.js'

const time = localTime('America/Sao_Paulo')
/** On the clock of São Paulo. */
const at = (hour: string, day = '2026-11-27'): Date => new Date(`${day}T${hour}:00-03:00`)
const AT = at('10:05')

const ANA = { nome: 'Ana', online: false, desde: at('09:58'), idiomas: ['en'] }
const CAIO = { nome: 'Caio', idiomas: ['pt'] }
const BRUNO = { nome: 'Bruno', idiomas: ['en'] }
const DORA = { nome: 'Dora', idiomas: ['en'] }

/** The protocol that the last of these commands makes, #00017 if it is the only one, and the state after it. */
function made(people: readonly Partial<Consultor>[], ...commands: Command[]): { protocolo: Protocolo; vez: Vez } {
  const { vez } = decideAt(vezOf(people, { seq: 16 }), commands, { now: AT })
  const entry = vez.pendentes.findLast(isProtocolo)
  if (!entry) throw new Error('no protocol was made')
  return { protocolo: toProtocolo(entry), vez }
}

function say({ protocolo, vez }: { protocolo: Protocolo; vez: Vez }, now = AT): string {
  const seen = { consultores: vez.consultores, time, now }
  return sentence(protocolo, reasonsOf(protocolo, seen), seen)
}

describe('the sentence of why a protocol went to somebody', () => {
  it('names whom it passed over and why, and who would have been next, on the clock of the place', () => {
    expect(say(made([CAIO, ANA, BRUNO, DORA], turn('en')))).toBe(
      '#00017 foi para Bruno às 10:05. Antes dele estavam Ana (offline desde 09:58) e Caio (não fala inglês). Depois dele viria Dora.',
    )
  })

  it('says so when there was nobody before and nobody after', () => {
    expect(say(made([BRUNO], turn('en')))).toBe(
      '#00017 foi para Bruno às 10:05. Antes dele não estava ninguém. Ninguém mais podia receber.',
    )
  })

  it('tells the day where it is not today, and since which day somebody is away', () => {
    const one = made([{ ...ANA, desde: at('18:00', '2026-11-26') }, BRUNO], turn('en'))
    const told = 'Antes dele estava Ana (offline desde 26/11 às 18:00).'
    expect(say(one, at('08:00', '2026-11-28'))).toContain(`#00017 foi para Bruno em 27/11 às 10:05. ${told}`)
    expect(say(one, at('08:00', '2027-01-02'))).toContain('#00017 foi para Bruno em 27/11/2026 às 10:05.')
  })

  it.each<[string, Partial<Consultor>, string]>([
    ['his own word', { desde_por: 'canal:loja' }, 'offline desde 09:58, pelo WhatsApp'],
    [
      'what the platform says of him',
      { desde_por: 'canal:chat', desde_motivo: 'presenca' },
      'offline desde 09:58, pela presença na conta chat',
    ],
    ['himself', { desde_por: 'eu:1' }, 'offline desde 09:58, por ele mesmo'],
    ['a key', { desde_por: 'chave:k1' }, 'offline desde 09:58, pela API'],
    [
      'a pause that a manager began',
      { online: true, pausa: { desde: at('10:00'), por: 'painel:s', motivo: 'almoço' } },
      'em pausa desde 10:00, pelo painel: almoço',
    ],
    ['his hours', { online: true, horario: { dentro: false, desde: at('10:01') } }, 'fora do horário desde 10:01'],
  ])('says by whom it was: %s', (_, more, words) => {
    expect(say(made([{ ...ANA, ...more }, BRUNO], turn('en')))).toContain(`Antes dele estava Ana (${words}).`)
  })

  it('takes what the ledger tells where that has changed since', () => {
    const { protocolo, vez } = made([{ ...ANA, desde: at('11:00') }, BRUNO], turn('en'))
    const seen = { consultores: vez.consultores, time, now: AT }
    expect(unknownSince(protocolo, seen).map(({ consultor_id }) => consultor_id)).toEqual([1])
    const reasons = reasonsOf(protocolo, seen, new Map([[1, { desde: at('09:40'), por: 'pipedrive' }]]))
    expect(sentence(protocolo, reasons, seen)).toContain('Ana (offline desde 09:40, pelo Pipedrive)')
  })

  it('does not take what has changed since for what was', () => {
    const { protocolo, vez } = made([ANA, CAIO, BRUNO], turn('en'))
    const later = new Map([...vez.consultores].map(([id, one]) => [id, { ...one, desde: at('11:00') }]))
    later.delete(2)
    expect(say({ protocolo, vez: { ...vez, consultores: later } })).toContain(
      'Antes dele estavam Ana (offline) e o consultor 2 (removido) (não fala inglês).',
    )
  })

  it('counts those whom it does not name', () => {
    const many = Array.from({ length: 43 }, () => ({ ...ANA, turno: -1 }))
    expect(say(made([...many, BRUNO], turn('en')))).toMatch(/Ana \(offline desde 09:58\) e mais 3 \(offline\)\./)
  })

  it.each<[string, readonly Partial<Consultor>[], Command[], string]>([
    [
      'a preferred person',
      [CAIO, BRUNO],
      [turn('en', { preferido: { consultor_id: 2, motivo: 'pedido' } })],
      'Fora da vez: o pedido o preferia',
    ],
    [
      'a preferred person who cannot',
      [ANA, BRUNO],
      [turn('en', { preferido: { consultor_id: 1, motivo: 'pedido' } })],
      'O pedido preferia Ana (offline). Antes dele estava Ana',
    ],
    ['a number', [BRUNO], [{ tipo: 'numero', consultor_id: 1 }], '#00017 foi para Bruno às 10:05. É um número sem vez'],
    ['a number of nobody', [BRUNO], [{ tipo: 'numero' }], '#00017 foi gerado às 10:05, sem consultor.'],
    [
      'one who waited',
      [{ ...BRUNO, online: false }],
      [chat('a', { idioma: 'en' }), { tipo: 'alterar', id: 1, mudanca: { online: true } }],
      '#00017 foi para Bruno às 10:05; o cliente esperava desde 10:05. Antes dele não estava ninguém.',
    ],
    [
      'one who was helped',
      [{ ...BRUNO, online: false }],
      [
        chat('a', { idioma: 'en' }),
        { tipo: 'sair_da_espera', canal: 'loja', contato_ids: ['wa:a'], responsavel: 'Zoe' },
      ],
      '#00017 ficou com Zoe, que só a plataforma conhece, às 10:05; o cliente esperava desde 10:05. Uma pessoa atendeu',
    ],
  ])('says how it was with %s', (_, people, commands, words) => {
    expect(say(made(people, ...commands))).toContain(words)
  })

  it('is honest about a protocol of release 1.0, and of the old system', () => {
    const { protocolo, vez } = made([ANA, BRUNO], turn('en'))
    const { por: _, pulados: _p, ...old } = protocolo
    expect(say({ protocolo: old, vez })).toBe(
      '#00017 foi para Bruno às 10:05. O porquê não foi guardado: este protocolo foi feito pela versão 1.0.',
    )
    expect(say({ protocolo: { ...old, id_antigo: 3 }, vez })).toContain('veio do sistema anterior')
  })
})

describe('why it was not somebody else', () => {
  const people = [
    CAIO,
    ANA,
    { ...BRUNO, turno: 5 },
    { ...DORA, turno: 6 },
    { ...DORA, turno: 7 },
    { ...BRUNO, ativo: false },
  ]
  const { protocolo, vez } = made(people, turn('en'))
  const seen = { consultores: vez.consultores, time, now: AT }
  const ask = (id: number, turno: number | undefined, of: Protocolo = protocolo) =>
    whyNot(of, reasonsOf(of, seen), id, turno, seen)

  it.each<[number, number | undefined, string, string]>([
    [3, 17, 'escolhido', 'Foi Bruno quem recebeu.'],
    [1, 0, 'idioma', 'Caio não recebeu porque não fala inglês.'],
    [2, 0, 'offline', 'Ana não recebeu porque estava offline desde 09:58.'],
    [4, 6, 'atras', 'Dora não recebeu porque estava atrás de Bruno na fila: viria logo depois.'],
    [5, 7, 'atras', 'Dora não recebeu porque estava atrás de Bruno na fila.'],
    [5, 5, 'atras', 'Dora não recebeu porque estava atrás de Bruno na fila.'],
    [6, 0, 'fora_da_vez', 'Bruno não recebeu porque estava inativo ou fora da sequência.'],
    [5, 17, 'novo', 'Dora não recebeu porque entrou na equipe depois de #00017.'],
    [9, undefined, 'nao_guardado', 'Por que não foi o consultor 9 (removido) não foi guardado.'],
  ])('consultor %s with turno %s: %s', (id, turno, motivo, frase) => {
    expect(ask(id, turno)).toMatchObject({ consultor_id: id, motivo, frase })
  })

  it('says no more than is known where not all are named, or nothing was kept', () => {
    expect(ask(6, 0, { ...protocolo, pulados_cortados: { offline: 2 } })).toMatchObject({ motivo: 'impedido' })
    const { por: _, pulados: _p, turno_antes: _t, ...old } = protocolo
    expect(ask(6, 0, old)).toMatchObject({ motivo: 'nao_guardado' })
    expect(ask(5, 0, { ...old, por: 'preferido' })).toMatchObject({ motivo: 'preferencia' })
    expect(ask(5, 0, { ...old, por: 'numero' })).toMatchObject({ motivo: 'sem_vez' })
  })
})

describe('the place that somebody had then', () => {
  const { protocolo } = made([BRUNO], turn('en'))
  async function* later(...rows: Partial<Protocolo>[]) {
    for (const one of rows) yield [{ ...protocolo, ...one }]
  }

  it('is what his next turn found, whatever he got besides', async () => {
    const numbers = [{ por: 'numero' }, { por: 'preferido' }] as const
    expect(await turnoThen({ n: 17 }, 40, later(...numbers, { por: 'regra', turno_antes: 9 }))).toBe(9)
    expect(await turnoThen({ n: 17 }, 16, later())).toBe(16)
  })

  it('is not known where release 1.0 gave that turn, or he was removed without one', async () => {
    const { por: _, turno_antes: _t, ...old } = protocolo
    async function* of1_0() {
      yield [old]
      yield [{ ...protocolo, turno_antes: 20 }]
    }
    expect(await turnoThen({ n: 17 }, 40, of1_0())).toBeUndefined()
    expect(await turnoThen({ n: 17 }, undefined, later())).toBeUndefined()
  })
})

describe('GET /protocolo/{id}/porque', () => {
  let service: TestService
  beforeAll(async () => {
    service = await testService()
  })
  afterAll(() => service.end())

  it('tells it from the protocol, and why not another by who he was then', async () => {
    const ids = await team(service, 5)
    const [one = 0, two = 0, three = 0, four = 0, five = 0] = ids
    await service.call('PUT', `/consultor/${one}/connection?status=false`)
    await service.call('PUT', `/consultor/${five}`, { body: { status_ativo_sequencial: false } })
    const why = async (n: number, query = '') => (await service.call('GET', `/protocolo/${n}/porque${query}`)).body
    const turns = async (count: number) => {
      for (let i = 0; i < count; i += 1) await service.call('GET', '/consultor/da-vez?idioma=pt')
    }
    await turns(1)
    const first = await why(1)
    expect(first).toMatchObject({
      protocolo: '#00001',
      por: 'regra',
      consultor: { consultor_id: two, nome: 'Consultor 2' },
      candidatos: 3,
      antes: [{ consultor_id: one, nome: 'Consultor 1', motivo: 'offline', desde: expect.any(String) }],
      depois: { consultor_id: three, nome: 'Consultor 3' },
      perguntado: null,
    })
    const words =
      /^#00001 foi para Consultor 2 às \d\d:\d\d\. Antes dele estava Consultor 1 \(offline desde \d\d:\d\d, pela API\)\. Depois dele viria Consultor 3\.$/
    expect(first.frase).toMatch(words)
    await service.call('PUT', `/consultor/${one}/connection?status=true`)
    // Today he is online: since when he was not is in the ledger.
    expect(await why(1)).toEqual(first)
    await turns(5)
    const late = (await team(service, 1))[0]
    await turns(5)
    const asked = async (n: number, id: number | undefined) => (await why(n, `?consultor_id=${id}`)).perguntado.motivo
    // By now each has had turns: what counts is where he stood then.
    expect(await asked(1, one)).toBe('offline')
    expect(await asked(1, two)).toBe('escolhido')
    expect(await asked(1, four)).toBe('atras')
    expect(await asked(5, five)).toBe('fora_da_vez')
    expect(await asked(2, two)).toBe('atras')
    expect(await asked(1, late)).toBe('novo')
    expect((await why(1, `?consultor_id=${three}`)).frase).toContain('viria logo depois.')
    expect((await service.call('GET', '/protocolo/1/porque?consultor_id=99')).status).toBe(404)
    expect((await service.call('GET', '/protocolo/99/porque')).status).toBe(404)
    expect((await service.call('GET', '/protocolo/1/porque?consultor=1')).status).toBe(422)
  })
})
