import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { EventoGuardado } from './model.js'
import type { Person } from './rule.js'
import { type LineState, withPortrait } from './state.js'

const Limite = z.looseObject({ limite: z.number().nullish() })
const Dentro = z.looseObject({ dentro: z.boolean().nullish() })

/** What an event does to the line, and in words what of it cannot be. */
export function applyEvent(line: LineState, evento: EventoGuardado): string[] {
  const { tipo, canal, espera, idioma = '', para = {} } = evento
  if (tipo === 'removido') return removed(line, evento)
  if (tipo === 'politica') {
    line.setCommon(Limite.parse(para))
    return []
  }
  if (tipo === 'horario') return hours(line, evento)
  if (tipo === 'entrou_na_espera' && espera !== undefined) {
    const wasThere = line.waiting.has(espera)
    line.waiting.set(espera, { idioma, ...(canal !== undefined && { canal }) })
    return wasThere ? ['põe na espera quem já estava nela'] : []
  }
  if (tipo === 'saiu_da_espera' && espera !== undefined)
    return line.waiting.delete(espera) ? [] : ['tira da espera quem não estava nela']
  return changed(line, evento)
}

/** An account got other hours; or the hours of people and accounts began or ended by themselves, which they cannot twice. */
function hours(line: LineState, { canal, canais = [], consultores = [], para = {} }: EventoGuardado): string[] {
  const dentro = Dentro.parse(para).dentro ?? true
  if (canal !== undefined) {
    line.setAccount(canal, dentro)
    return []
  }
  const wasSo = [
    ...canais.map((one) => (line.accounts.get(one) ?? true) === dentro),
    ...consultores.map((id) => isIn(line.people.get(id)) === dentro),
  ]
  for (const one of canais) line.setAccount(one, dentro)
  for (const id of consultores) line.put(withPortrait(id, line.people.get(id), { dentro }))
  return wasSo.includes(true) ? [`muda o horário de quem já estava ${dentro ? 'dentro' : 'fora'} dele`] : []
}

const isIn = (person: Person | undefined): boolean => person?.dentro !== false

/** What an event says of people, added to what was known of them; what it says that was before has to be that. */
function changed(line: LineState, { tipo, consultores = [], de, para = {} }: EventoGuardado): string[] {
  return consultores.flatMap((id) => {
    const known = line.people.get(id)
    line.put(withPortrait(id, known, para))
    if (tipo === 'criado') return known ? ['cria quem já existia'] : []
    if (!known) return ['muda quem não existia']
    return isBefore(known, de) ? [] : [`diz outra coisa do que era antes com o consultor ${id}`]
  })
}

function removed(line: LineState, { consultores = [] }: EventoGuardado): string[] {
  const unknown = consultores.filter((id) => !line.people.has(id))
  for (const id of consultores) line.remove(id)
  return unknown.length > 0 ? ['remove quem não existia'] : []
}

/** Is what an event says of before what is known? Of hours only who was in is: each boundary has moved the rest. */
const isBefore = (known: Person, { horario, ...de }: NonNullable<EventoGuardado['de']> = {}): boolean =>
  (horario === undefined || isIn(known) === (Dentro.nullable().parse(horario)?.dentro !== false)) &&
  Object.entries(de).every(([field, value]) => isDeepStrictEqual(Reflect.get(known, field) ?? null, value ?? null))
