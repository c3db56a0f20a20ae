import { describe, expect, it } from '@jest/globals'
import { type EventoGuardado, type Quadro, toEventoGuardado } from '../../src/eventos/model.js'
import { type LedgerRow, Replay, type Step } from '../../src/eventos/replay.js'
import { toProtocolo } from '../../src/protocolos/copy.js'
import type { Protocolo } from '../../src/protocolos/model.js'
import type { Change } from '../../src/simulacao/changes.js'
import { toApi } from '../../src/simulacao/result.js'
import { Simulation } from '../../src/simulacao/simulation.js'
import { emptyVez, entryId, isProtocolo, type Vez } from '../../src/vez/document.js'
import type { Command } from '../../src/vez/rules/commands.js'
import { decide } from '../../src/vez/rules/decide.js'
import { noPriorProtocols } from '../../src/vez/rules/prior-protocols.js'
import { randomFor } from '../support/random.js'
import { chat } from '../support/vez.js'

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

  hired(clock: string, id: number, idiomas: readonly string[], turno: number): this {
    const para = { ativo: true, sequencial: true, online: true, idiomas, turno }
    return this.#event(at(clock), { tipo: 'criado', consultores: [id], para })
  }

  joins(clock: string, espera: string, idioma = 'pt'): this {
    return this.#event(at(clock), { tipo: 'entrou_na_espera', espera, idioma, canal: 'vendas' })
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
    expect(spanish().with([{ ...novo, idiomas: ['pt', 'es'], from: at('10:02') }]).depois).toEqual({ 1: 3, 2: 1, 3: 0 })
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

  it('are not overtaken while they are held', () => {
    const served = (espera_id: string, since: string) => ({
      espera_id,
      esperou_desde: new Date(at(since)),
      canal: 'vendas',
    })
    // At 10:30 Ana takes x and Bia y; v, who would be Ana's, is held until 10:30:20. Neither w, who comes meanwhile, gets Ana, nor z
    // (whose wait is the median) the new one, who speaks the language of v.
    const { espera } = new Story(false)
      .joins('10:00', 'x')
      .joins('10:05', 'y')
      .joins('10:05:30', 'v')
      .joins('10:06', 'z', 'fr')
      .online('10:30', ANA, true)
      .turn('10:30', ANA, served('x', '10:00'))
      .online('10:30', BIA, true)
      .turn('10:30', BIA, served('y', '10:05'))
      .joins('10:30:10', 'w')
      .joins('10:30:11', 'u')
      .hired('10:30:12', 3, ['pt', 'fr'], 2)
      .turn('10:30:20', ANA, served('v', '10:05:30'))
      .turn('10:30:20', 3, { ...served('z', '10:06'), idioma: 'fr' })
      .turn('10:30:20', BIA, served('w', '10:30:10'))
      .turn('10:30:40', ANA, served('u', '10:30:11'))
      .with([], { intervalMs: 20_000 })
    const same = { esperaram: 6, mediana_s: 1_460, p95_s: 1_800, pior_s: 1_800, desistiram: 0, ainda_esperam: 0 }
    expect(espera).toEqual({ clientes: 6, antes: same, depois: same })
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
    expect(story().with(gone).espera.depois).toEqual({ esperaram: 3, desistiram: 1, ainda_esperam: 2 })
  })
})

/** A history that the turn itself decided, one command a write, of whatever may come. */
class Decided {
  #vez: Vez = emptyVez('m0')
  #now = DAY
  readonly #random: () => number
  readonly #hasLimits: boolean
  readonly #protocolos: Protocolo[] = []
  readonly #eventos: EventoGuardado[] = []

  constructor(random: () => number, writes: number, hasLimits = true) {
    this.#random = random
    this.#hasLimits = hasLimits
    for (let write = 0; write < writes; write += 1) {
      this.#now += 1_000 * (1 + this.#below(300))
      this.#write(write < 3 ? this.#newcomer() : this.#command())
    }
  }

  /** In order. */
  get steps(): Step[] {
    const turns = this.#protocolos.map((protocolo): Step => ({ ...placeOf(protocolo), protocolo }))
    const events = this.#eventos.map((registro): Step => ({ ...placeOf(registro), registro }))
    return [...turns, ...events].sort((one, other) => one.versao - other.versao || one.lugar - other.lugar)
  }

  #write(command: Command): void {
    const vez = this.#vez
    const drained = new Set([...vez.pendentes, ...vez.eventos].map(entryId))
    const open = {
      byConsultor: new Map([...vez.consultores.keys()].map((id) => [id, this.#openOf(id).map(({ n }) => n)])),
      copied: new Map(this.#protocolos.map(({ n, status, responsavel_id }) => [n, { status, responsavel_id }])),
    }
    const context = { now: new Date(this.#now), writeId: `w${vez.versao}`, esperaIntervaloMs: 0 }
    const known = { ...noPriorProtocols, open }
    this.#vez = decide(vez, [command], known, context, { drained, refused: new Map() }).vez
    if (this.#vez.versao === vez.versao) return
    this.#protocolos.push(...this.#vez.pendentes.filter(isProtocolo).map(toProtocolo))
    this.#eventos.push(...this.#vez.eventos.map(toEventoGuardado))
  }

  #command(): Command {
    const { consultores, espera, versao } = this.#vez
    const id = this.#one([...consultores.keys()]) ?? 1
    const idioma = this.#one(['pt', 'pt', 'es']) ?? 'pt'
    const equipe = this.#below(4) === 0 ? { equipe: 'vendas' } : {}
    const change = (mudanca: Extract<Command, { tipo: 'alterar' }>['mudanca']): Command => ({
      tipo: 'alterar',
      id,
      mudanca,
    })
    const ends = this.#one(this.#openOf(id))
    const waits = this.#one(espera)
    const all: readonly (Command | undefined)[] = [
      { tipo: 'turno', idioma, ...equipe },
      { tipo: 'turno', idioma, ...equipe, preferido: { consultor_id: id, motivo: 'pedido' } },
      chat(`c${versao}`, { idioma, ...equipe, chat: { janela_ms: 0, espera_max_ms: 864_000_000 } }),
      chat(`d${versao}`, { idioma, chat: { janela_ms: 0, espera_max_ms: 864_000_000 } }),
      { tipo: 'numero', consultor_id: id },
      change({ online: this.#below(3) > 0 }),
      change({ online: false }),
      change({ online: true, pausa: null }),
      change({ pausa: { minutos: 5 } }),
      change({ sequencial: this.#below(4) > 0 }),
      this.#hasLimits ? change({ limite: this.#one([null, 1, 2]) ?? null }) : undefined,
      change({
        idiomas: this.#one([['pt'], ['es'], ['pt', 'es']]) ?? ['pt'],
        equipes: this.#one([['vendas'], []]) ?? [],
      }),
      this.#below(3) === 0 ? this.#newcomer() : undefined,
      this.#below(5) === 0 && consultores.size > 2 ? { tipo: 'remover', id } : undefined,
      this.#hasLimits ? { tipo: 'politica', mudanca: { limite: this.#one([null, 3, 4]) ?? null } } : undefined,
      waits && { tipo: 'cancelar_espera', id: waits.id },
      waits && { tipo: 'sair_da_espera', canal: 'loja', contato_ids: waits.contato.ids, responsavel: id },
    ]
    if (ends && this.#below(6) === 0) return this.#end(ends, id)
    return this.#one(all) ?? { tipo: 'tique', fresco: true }
  }

  /** Ends a protocol, in the same instant in which its responsável's are counted. */
  #end(protocolo: Protocolo, id: number): Command {
    const ended = { ...protocolo, status: 'concluido', encerrado_em: new Date(this.#now) } as const
    this.#protocolos.splice(this.#protocolos.indexOf(protocolo), 1, ended)
    return { tipo: 'recontar', ids: [id] }
  }

  #openOf(id: number): Protocolo[] {
    return this.#protocolos.filter(({ responsavel_id, status }) => responsavel_id === id && status === 'aberto')
  }

  #newcomer(): Command {
    const idiomas = this.#one([['pt'], ['pt', 'es']]) ?? ['pt']
    const dados = { nome: 'Fulano', ativo: true, sequencial: true, online: this.#below(2) > 0, idiomas }
    return { tipo: 'criar', dados }
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #one<T>(all: readonly T[]): T | undefined {
    return all[this.#below(all.length)]
  }
}

const placeOf = ({ versao, lugar }: { readonly versao: number; readonly lugar: number }) => ({ versao, lugar })

describe('any history', () => {
  it.each([
    ['the beginning', DAY, true],
    // Before a limit holds nobody counts what is open.
    ['the middle', DAY + 9_000_000, false],
  ])('comes out as it was decided when nothing is changed, from %s on', (where, from, hasLimits) => {
    const random = randomFor(`simulation from ${where} on`)
    let turns = 0
    for (let round = 0; round < 8; round += 1) {
      const { steps } = new Decided(random, 120, hasLimits)
      const simulation = new Simulation({ from, to: DAY + 86_000_000, changes: [], esperaIntervaloMs: 0 })
      const replay = new Replay({ versao: 0, lugar: 0, n: 0 })
      for (const step of steps) simulation.take(step, replay)
      expect(replay.problems).toEqual([])
      const { antes, depois, espera, sem_consultor } = simulation.end(replay)
      expect([depois, espera.depois, sem_consultor]).toEqual([antes, espera.antes, 0])
      turns += [...antes.values()].reduce((all, one) => all + one, 0)
    }
    expect(turns).toBeGreaterThan(50)
  })
})
