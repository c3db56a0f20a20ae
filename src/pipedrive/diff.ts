import type { AtividadeDoPipedrive, NegocioDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { omitUndefined } from '../lib/omit.js'
import { type Asked, type Change, isOver, toChange } from '../protocolos/change.js'
import type { HistoryEntry, NoPipedrive, Protocolo } from '../protocolos/model.js'

/**
 * A deal whose owner changes so soon after it was made was reassigned by a rule
 * (docs/vendors/pipedrive.md#automatic-assignment): no person is so quick. ms.
 */
const AUTOMATIC_MS = 5_000
const MAX_MOTIVO = 200
/** Tolerance between our clock and Pipedrive's, ms. */
const SAME_TIME_MS = 120_000

/** Who the users over there are. */
export interface Directory {
  /** The consultor with this user. */
  consultorOf(usuario: number): number | undefined
  nameOf(usuario: number): string
}

export interface Diff {
  readonly change: Change
  /** The customer has another responsável. */
  readonly reassigned: boolean
  /** A rule of the account took the deal from the consultor of the turn. */
  readonly automatic: boolean
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
  deal: NegocioDoPipedrive | undefined,
  people: Directory,
  at: Date,
  hora?: string,
): Diff | undefined {
  const known = before.pipedrive
  if (!known || isOlder(deal, known.negocio_hora)) return undefined
  const situacao = deal ? (deal.status ?? known.negocio_situacao ?? 'open') : 'deleted'
  const owner = deal?.owner_id ?? known.negocio_dono_id
  const moved = known.negocio_dono_id !== undefined && owner !== known.negocio_dono_id
  const closed = situacao !== (known.negocio_situacao ?? 'open')
  const automatic = moved && isAutomatic(known, deal, hora)
  const told: HistoryEntry[] = []
  if (automatic && owner !== undefined) {
    told.push({ em: at, tipo: 'pipedrive', para: people.nameOf(owner), motivo: 'atribuicao_automatica' })
  }
  if (closed && situacao === 'deleted') told.push({ em: at, tipo: 'pipedrive', motivo: 'negocio_excluido' })
  const isEnd = closed && (situacao === 'won' || situacao === 'lost')
  return toDiff(before, people, at, {
    told,
    automatic,
    owner: moved && !automatic ? owner : undefined,
    changedAt: deal?.update_time,
    status: isEnd ? 'concluido' : undefined,
    motivo: situacao === 'won' ? 'negocio_ganho' : 'negocio_perdido',
    state: omitUndefined({
      negocio_situacao: situacao,
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
  if (!known || isOlder(activity, known.atividade_hora)) return undefined
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
  readonly automatic?: boolean
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
  const { told = [], automatic = false, owner, changedAt, status, motivo = 'pipedrive', state } = found
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
    automatic,
  }
}

const isAfter = (changedAt: string | null | undefined, end: Date | undefined): boolean =>
  !changedAt || !end || Date.parse(changedAt) > end.getTime() + SAME_TIME_MS

/** Both times are Pipedrive's and of one form, so that as strings they sort by time. */
const isOlder = (record: { readonly update_time?: string | null | undefined } | undefined, known?: string): boolean =>
  record?.update_time != null && known !== undefined && record.update_time < known

/** Did its owner change right after we made it? */
function isAutomatic({ negocio }: NoPipedrive, deal: NegocioDoPipedrive | undefined, hora?: string): boolean {
  if (negocio !== 'criado' && negocio !== 'novo') return false
  const [made, changed] = [Date.parse(deal?.add_time ?? ''), Date.parse(hora ?? deal?.update_time ?? '')]
  return changed - made <= AUTOMATIC_MS
}
