import fc from 'fast-check'
import { omitUndefined } from '../../src/lib/omit.js'
import type { Command, ConsultorChange } from '../../src/vez/rules/commands.js'
import type { Asked, Hours, LineModel, Person, Said } from './line-model.js'
import { chat, consultor, T0, turn } from './vez.js'

/** One thing that somebody asks for. */
export interface Act {
  /** As it is told. */
  readonly text: string
  /** As it is sent, and what the model answers once it comes to be decided. */
  readonly send: (line: LineModel) => readonly [Command, () => Said | string]
}

const DAYS = ['seg', 'ter', 'qua', 'qui', 'sex', 'sab', 'dom']
const HOUR_S = 3_600
const WEEK_H = 7 * 24
/** Hours from a Monday's midnight to the instant from which the model counts. */
const T0_H = 12

interface NamedHours extends Hours {
  readonly semana: string
}

const hours: fc.Arbitrary<NamedHours> = fc
  .record({
    day: fc.integer({ min: 0, max: 6 }),
    from: fc.integer({ min: 0, max: 23 }),
    hours: fc.integer({ min: 1, max: 23 }),
  })
  .map(({ day, from, hours }) => {
    const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`
    const holds = (at: number): boolean => {
      const hour = Math.floor(at / HOUR_S) + T0_H - (day * 24 + from)
      return ((hour % WEEK_H) + WEEK_H) % WEEK_H < hours
    }
    const since = (at: number): number => {
      let hour = Math.floor(at / HOUR_S)
      while (holds((hour - 1) * HOUR_S) === holds(at)) hour -= 1
      return hour * HOUR_S
    }
    return { semana: `${DAYS[day]} ${clock(from)}-${clock(from + hours)}`, holds, since }
  })

const agendaOf = (of: NamedHours | null) => of && { semana: of.semana, fuso: 'UTC' }

const id = fc.integer({ min: 1, max: 5 })
const idioma = fc.constantFrom('pt', 'pt-BR', 'pt-PT', 'en')
const idiomas = fc.uniqueArray(idioma, { minLength: 1, maxLength: 2 })
const team = fc.constantFrom('vendas', 'VENDAS', 'pós-venda', 'Pos-Venda')
const equipes = fc.uniqueArray(team, { maxLength: 2 })
const asked = fc.record({
  idioma,
  equipe: fc.option(team, { nil: undefined, freq: 2 }),
  preferido: fc.option(id, { nil: undefined, freq: 2 }),
})
const canal = fc.constantFrom('loja', 'filial')

const LONG_MS = 1e13
const TICK: Command = { tipo: 'tique', fresco: true }

const told = (wanted: Asked): string => Object.values(omitUndefined(wanted)).join(' ')

type Question = LineModel['asked'][number]

const wish = (consultor_id: number) => ({ preferido: { consultor_id, motivo: 'pedido' } })

function toCommand({ key: chave, asked: { preferido, idioma, equipe, canal }, chat: isChat }: Question): Command {
  const more = { ...omitUndefined({ equipe, canal }), ...(preferido !== undefined && wish(preferido)) }
  if (!isChat) return turn(idioma, { chave, ...more })
  return chat(chave, { chave, idioma, ...more, chat: { espera_max_ms: LONG_MS, janela_ms: 0 } })
}

const toAnswer = (line: LineModel, { key, asked, chat: isChat }: Question): Said =>
  isChat ? line.chat(asked, key) : line.turn(asked, key)

const ask = (isChat: boolean, wanted: Asked): Act => ({
  text: `${isChat ? 'a customer' : 'somebody'} asks for ${told(wanted)}`,
  send: (line) => {
    const question = { key: `k${line.asked.length + 1}`, asked: wanted, chat: isChat }
    line.asked.push(question)
    return [toCommand(question), () => toAnswer(line, question)]
  },
})

/** Once more with the key of an earlier request: whoever did not hear the answer, or a platform that tells twice. */
const again = (place: number): Act => ({
  text: `request ${place} (of those that there were) is repeated`,
  send: (line) => {
    const question = line.asked[place % line.asked.length]
    return question ? [toCommand(question), () => toAnswer(line, question)] : [TICK, () => 'feito']
  },
})

const change = (
  person: number,
  text: string,
  mudanca: ConsultorChange,
  work: (one: Person, line: LineModel) => void,
): Act => ({
  text: `${person}: ${text}`,
  send: (line) => [{ tipo: 'alterar', id: person, mudanca }, () => line.change(person, (one) => work(one, line))],
})

const tick: Act = { text: 'a tick', send: () => [TICK, () => 'feito'] }

const recount = (person: number): Act => ({
  text: `${person} is counted anew`,
  send: (line) => [{ tipo: 'recontar', ids: [person] }, () => line.recount(person)],
})

/** Whoever there is, so that something can be asked for at all. */
export const created = (idiomas: readonly string[], equipes: readonly string[]): Act => ({
  text: `new, with ${idiomas.join(' ')}${equipes.length > 0 ? ` of ${equipes.join(' ')}` : ''}`,
  send: (line) => {
    const { turno: _, ...dados } = consultor({ idiomas: [...idiomas], equipes: [...equipes] })
    return [{ tipo: 'criar', dados }, () => line.create(idiomas, equipes)]
  },
})

const removed = (person: number): Act => ({
  text: `${person} is removed`,
  send: (line) => [{ tipo: 'remover', id: person }, () => (line.people.delete(person) ? 'removido' : 'nao_encontrado')],
})

const numberFor = (person: number): Act => ({
  text: `a number for ${person}`,
  send: (line) => [{ tipo: 'numero', consultor_id: person }, () => line.numberFor(person)],
})

const commonLimit = (limite: number | null): Act => ({
  text: `the common limit is ${limite}`,
  send: (line) => [{ tipo: 'politica', mudanca: { limite } }, () => line.setLimit(limite ?? undefined)],
})

let changesOfAccounts = 0
const accountHours = (slug: string, of: NamedHours | null): Act => ({
  text: `${slug} is open ${of?.semana ?? 'always'}`,
  send: (line) => {
    changesOfAccounts += 1
    return [
      { tipo: 'conta', slug, agenda: agendaOf(of), criado_em: T0, rev: changesOfAccounts },
      () => {
        line.accounts.set(slug, { hours: line.lookUp(line.accounts.get(slug)?.hours, of ?? undefined) })
        return 'feito'
      },
    ]
  },
})

const limits = fc.option(fc.integer({ min: 0, max: 3 }))
const ofPerson = <T>(given: fc.Arbitrary<T>, make: (person: number, value: T) => Act): fc.Arbitrary<Act> =>
  fc.tuple(id, given).map(([person, value]) => make(person, value))

/** Another policy is one more line here, and a condition of the model. */
export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: asked.map((wanted) => ask(false, wanted)) },
  { weight: 6, arbitrary: fc.tuple(asked, canal).map(([wanted, by]) => ask(true, { ...wanted, canal: by })) },
  { weight: 3, arbitrary: fc.nat(30).map(again) },
  { weight: 2, arbitrary: fc.tuple(idiomas, equipes).map(([spoken, teams]) => created(spoken, teams)) },
  { weight: 1, arbitrary: id.map(removed) },
  { weight: 1, arbitrary: id.map(numberFor) },
  { weight: 2, arbitrary: id.map(recount) },
  { weight: 1, arbitrary: fc.constant(tick) },
  { weight: 1, arbitrary: limits.map(commonLimit) },
  { weight: 1, arbitrary: fc.tuple(canal, fc.option(hours)).map(([slug, of]) => accountHours(slug, of)) },
  ...(['ativo', 'sequencial', 'online'] as const).map((field) => ({
    weight: field === 'online' ? 3 : 1,
    arbitrary: ofPerson(fc.boolean(), (person, on) =>
      change(person, `${on ? '' : 'not '}${field}`, { [field]: on }, (one) => {
        one[field] = on
      }),
    ),
  })),
  {
    weight: 1,
    arbitrary: ofPerson(idiomas, (person, spoken) =>
      change(person, `speaks ${spoken.join(' ')}`, { idiomas: spoken }, (one) => {
        one.idiomas = spoken
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: ofPerson(equipes, (person, teams) =>
      change(person, `is of ${teams.join(' ') || 'no team'}`, { equipes: teams }, (one) => {
        one.equipes = teams
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: ofPerson(fc.option(fc.integer({ min: 1, max: 3 })), (person, minutos) =>
      change(
        person,
        `pause, ${minutos ?? 'no'} minutes`,
        { pausa: minutos === null ? {} : { minutos } },
        (one, { now }) => {
          one.paused = minutos === null ? Number.POSITIVE_INFINITY : now + minutos * 60
        },
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: id.map((person) =>
      change(person, 'back from a pause', { pausa: null }, (one) => {
        one.paused = undefined
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: ofPerson(limits, (person, limite) =>
      change(person, `has the limit ${limite}`, { limite }, (one) => {
        one.limite = limite ?? undefined
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: ofPerson(fc.option(hours), (person, of) =>
      change(person, `works ${of?.semana ?? 'always'}`, { agenda: agendaOf(of) }, (one, line) => {
        one.hours = line.lookUp(one.hours, of ?? undefined)
      }),
    ),
  },
)
