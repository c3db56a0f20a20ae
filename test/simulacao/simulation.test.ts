import { describe, expect, it } from '@jest/globals'
import type { EventoGuardado, Quadro } from '../../src/eventos/model.js'
import { type LedgerRow, Replay, type Step } from '../../src/eventos/replay.js'
import type { Change } from '../../src/simulacao/changes.js'
import { toApi } from '../../src/simulacao/result.js'
import { Simulation } from '../../src/simulacao/simulation.js'

const DAY = Date.UTC(2026, 0, 5)
/** `10:05` or `10:05:20` of the day. */
const at = (clock: string): number => Date.parse(`2026-01-05T${clock.length === 5 ? `${clock}:00` : clock}Z`)
const [ANA, BIA] = [1, 2]

/** A ledger as it is written step by step: it begins with Ana (pt, es) and Bia (pt), and nobody has had a turn. */
class Story {
  readonly steps: Step[] = []
  #n = 0

  constructor(online = true) {
    const person = (id: number, idiomas: readonly string[]) => {
      return { id, turno: 0, ativo: true, sequencial: true, online, idiomas }
    }
    const pessoas = [person(ANA, ['pt', 'es']), person(BIA, ['pt'])]
    const quadro: Quadro = {
      _id: 'quadro',
      tipo: 'quadro',
      marca: 'm',
      versao: 0,
      lugar: 0,
      parte: 0,
      partes: 1,
      seq: 0,
      pessoas,
    }
    this.steps.push({ versao: 0, lugar: 0, registro: quadro })
    this.#event(DAY, { tipo: 'inicio', marca: 'm' })
  }

  /** A turn by the rule, as it went in truth. */
  turn(clock: string, consultor_id: number, more: Partial<LedgerRow> = {}): this {
    this.#n += 1
    const place = this.#place()
    const row = { n: this.#n, lote: 'l', created_at: new Date(at(clock)), idioma: 'pt', consultor_id, ...more }
    this.steps.push({ ...place, protocolo: { por: 'regra', ...place, ...row } })
    return this
  }

  online(clock: string, id: number, online: boolean): this {
    return this.#event(at(clock), { tipo: 'presenca', consultores: [id], de: { online: !online }, para: { online } })
  }

  joins(clock: string, espera: string): this {
    return this.#event(at(clock), { tipo: 'entrou_na_espera', espera, idioma: 'pt', canal: 'vendas' })
  }

  leaves(clock: string, espera: string): this {
    return this.#event(at(clock), { tipo: 'saiu_da_espera', espera, motivo: 'expirada' })
  }

  /** What would have been of the day, with these changes. */
  with(changes: readonly Change[], more: { from?: string; intervalMs?: number } = {}) {
    const from = more.from === undefined ? DAY : at(more.from)
    const simulation = new Simulation({ from, to: at('23:00'), changes, esperaIntervaloMs: more.intervalMs ?? 0 })
    const replay = new Replay({ versao: 0, lugar: 0, n: 0 })
    for (const step of this.steps) simulation.take(step, replay)
    const result = simulation.end(replay)
    return { ...result, antes: Object.fromEntries(result.antes), depois: Object.fromEntries(result.depois), result }
  }

  #event(
    em: number,
    evento: Omit<EventoGuardado, '_id' | 'lote' | 'em' | 'versao' | 'lugar'> & { tipo: string },
  ): this {
    const place = this.#place()
    this.steps.push({
      ...place,
      registro: { _id: `e${place.versao}`, lote: 'l', em: new Date(em), ...place, ...evento },
    })
    return this
  }

  #place() {
    return { versao: this.steps.length, lugar: 1 }
  }
}

const all = { from: DAY, to: at('23:00') }

/** es, es, pt, pt: Ana, Ana, Bia, Ana. */
const spanish = (): Story =>
  new Story()
    .turn('10:00', ANA, { idioma: 'es' })
    .turn('10:01', ANA, { idioma: 'es' })
    .turn('10:02', BIA)
    .turn('10:03', ANA)

describe('turns with a change', () => {
  it('are those of the ledger when nothing is changed, also from the middle on', () => {
    expect(spanish().with([])).toMatchObject({ antes: { 1: 3, 2: 1 }, depois: { 1: 3, 2: 1 }, sem_consultor: 0 })
    expect(spanish().with([], { from: '10:02' })).toMatchObject({ antes: { 1: 1, 2: 1 }, depois: { 1: 1, 2: 1 } })
  })

  it('go to one more who speaks the language, who begins at the end of the line', () => {
    const novo: Change = { ...all, tipo: 'novo', id: 3, nome: 'Zé', idiomas: ['es'], equipes: [] }
    const { depois, result } = spanish().with([novo])
    expect(depois).toEqual({ 1: 2, 2: 1, 3: 1 })
    const told = toApi(result, [novo], { consultores: new Map() })
    expect(told.turnos).toEqual({ antes: 4, depois: 4 })
    expect(told.consultores.at(-1)).toEqual({ consultor_id: null, nome: 'Zé', antes: 0, depois: 1, diferenca: 1 })
    expect(told.frase).toBe(
      'Com estas mudanças, o consultor 1 (removido) teria recebido 2 turnos em vez de 3 e Zé 1 turno em vez de 0. Ninguém esperou, nem teria esperado.',
    )
    expect(spanish().with([{ ...novo, from: at('10:02') }]).depois).toEqual({ 1: 3, 2: 1, 3: 0 })
  })

  it('go to others while somebody is absent, and to nobody where nobody is left', () => {
    const absent: Change = { from: at('10:03'), to: at('10:04'), tipo: 'ausencia', id: ANA }
    expect(spanish().with([absent])).toMatchObject({ depois: { 1: 2, 2: 2 }, sem_consultor: 0 })
    expect(spanish().with([{ ...absent, ...all }])).toMatchObject({ depois: { 1: 0, 2: 2 }, sem_consultor: 2 })
    expect(spanish().with([{ ...all, tipo: 'idiomas', id: BIA, idiomas: ['es'] }]).depois).toEqual({ 1: 3, 2: 1 })
  })

  it('keep a limit, and each protocol ends after as long as it took', () => {
    const short = { encerrado_em: new Date(at('10:30')) }
    const story = () =>
      new Story().turn('10:00', ANA, short).turn('10:01', BIA).turn('10:02', ANA).turn('10:31', BIA).turn('10:32', ANA)
    // 10:00 Ana (until 10:30), 10:01 Bia for ever, 10:02 nobody, 10:31 Ana for ever, 10:32 nobody.
    const limited = story().with([{ ...all, tipo: 'limite_comum', limite: 1 }])
    expect(limited).toMatchObject({ depois: { 1: 2, 2: 1 }, sem_consultor: 2 })
    expect(story().with([{ ...all, tipo: 'limite', id: BIA, limite: 1 }]).depois).toEqual({ 1: 4, 2: 1 })
  })

  it('of a preferred person stay his, and leave his place as it was', () => {
    const preferred = { por: 'preferido', conta: false } as const
    const story = () => new Story().turn('10:00', BIA, preferred).turn('10:01', ANA).turn('10:02', BIA)
    expect(story().with([]).depois).toEqual({ 1: 1, 2: 2 })
    expect(story().with([{ from: DAY, to: at('10:01'), tipo: 'pausa', id: BIA }]).depois).toEqual({ 1: 2, 2: 1 })
  })
})

describe('customers who waited', () => {
  /** Two wait from 10:00 and 10:05 until Bia comes at 10:30; a third leaves at 10:20. */
  const story = (): Story =>
    new Story(false)
      .joins('10:00', 'x')
      .joins('10:05', 'y')
      .joins('10:06', 'z')
      .leaves('10:20', 'z')
      .online('10:30', BIA, true)
      .turn('10:30', BIA, { espera_id: 'x', esperou_desde: new Date(at('10:00')), canal: 'vendas' })
      .turn('10:30:20', BIA, { espera_id: 'y', esperou_desde: new Date(at('10:05')), canal: 'vendas' })

  it('wait as long as they did when nothing is changed, one each interval', () => {
    const { espera } = story().with([], { intervalMs: 20_000 })
    const same = { esperaram: 3, mediana_s: 1_520, p95_s: 1_800, pior_s: 1_800, desistiram: 1, ainda_esperam: 0 }
    expect(espera).toEqual({ clientes: 3, antes: same, depois: same })
  })

  it('have somebody as soon as somebody would have been there', () => {
    const here: Change = { from: at('10:10'), to: at('23:00'), tipo: 'presenca', id: ANA }
    const { espera, antes, depois } = story().with([here], { intervalMs: 20_000 })
    expect([antes, depois]).toEqual([
      { 1: 0, 2: 2 },
      { 1: 3, 2: 0 },
    ])
    // 10:10:00, 10:10:20 and 10:10:40.
    expect(espera.depois).toEqual({
      esperaram: 3,
      mediana_s: 320,
      p95_s: 600,
      pior_s: 600,
      desistiram: 0,
      ainda_esperam: 0,
    })
  })

  it('had not to wait where somebody was there at once, and else wait who did not', () => {
    const early: Change = { ...all, tipo: 'presenca', id: ANA }
    expect(story().with([early]).espera.depois).toMatchObject({ esperaram: 0, pior_s: 0, desistiram: 0 })
    const chat = new Story().turn('10:00', ANA, { canal: 'vendas' }).turn('10:10', BIA, { canal: 'vendas' })
    const both: Change[] = [ANA, BIA].map((id) => ({ from: at('09:00'), to: at('10:30'), tipo: 'ausencia', id }))
    const { espera, depois } = chat.with(both)
    expect(depois).toEqual({ 1: 1, 2: 1 })
    expect(espera).toMatchObject({ clientes: 2, antes: { esperaram: 0, pior_s: 0 } })
    expect(espera.depois).toMatchObject({ esperaram: 2, mediana_s: 1_200, pior_s: 1_800 })
  })

  it('give up after a day, and wait still when the period ends sooner', () => {
    const gone: Change[] = [ANA, BIA].map((id) => ({ ...all, tipo: 'saida', id }))
    expect(story().with(gone).espera.depois).toMatchObject({ mediana_s: null, desistiram: 1, ainda_esperam: 2 })
  })
})
