import { isDeepStrictEqual } from 'node:util'
import type { Agenda, Consultor, Pausa } from '../document.js'
import type { Autor, Command, CommandResult, ConsultorChange, ConsultorData, Position } from './commands.js'
import { type Draft, MAX_CONSULTORES } from './draft.js'
import { horarioAfter, planoOf } from './hours.js'
import { recordChange, recordNew, recordRemoved, SISTEMA } from './ledger.js'
import { pausaAfter } from './pause.js'

type Comando = Extract<Command, { tipo: 'criar' | 'alterar' | 'remover' }>

/** Applies one roster command. A new consultor is last in the order; a change of status moves nobody. */
export function applyRoster(draft: Draft, comando: Comando): CommandResult {
  const position = draft.place()
  const { autor = SISTEMA } = comando
  if (comando.tipo === 'criar') return create(draft, comando.dados, autor, position)
  const consultor = draft.consultores.get(comando.id)
  if (!consultor) return { ...position, situacao: 'nao_encontrado' }
  if (comando.tipo === 'remover') {
    draft.put(comando.id, undefined)
    recordRemoved(draft, comando.id, consultor, autor, position)
    return { ...position, situacao: 'removido' }
  }
  return change(draft, comando.id, consultor, comando, position)
}

function create(draft: Draft, dados: ConsultorData, autor: Autor, position: Position): CommandResult {
  if (emailTaken(draft, dados.email)) return { ...position, situacao: 'email_em_uso' }
  if (draft.consultores.size >= MAX_CONSULTORES) return { ...position, situacao: 'roster_cheio' }
  draft.ultimo_consultor_id += 1
  const id = draft.ultimo_consultor_id
  const { now } = draft.moment
  const { equipes = [], ...others } = dados
  const horario = horarioAfter(planoOf(dados.agenda, draft), undefined, now)
  const consultor: Consultor = {
    ...others,
    ...ofTeams(equipes),
    ...presenceBy(autor, now),
    ...(horario && { horario }),
    turno: draft.seq,
  }
  draft.put(id, consultor)
  recordNew(draft, id, consultor, autor, position)
  return { ...position, situacao: 'consultor', id, consultor, politica: draft.politica }
}

function change(
  draft: Draft,
  id: number,
  before: Consultor,
  { mudanca, autor = SISTEMA }: Extract<Command, { tipo: 'alterar' }>,
  position: Position,
): CommandResult {
  const { now } = draft.moment
  const pausa = pausaAfter(before.pausa, mudanca.pausa, autor, now)
  const changed = merge(before, mudanca, presenceBy(autor, now), pausa)
  const consultor = mudanca.agenda === undefined ? changed : withHours(draft, changed, mudanca.agenda)
  if (emailTaken(draft, consultor.email, id)) return { ...position, situacao: 'email_em_uso' }
  if (!sameConsultor(before, consultor)) {
    draft.put(id, consultor)
    const { motivo, ate } = (consultor.pausa !== before.pausa && consultor.pausa) || {}
    recordChange(draft, id, before, consultor, motivo === undefined ? autor : { ...autor, motivo }, position, ate)
  }
  return { ...position, situacao: 'consultor', id, consultor, politica: draft.politica }
}

/** Whoever is of no team has no list of them. */
const ofTeams = (equipes: readonly string[]): Pick<Consultor, 'equipes'> => (equipes.length > 0 ? { equipes } : {})

/** New hours take effect in the command that sets them. */
function withHours(draft: Draft, { agenda: _, horario: before, ...rest }: Consultor, agenda: Agenda | null): Consultor {
  const horario = horarioAfter(planoOf(agenda ?? undefined, draft), before, draft.moment.now)
  return { ...rest, ...(agenda && { agenda }), ...(horario && { horario }) }
}

/** Since when somebody's presence is as it is, and by whom. */
const presenceBy = ({ por, motivo }: Autor, now: Date) => ({
  desde: now,
  desde_por: por,
  ...(motivo !== undefined && { desde_motivo: motivo }),
})

/** @param presence what is kept of a presence that changes with it */
function merge(
  before: Consultor,
  mudanca: ConsultorChange,
  presence: ReturnType<typeof presenceBy>,
  pausa: Pausa | undefined,
): Consultor {
  const {
    email: oldEmail,
    telefone: oldTelefone,
    id_pipedrive: oldPipedrive,
    fora_por: oldReason,
    limite: oldLimite,
    ...rest
  } = before
  if (mudanca.fora_por) return takenOut(before, mudanca.fora_por)
  const { pausa: _, equipes: oldTeams = [], ...kept } = rest
  const email = cleared(oldEmail, mudanca.email)
  const telefone = cleared(oldTelefone, mudanca.telefone)
  const id_pipedrive = cleared(oldPipedrive, mudanca.id_pipedrive)
  const limite = cleared(oldLimite, mudanca.limite)
  const online = mudanca.online ?? before.online
  const isMoved = online !== before.online
  const { desde_motivo, ...stays } = kept
  const isPersons = mudanca.sequencial != null || id_pipedrive !== oldPipedrive
  return {
    ...(isMoved ? { ...stays, ...presence } : kept),
    ...(oldReason !== undefined && !isPersons && { fora_por: oldReason }),
    nome: mudanca.nome ?? before.nome,
    idiomas: mudanca.idiomas ?? before.idiomas,
    ...ofTeams(cleared(oldTeams, mudanca.equipes) ?? []),
    ativo: mudanca.ativo ?? before.ativo,
    sequencial: mudanca.sequencial ?? before.sequencial,
    online,
    ...(pausa !== undefined && { pausa }),
    ...(email !== undefined && { email }),
    ...(telefone !== undefined && { telefone }),
    ...(id_pipedrive !== undefined && { id_pipedrive }),
    ...(limite !== undefined && { limite }),
  }
}

/** Takes this person out of the sequence, unless he has another user by now or is out already. */
const takenOut = (before: Consultor, { motivo, id_pipedrive }: NonNullable<ConsultorChange['fora_por']>): Consultor =>
  before.id_pipedrive === id_pipedrive && before.sequencial
    ? { ...before, sequencial: false, fora_por: motivo }
    : before

/** The value after a partial change: absent keeps, `null` clears. */
const cleared = <T>(before: T | undefined, after: T | null | undefined): T | undefined =>
  after === undefined ? before : (after ?? undefined)

function sameConsultor(one: Consultor, other: Consultor): boolean {
  return (
    one.nome === other.nome &&
    one.email === other.email &&
    one.telefone === other.telefone &&
    one.id_pipedrive === other.id_pipedrive &&
    one.ativo === other.ativo &&
    one.sequencial === other.sequencial &&
    one.online === other.online &&
    one.limite === other.limite &&
    one.fora_por === other.fora_por &&
    isDeepStrictEqual(one.pausa, other.pausa) &&
    isDeepStrictEqual(one.equipes, other.equipes) &&
    isDeepStrictEqual(one.agenda, other.agenda) &&
    isDeepStrictEqual(one.horario, other.horario) &&
    one.idiomas.join() === other.idiomas.join()
  )
}

function emailTaken(draft: Draft, email: string | undefined, except?: number): boolean {
  if (email === undefined) return false
  const wanted = email.toLowerCase()
  for (const [id, consultor] of draft.consultores) {
    if (id !== except && consultor.email?.toLowerCase() === wanted) return true
  }
  return false
}
