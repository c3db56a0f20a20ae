import { createHash } from 'node:crypto'
import type { Abre, Aviso, Consultor, Espera, ProtocoloPendente } from '../document.js'
import type { ChatTurnCommand, LeaveLineCommand } from './commands.js'
import { type Draft, MAX_ESPERA, MAX_ESPERA_POR_CANAL, originOf } from './draft.js'
import { sameLanguage, suits, type Wanted } from './eligibility.js'
import { isOlder } from './instants.js'
import { recordJoined, recordLeft } from './ledger.js'
import { whenOpen } from './opening.js'
import type { Choice } from './preference.js'
import { isOfTeam } from './teams.js'

/**
 * How a waiting customer stands: nobody is eligible; the consultor whose turn it is took a waiting customer a moment ago, or is
 * kept for one who waits before; the write is full; or it is his turn.
 */
export interface Standing {
  readonly situacao: 'ninguem' | 'intervalo' | 'atras' | 'cheia' | 'servido'
  /** Whom he gets, or will get as things stand. */
  readonly choice?: Choice
}

/**
 * Serves the waiting customers in order, as far as possible. Each gets his preferred person or whom the rule picks, as always.
 * If that consultor took a waiting customer less than one interval ago, this customer is held, and nobody who speaks his
 * language and is of his team takes a customer behind him: pacing delays a customer, it never gives him to somebody else.
 *
 * @param tell is told how each of them stands
 */
export function serveWaiting(
  draft: Draft,
  tell?: (cliente: Espera, standing: Standing) => void,
): readonly ProtocoloPendente[] {
  if (!draft.unsettled || draft.espera.length === 0) return []
  dropExpired(draft)
  const served: ProtocoloPendente[] = []
  const held: Wanted[] = []
  const still: Espera[] = []
  for (const cliente of draft.espera) {
    const standing = standingOf(draft, cliente, held)
    tell?.(cliente, standing)
    if (standing.choice && standing.situacao === 'servido') {
      const choice = {
        ...standing.choice,
        consultor: { ...standing.choice.consultor, espera_em: draft.moment.now },
      }
      const tarefas = cliente.tarefas?.servido ?? cliente.tarefas?.atribuido
      served.push(draft.assign(choice, cliente, tarefas, cliente))
      continue
    }
    if (standing.choice) held.push(cliente)
    still.push(cliente)
  }
  if (served.length > 0) draft.setEspera(still)
  draft.unsettled = false
  return served
}

/** @param held those who wait before him and are held */
function standingOf(draft: Draft, cliente: Espera, held: readonly Wanted[]): Standing {
  const choice = draft.choose(cliente)
  if (choice === undefined) return { situacao: 'ninguem' }
  if (draft.full) return { situacao: 'cheia', choice }
  if (isPaced(draft, choice.consultor)) return { situacao: 'intervalo', choice }
  return { situacao: held.some((one) => suits(choice.consultor, one)) ? 'atras' : 'servido', choice }
}

/** Did this consultor take a waiting customer less than one interval ago? A time farther in the future is a clock that was set back. */
function isPaced(draft: Draft, consultor: Consultor): boolean {
  const interval = draft.moment.esperaIntervaloMs
  if (consultor.espera_em === undefined) return false
  return Math.abs(draft.moment.now.getTime() - consultor.espera_em.getTime()) < interval
}

function dropExpired(draft: Draft): void {
  const still = draft.espera.filter((cliente) => {
    if (cliente.ate > draft.moment.now || draft.full) return true
    draft.expired += 1
    const { lugar } = draft.place()
    const { expirada = [] } = cliente.tarefas ?? {}
    if (expirada.length > 0) draft.owe(notice(draft, cliente, 'expirada', lugar, expirada, whenOpen(draft, cliente)))
    recordLeft(draft, cliente, 'expirada')
    return false
  })
  if (still.length < draft.espera.length) draft.setEspera(still)
}

/**
 * Is a customer of this language held, though somebody is eligible for him, and would this request get somebody of the team
 * that he waits for? Then it has to queue behind him.
 */
export function mustQueue(draft: Draft, request: Parameters<Draft['choose']>[0]): boolean {
  if (draft.espera.length === 0) return false
  const choice = draft.choose(request)
  return (
    choice !== undefined &&
    draft.espera.some(
      (cliente) =>
        sameLanguage(cliente.idioma, request.idioma) &&
        isOfTeam(choice.consultor, cliente.equipe) &&
        draft.next(cliente) !== undefined,
    )
  )
}

/** This customer's entry, by key or by any id of the contact. Two entries that prove to be one contact become the earlier one. */
export function findWaiting(
  draft: Draft,
  command: Pick<ChatTurnCommand, 'contato'> & Partial<Pick<ChatTurnCommand, 'chave' | 'conversa'>>,
): Espera | undefined {
  const ids = new Set(command.contato.ids)
  const same = draft.espera.filter(
    (cliente) => cliente.chave === command.chave || cliente.contato.ids.some((id) => ids.has(id)),
  )
  const [first, ...later] = same
  if (first === undefined) return undefined
  const known = new Set(same.flatMap((cliente) => cliente.contato.ids))
  for (const id of command.contato.ids) known.add(id)
  const conversas = conversationsOf([...same, command])
  const isKnown = known.size === first.contato.ids.length && conversas.length === conversationsOf([first]).length
  if (later.length === 0 && isKnown) return first
  const merged: Espera = {
    ...first,
    contato: { ...first.contato, ids: [...known] },
    ...(conversas.length > 1 && { outras_conversas: conversas.filter((one) => one !== first.conversa) }),
    ...continuedBy(same),
  }
  for (const cliente of later) recordLeft(draft, cliente, 'unida')
  draft.setEspera(
    draft.espera.flatMap((cliente) => (cliente === first ? [merged] : later.includes(cliente) ? [] : [cliente])),
  )
  return merged
}

/** Which protocol one of a customer's entries continues. */
function continuedBy(entries: readonly Espera[]): Pick<Espera, 'continua'> {
  const continua = entries.find((cliente) => cliente.continua !== undefined)?.continua
  return continua === undefined ? {} : { continua }
}

const MAX_CONVERSAS = 8

/** Where these asked, each once, the first ones. */
const conversationsOf = (all: readonly Pick<Espera, 'conversa' | 'outras_conversas'>[]): string[] => {
  const found = all.flatMap(({ conversa, outras_conversas = [] }) => [conversa, ...outras_conversas])
  return [...new Set(found.filter((one) => one !== undefined))].slice(0, MAX_CONVERSAS)
}

/**
 * Takes a customer who was helped elsewhere out of the line. An entry that is younger than the help stays: he asked again.
 *
 * @returns his entry, the earliest where he has several
 */
export function leaveLine(draft: Draft, command: LeaveLineCommand): Espera | undefined {
  const { canal, contato_ids, conversa, em } = command
  const left = draft.espera.filter(
    (cliente) =>
      cliente.canal === canal &&
      cliente.contato.ids.some((id) => contato_ids.includes(id)) &&
      (conversa === undefined || conversationsOf([cliente]).includes(conversa)) &&
      !(em && isOlder(em, cliente.desde)),
  )
  const [first] = left
  if (first === undefined) return undefined
  draft.setEspera(draft.espera.filter((cliente) => !left.includes(cliente)))
  for (const cliente of left) recordLeft(draft, cliente, 'ajudou')
  return { ...first, ...continuedBy(left) }
}

/**
 * Puts a customer at the end of the line; `undefined` when it is full.
 *
 * @param opens when somebody is there again, where nobody is because of the hour: his time begins then
 */
export function joinLine(draft: Draft, command: ChatTurnCommand, opens?: Date): Espera | undefined {
  const ofCanal = draft.espera.filter((cliente) => cliente.canal === command.canal).length
  if (draft.espera.length >= MAX_ESPERA || ofCanal >= MAX_ESPERA_POR_CANAL) return undefined
  const { now } = draft.moment
  const cliente: Espera = {
    ...originOf(command),
    id: createHash('sha256').update(command.chave).digest('base64url').slice(0, 22),
    chave: command.chave,
    idioma: command.idioma,
    contato: command.contato,
    desde: now,
    ate: new Date(beginning(now, opens) + command.chat.espera_max_ms),
    ...(command.tarefas !== undefined && { tarefas: command.tarefas }),
    ...(command.preferido !== undefined && { preferido: command.preferido }),
  }
  draft.setEspera([...draft.espera, cliente])
  recordJoined(draft, cliente)
  return cliente
}

/** Until it opens he waits for so long, ms: over a long weekend, not over holidays of a whole company. */
const MOST_CLOSED_MS = 7 * 86_400_000

const beginning = (now: Date, opens = now): number => Math.min(opens.getTime(), now.getTime() + MOST_CLOSED_MS)

export const placeInLine = (draft: Draft, cliente: Espera): number =>
  draft.espera.findIndex(({ id }) => id === cliente.id) + 1

/** A text owed to a customer who waits, or who waited too long. */
export function notice(
  draft: Draft,
  cliente: Espera,
  motivo: Aviso['motivo'],
  lugar: number,
  tarefas: readonly string[],
  abre?: Abre,
): Aviso {
  const posicao = placeInLine(draft, cliente)
  return {
    tipo: 'aviso',
    motivo,
    writeId: draft.moment.writeId,
    lugar,
    ...originOf(cliente),
    created_at: draft.moment.now,
    ...(motivo === 'em_espera' && { posicao }),
    ...(abre && { abre }),
    tarefas,
  }
}
