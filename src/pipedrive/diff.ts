import type { AtividadeDoPipedrive, NegocioDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { omitUndefined } from '../lib/omit.js'
import { type Asked, type Change, isOver, toChange } from '../protocolos/change.js'
import type { HistoryEntry, NoPipedrive, Protocolo } from '../protocolos/model.js'
import { isBefore } from './times.js'

/** A deal that is given away so soon after we made it may have been given by a rule, ms (docs/vendors/pipedrive.md#automatic-assignment). */
const SOON_MS = 60_000
const MAX_MOTIVO = 200
/** Tolerance between our clock and Pipedrive's, ms. */
const SAME_TIME_MS = 120_000

/** Who the users over there are. */
export interface Directory {
  /** The consultor with this user. */
  consultorOf(usuario: number): number | undefined
  nameOf(usuario: number): string
}

/** What is compared of a deal; of a lead the same. */
export type SeenDeal = Pick<
  NegocioDoPipedrive,
  'owner_id' | 'status' | 'is_archived' | 'lost_reason' | 'add_time' | 'update_time'
>

export interface Diff {
  readonly change: Change
  /** The customer has another responsável. */
  readonly reassigned: boolean
  /** A deal that we made has another owner, within a minute of its birth. */
  readonly soon: boolean
}

/** Why a deal's end ended its protocol, by the deal's state. */
const ENDS: Readonly<Record<string, string>> = {
  won: 'negocio_ganho',
  lost: 'negocio_perdido',
  archived: 'arquivado',
}

/**
 * What people did with the deal, on our protocol. It is compared with the deal as we last wrote or read it, so a repeated event
 * changes nothing; a deal older than the one known is dropped.
 *
 * @param deal as it is there now; `undefined` when it is gone
 * @param hora when it was changed, by the event that was the reason to read it
 * @returns `undefined` when there is nothing new
 */
export function diffDeal(
  before: Protocolo,
  deal: SeenDeal | undefined,
  people: Directory,
  at: Date,
  hora?: string,
): Diff | undefined {
  const known = before.pipedrive
  if (!known || isBefore(deal?.update_time, known.negocio_hora)) return undefined
  const situacao = situacaoOf(deal, known)
  const owner = deal?.owner_id ?? known.negocio_dono_id
  const moved = known.negocio_dono_id !== undefined && owner !== known.negocio_dono_id
  const turned = situacao !== (known.negocio_situacao ?? 'open')
  const soon = moved && isSoon(known, deal, hora)
  const told: HistoryEntry[] = []
  const excluido = known.negocio_id === undefined && known.lead_id !== undefined ? 'lead_excluido' : 'negocio_excluido'
  if (turned && situacao === 'deleted') told.push({ em: at, tipo: 'pipedrive', motivo: excluido })
  const end = turned ? ENDS[situacao] : undefined
  const reopens = turned && situacao === 'open' && endedByDeal(before)
  return toDiff(before, people, at, {
    told,
    soon,
    owner: moved ? owner : undefined,
    changedAt: deal?.update_time,
    status: end !== undefined ? 'concluido' : reopens ? 'em_andamento' : undefined,
    motivo: end ?? 'negocio_reaberto',
    state: omitUndefined({
      negocio_situacao: situacao,
      dono_trocado_logo: soon || undefined,
      motivo_da_perda: deal?.lost_reason == null ? undefined : [...deal.lost_reason].slice(0, MAX_MOTIVO).join(''),
      negocio_dono_id: owner,
      negocio_hora: deal?.update_time ?? undefined,
    }),
  })
}

/** The same for the activity: done there is `concluido` here, reopened there is `em_andamento`. */
export function diffActivity(
  before: Protocolo,
  activity: AtividadeDoPipedrive | undefined,
  people: Directory,
  at: Date,
): Diff | undefined {
  const known = before.pipedrive
  if (!known || isBefore(activity?.update_time, known.atividade_hora)) return undefined
  if (!activity || activity.is_deleted) {
    if (known.atividade_excluida) return undefined
    const told: HistoryEntry[] = [{ em: at, tipo: 'pipedrive', motivo: 'atividade_excluida' }]
    return toDiff(before, people, at, { told, state: { atividade_excluida: true } })
  }
  const done = activity.done ?? known.atividade_feita ?? false
  const owner = activity.owner_id ?? known.atividade_dono_id
  const moved = known.atividade_dono_id !== undefined && owner !== known.atividade_dono_id
  const turned = done !== (known.atividade_feita ?? false)
  const reopens = !done && isOver(before.status)
  return toDiff(before, people, at, {
    owner: moved ? owner : undefined,
    changedAt: activity.update_time,
    status: turned && done ? 'concluido' : turned && reopens ? 'em_andamento' : undefined,
    motivo: done ? 'atividade_concluida' : 'atividade_reaberta',
    state: omitUndefined({
      atividade_feita: done,
      atividade_dono_id: owner,
      atividade_hora: activity.update_time ?? undefined,
    }),
  })
}

interface Observed {
  readonly told?: readonly HistoryEntry[]
  readonly soon?: boolean
  /** The new owner; absent when it did not change. */
  readonly owner?: number | undefined
  /** When, by Pipedrive's clock. */
  readonly changedAt?: string | null | undefined
  readonly status?: 'concluido' | 'em_andamento' | undefined
  /** Of the status. */
  readonly motivo?: string
  readonly state: NoPipedrive
}

function toDiff(before: Protocolo, people: Directory, at: Date, found: Observed): Diff | undefined {
  const { told = [], soon = false, owner, changedAt, status, motivo = 'pipedrive', state } = found
  const wasOver = isOver(before.status)
  const responsavel_id = owner === undefined ? undefined : (people.consultorOf(owner) ?? null)
  // A protocol that is over keeps its responsável, and ends once.
  const asked: Asked = {
    responsavel_id: wasOver && isAfter(changedAt, before.encerrado_em) ? undefined : responsavel_id,
    status: wasOver && status === 'concluido' ? undefined : status,
  }
  const change = toChange(before, asked, at)
  const eventos = (change?.eventos ?? []).map((one): HistoryEntry => {
    if (one.tipo === 'status') return { ...one, motivo }
    return { ...one, para: one.para ?? (owner === undefined ? null : people.nameOf(owner)), motivo: 'pipedrive' }
  })
  const isNews = Object.entries(state).some(([field, value]) => Reflect.get(before.pipedrive ?? {}, field) !== value)
  if (!change && told.length === 0 && !isNews) return undefined
  return {
    change: {
      $set: change?.$set ?? {},
      $unset: change?.$unset ?? [],
      eventos: [...eventos, ...told],
      pipedrive: state,
    },
    reassigned: !wasOver && eventos.some(({ tipo }) => tipo === 'responsavel'),
    soon,
  }
}

const isAfter = (changedAt: string | null | undefined, end: Date | undefined): boolean =>
  !changedAt || !end || Date.parse(changedAt) > end.getTime() + SAME_TIME_MS

/** An archived deal keeps its status, and nothing more happens with it (docs/vendors/pipedrive.md#archived-and-deleted-deals). */
function situacaoOf(deal: SeenDeal | undefined, known: NoPipedrive): string {
  if (!deal) return 'deleted'
  return deal.is_archived ? 'archived' : (deal.status ?? known.negocio_situacao ?? 'open')
}

/** Did the end of the deal end the protocol, and nothing after it? */
const endedByDeal = ({ status, historico }: Protocolo): boolean =>
  status === 'concluido' &&
  Object.values(ENDS).includes(historico.findLast(({ tipo }) => tipo === 'status')?.motivo ?? '')

/** Did a deal that we made change hands right after its birth? */
function isSoon({ negocio }: NoPipedrive, deal: SeenDeal | undefined, hora?: string): boolean {
  if (negocio !== 'criado' && negocio !== 'novo') return false
  const [made, changed] = [Date.parse(deal?.add_time ?? ''), Date.parse(hora ?? deal?.update_time ?? '')]
  return changed - made <= SOON_MS
}
