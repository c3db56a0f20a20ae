import type { Consultor, Vez } from '../document.js'
import { type DrainResult, noDrainResult } from '../rules/draft.js'
import { absenceFrom, continuing, responsavelOf } from './absence.js'
import { crossBoundaries } from './boundaries.js'
import type {
  Absence,
  Assignment,
  ChatTurnCommand,
  Command,
  CommandResult,
  LeaveLineCommand,
  NumberCommand,
  PriorProtocol,
  TurnCommand,
} from './commands.js'
import { type DecisionContext, Draft } from './draft.js'
import { applyAccountHours, reviewHours } from './hours.js'
import { isOlder, isWithinWindow } from './instants.js'
import { recordCounted, recordLeft } from './ledger.js'
import { isOpenStatus } from './limit.js'
import { nobodyFor, whenOpen } from './opening.js'
import { applyPolitica } from './politica.js'
import { PriorIndex, type PriorProtocols } from './prior-protocols.js'
import { applyRoster } from './roster.js'
import { findWaiting, joinLine, leaveLine, mustQueue, notice, placeInLine, serveWaiting } from './waiting.js'

/** `lugar` of an answer that changed nothing: after every event of the version that it was read from. */
export const READ_PLACE = 9_999

export interface Decision {
  readonly vez: Vez
  /** False: there is nothing to write, and `vez` is the snapshot as it was. */
  readonly changed: boolean
  /** One for each command, in order. Fewer when `pendentes` or `eventos` is full: the rest waits for the drain. */
  readonly results: readonly CommandResult[]
  /** How many customers have waited too long. */
  readonly expired: number
}

/**
 * Decides a batch of commands. Pure. Nothing else in the program chooses a person or changes the roster.
 *
 * @param vez the snapshot that guards the write
 * @param commands in arrival order
 * @param known the protocols of their keys and contacts, looked up after the snapshot was read
 * @param drained what the drain has done with entries of `pendentes`
 */
export function decide(
  vez: Vez,
  commands: readonly Command[],
  known: PriorProtocols,
  context: DecisionContext,
  drained: DrainResult = noDrainResult,
): Decision {
  const draft = new Draft(vez, context, drained)
  const prior = new PriorIndex(vez, known)
  const results: CommandResult[] = []
  crossBoundaries(draft)
  for (const command of commands) {
    serveWaitingFirst(draft, prior)
    if (draft.full) break
    results.push(apply(draft, prior, command))
  }
  const tidies = draft.tidied && commands.some(({ tipo }) => tipo === 'tique')
  const proves = commands.slice(0, results.length).some((command) => command.tipo === 'tique' && command.grava)
  if (!draft.changed && !tidies && !proves) {
    const read = { versao: vez.versao, lugar: READ_PLACE }
    return { vez, changed: false, results: results.map((r) => (isReplay(r) ? r : { ...r, ...read })), expired: 0 }
  }
  return { vez: draft.seal(vez), changed: true, results, expired: draft.expired }
}

/** Does this repeat the answer of an earlier request with the same key? Only such a result may leave from a cached snapshot. */
export const isReplay = (result: CommandResult): boolean => result.situacao === 'atribuido' && result.repetida

function apply(draft: Draft, prior: PriorIndex, command: Command): CommandResult {
  switch (command.tipo) {
    case 'turno':
      return 'chat' in command ? chatTurn(draft, prior, command) : restTurn(draft, prior, command)
    case 'numero':
      return numberOnly(draft, prior, command)
    case 'cancelar_espera':
      return cancelWaiting(draft, command)
    case 'sair_da_espera':
      return helpedElsewhere(draft, prior, command)
    case 'reconhecer':
      findWaiting(draft, { contato: { ids: command.ids } })
      return { ...draft.place(), situacao: 'feito' }
    case 'tique':
      return { ...draft.place(), situacao: 'feito' }
    case 'conferir_horarios': {
      const position = draft.place()
      reviewHours(draft)
      serveWaitingFirst(draft, prior)
      return { ...position, situacao: 'feito' }
    }
    default: {
      const result = change(draft, prior, command)
      serveWaitingFirst(draft, prior)
      return result
    }
  }
}

type Change = Extract<Command, { tipo: 'criar' | 'alterar' | 'remover' | 'politica' | 'conta' | 'recontar' }>

/** A change of who may be picked. */
function change(draft: Draft, prior: PriorIndex, command: Change): CommandResult {
  if (command.tipo === 'politica') return applyPolitica(draft, command)
  if (command.tipo === 'conta') return applyAccountHours(draft, command)
  if (command.tipo === 'recontar') return recount(draft, prior, command.ids)
  return applyRoster(draft, command)
}

/** Sets how many open protocols these people have. */
function recount(draft: Draft, prior: PriorIndex, ids: readonly number[]): CommandResult {
  for (const id of ids) {
    const consultor = draft.consultores.get(id)
    const abertos = prior.openOf(id)
    if (!consultor || abertos === undefined || abertos === (consultor.abertos ?? 0)) continue
    draft.put(id, { ...consultor, abertos })
    recordCounted(draft, id, abertos)
  }
  return { ...draft.place(), situacao: 'feito' }
}

/** Serves the waiting customers: before each command, and after each change of the roster. */
function serveWaitingFirst(draft: Draft, prior: PriorIndex): void {
  for (const protocolo of serveWaiting(draft)) prior.add(protocolo)
}

/** A REST call: is its key known? Else a turn. It has no window and cannot wait. */
function restTurn(draft: Draft, prior: PriorIndex, command: TurnCommand): CommandResult {
  return replay(draft, prior, command) ?? takeTurn(draft, prior, command) ?? nobody(draft, command)
}

/** A chat message: is its key known? Does the customer wait already? Is he being attended, by somebody who is there? Else a turn, or he waits. */
function chatTurn(draft: Draft, prior: PriorIndex, command: ChatTurnCommand): CommandResult {
  const known = replay(draft, prior, command)
  if (known) return known
  const waiting = findWaiting(draft, command)
  if (waiting) {
    return {
      ...draft.place(),
      situacao: 'em_espera',
      espera_id: waiting.id,
      posicao: placeInLine(draft, waiting),
      repetida: true,
    }
  }
  const protocolo = prior.latestOf(command.contato.ids)
  if (!protocolo || !belongsTo(draft, command, protocolo)) return serveOrWait(draft, prior, command)
  const ausencia = absenceFrom(draft, command, protocolo)
  return (ausencia && passOn(draft, prior, command, protocolo)) ?? attended(draft, protocolo, ausencia)
}

function serveOrWait(draft: Draft, prior: PriorIndex, command: ChatTurnCommand): CommandResult {
  const { esperar } = command.chat
  if (esperar && mustQueue(draft, command)) return wait(draft, command)
  return takeTurn(draft, prior, command) ?? (esperar ? wait(draft, command) : nobody(draft, command))
}

/** Gives the turn to the preferred person or to whom the rule picks; `undefined` when nobody is eligible. */
function takeTurn(draft: Draft, prior: PriorIndex, command: TurnCommand): CommandResult | undefined {
  const choice = draft.choose(command)
  if (choice === undefined) return undefined
  const protocolo = draft.assign(choice, command, command.tarefas?.atribuido)
  prior.add(protocolo)
  return assigned(protocolo, draft.consultores.get(choice.id), false)
}

const nobody = (draft: Draft, command: TurnCommand): CommandResult => ({
  ...draft.place(),
  situacao: 'indisponivel',
  ...nobodyFor(draft, command),
})

function wait(draft: Draft, command: ChatTurnCommand): CommandResult {
  const position = draft.place()
  const abre = whenOpen(draft, command)
  const cliente = joinLine(draft, command, abre?.em)
  if (!cliente) return { ...position, situacao: 'indisponivel', motivo: 'fila_cheia' }
  const tarefas = command.tarefas?.em_espera
  if (tarefas?.length) draft.owe(notice(draft, cliente, 'em_espera', position.lugar, tarefas, abre))
  return {
    ...position,
    situacao: 'em_espera',
    espera_id: cliente.id,
    posicao: placeInLine(draft, cliente),
    repetida: false,
    ...(abre && { abre }),
  }
}

function cancelWaiting(draft: Draft, { id, autor }: Extract<Command, { tipo: 'cancelar_espera' }>): CommandResult {
  const position = draft.place()
  const cliente = draft.espera.find((one) => one.id === id)
  if (!cliente) return { ...position, situacao: 'nao_encontrado' }
  draft.setEspera(draft.espera.filter((one) => one !== cliente))
  recordLeft(draft, cliente, 'cancelada', autor)
  return { ...position, situacao: 'cancelada' }
}

/**
 * A customer who waited has somebody, without a turn. His number keeps key, ids and language of his request, so that the same
 * message delivered again is a replay.
 */
function helpedElsewhere(draft: Draft, prior: PriorIndex, command: LeaveLineCommand): CommandResult {
  const cliente = leaveLine(draft, command)
  if (!cliente) return { ...draft.place(), situacao: 'nao_encontrado' }
  const { responsavel } = command
  const consultor = typeof responsavel === 'number' ? draft.consultores.get(responsavel) : undefined
  if (!consultor && typeof responsavel !== 'string') return { ...draft.place(), situacao: 'cancelada' }
  const protocolo = draft.number(cliente, cliente.tarefas?.ajudou, {
    por: 'ajudou',
    esperou_desde: cliente.desde,
    espera_id: cliente.id,
    ...(typeof responsavel === 'string' && { atendente: responsavel }),
    ...(typeof responsavel === 'number' && consultor && { consultor_id: responsavel, consultor_nome: consultor.nome }),
  })
  prior.add(protocolo)
  return assigned(protocolo, consultor, false)
}

/** A number without a turn: nobody's place in the queue moves. */
function numberOnly(draft: Draft, prior: PriorIndex, command: NumberCommand): CommandResult {
  const known = replay(draft, prior, command)
  if (known) return known
  const { consultor_id } = command
  const consultor = consultor_id === undefined ? undefined : draft.consultores.get(consultor_id)
  if (consultor_id !== undefined && !consultor) return { ...draft.place(), situacao: 'nao_encontrado' }
  const whose = consultor_id !== undefined && consultor ? { consultor_id, consultor_nome: consultor.nome } : {}
  const protocolo = draft.number(command, command.tarefas?.atribuido, { ...whose, por: 'numero' })
  prior.add(protocolo)
  return assigned(protocolo, consultor, false)
}

/** The answer of an earlier request with this key. The same Idempotency-Key for something else is refused. */
function replay(
  draft: Draft,
  prior: PriorIndex,
  { chave, impressao }: TurnCommand | NumberCommand,
): CommandResult | undefined {
  const known = chave === undefined ? undefined : prior.byKey(chave)
  if (!known) return undefined
  if (impressao !== undefined && known.impressao !== impressao)
    return { ...draft.place(), situacao: 'chave_reutilizada' }
  const consultor = known.consultor_id === undefined ? undefined : draft.consultores.get(known.consultor_id)
  return assigned(known, consultor, true)
}

function assigned(
  protocolo: Assignment & { versao: number; lugar: number },
  consultor: Consultor | undefined,
  repetida: boolean,
): CommandResult {
  const { versao, lugar } = protocolo
  return { versao, lugar, situacao: 'atribuido', atribuicao: protocolo, ...(consultor && { consultor }), repetida }
}

/** Does this message belong to the contact's last protocol: still open and recent with someone who is there, or older than its end? */
function belongsTo(draft: Draft, { chat }: ChatTurnCommand, protocolo: PriorProtocol): boolean {
  if (protocolo.encerrado_em && chat.enviado_em && isOlder(chat.enviado_em, protocolo.encerrado_em)) return true
  if (!isOpenStatus(protocolo.status)) return false
  if (!responsavelOf(draft, protocolo)?.ativo && protocolo.atendente === undefined) return false
  return isWithinWindow(protocolo.ultimo_contato_em, draft.moment.now, chat.janela_ms)
}

function attended(draft: Draft, protocolo: PriorProtocol, ausencia?: Absence): CommandResult {
  const responsavel = responsavelOf(draft, protocolo)
  return {
    ...draft.place(),
    situacao: 'em_atendimento',
    protocolo,
    ...(responsavel && { consultor: responsavel }),
    ...(ausencia && { ausencia }),
  }
}

/**
 * A turn, or a place in the line, for a customer whose responsável is absent. `undefined` when he stays: by the account's
 * choice, because nobody else is eligible, or because the line is full.
 */
function passOn(
  draft: Draft,
  prior: PriorIndex,
  command: ChatTurnCommand,
  before: PriorProtocol,
): CommandResult | undefined {
  const { passar } = command.chat.ausente
  if (!passar || draft.next(command) === undefined) return undefined
  const result = serveOrWait(draft, prior, continuing(command, before, passar))
  return result.situacao === 'indisponivel' ? undefined : result
}
