import type { LocalTime } from '../lib/local-time.js'
import { clockWords, inWords, languageName } from '../lib/words.js'
import { byWhom, nameOf, PRESENCE, somebody } from '../protocolos/porque.js'
import type { Vez } from '../vez/document.js'
import type { EventoGuardado } from './model.js'

/** Whose names are told, and how instants are. */
export interface Told {
  readonly consultores: Vez['consultores']
  readonly time: LocalTime
}

/** What an event says, in a Portuguese sentence. */
export function eventInWords(evento: EventoGuardado, told: Told): string {
  const { por, motivo, consultores: [about] = [] } = evento
  const by = byWhom(por, motivo, about, told)
  return `${whatInWords(evento, told)}${by === undefined ? '' : `, ${by}`}.`
}

export const personName = (id: number, told: Pick<Told, 'consultores'>): string => nameOf(somebody(told, id))

function whatInWords(evento: EventoGuardado, told: Told): string {
  const { tipo, consultores = [], para = {}, motivo, canal } = evento
  const who = inWords(consultores.map((id) => personName(id, told)))
  switch (tipo) {
    case 'criado':
      return `${who}: cadastro novo, no fim da fila`
    case 'removido':
      return `${who}: cadastro removido`
    case 'presenca':
      return `${who} ${presenceInWords(evento, told)}`
    case 'alterado':
      return `${who}: ${fieldsInWords(evento)}`
    case 'recontado':
      return `${who}: ${count(Number(para.abertos), 'protocolo aberto', 'protocolos abertos')} na recontagem`
    case 'horario':
      return hoursInWords(evento, who)
    case 'politica':
      return `Para todos: ${fieldsInWords(evento)}`
    case 'entrou_na_espera':
      return `Um cliente entrou na espera${askedInWords(evento)}${canal === undefined ? '' : `, pela conta ${canal}`}`
    case 'saiu_da_espera':
      return `Um cliente saiu da espera sem a vez: ${LEFT[motivo ?? ''] ?? motivo?.replaceAll('_', ' ') ?? 'sem motivo'}`
    case 'inicio':
      return 'O livro começa aqui, com o quadro de consultores de então'
    default:
      return `${who === '' ? '' : `${who}: `}${tipo.replaceAll('_', ' ')}`
  }
}

const LEFT: Readonly<Record<string, string>> = {
  cancelada: 'foi retirado',
  expirada: 'o tempo dele acabou',
  ajudou: 'alguém o atendeu na plataforma',
  unida: 'é o mesmo de outra espera',
}

function presenceInWords({ para = {}, motivo, ate }: EventoGuardado, { time }: Told): string {
  const said = motivo === undefined || motivo === PRESENCE ? '' : ` (${motivo})`
  const [online, pausa] = [para.online, para.pausa]
  const parts = [
    ...(online === true ? ['ficou online'] : online === false ? [`ficou offline${pausa == null ? said : ''}`] : []),
    ...(pausa === null ? ['saiu da pausa'] : []),
    ...(pausa == null ? [] : [`entrou em pausa${ate ? ` até ${clockWords(time, ate, ate)}` : ''}${said}`]),
  ]
  return inWords(parts)
}

function hoursInWords({ canal, canais = [], para = {} }: EventoGuardado, who: string): string {
  const isIn = para.dentro !== false
  if (canal !== undefined) return `Conta ${canal}: outro horário`
  const accounts = canais.map((one) => `a conta ${one}`)
  const all = inWords([...(who === '' ? [] : [who]), ...accounts])
  return `Horário de ${all}: ${isIn ? 'começou' : 'acabou'}`
}

/** Fields as people know them. */
const FIELDS: Readonly<Record<string, string>> = {
  ativo: 'ativo',
  sequencial: 'na sequência',
  online: 'online',
  pausa: 'pausa',
  equipes: 'equipes',
  agenda: 'horário',
  idiomas: 'idiomas',
  limite: 'limite',
  fora_por: 'motivo de estar fora',
  feriados: 'feriados',
  fuso: 'fuso',
}

/** What was and what is now: `idiomas de pt para pt, en`; of what is long only its name. */
function fieldsInWords({ de = {}, para = {} }: EventoGuardado): string {
  const changed = Object.keys({ ...de, ...para }).filter((field) => FIELDS[field] !== undefined)
  const parts = changed.map((field) => {
    const [before, after] = [valueInWords(Reflect.get(de, field)), valueInWords(Reflect.get(para, field))]
    const values = before === undefined || after === undefined ? '' : ` de ${before} para ${after}`
    return `${FIELDS[field]}${values}`
  })
  return parts.length === 0 ? 'mudou' : `mudou ${inWords(parts)}`
}

function valueInWords(value: unknown): string | undefined {
  if (value == null) return 'nenhum'
  if (typeof value === 'boolean') return value ? 'sim' : 'não'
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'nenhum' : value.join(', ')
  return undefined
}

function askedInWords({ idioma, equipe }: EventoGuardado): string {
  const language = idioma === undefined ? '' : ` em ${languageName(idioma)}`
  return `${language}${equipe === undefined ? '' : `, da equipe ${equipe}`}`
}

const count = (value: number, one: string, many: string): string => `${value} ${value === 1 ? one : many}`
