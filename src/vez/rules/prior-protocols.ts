import { isProtocolo, type ProtocoloPendente, type Vez } from '../document.js'
import type { PriorProtocol } from './commands.js'
import { countOpen, type OpenProtocols } from './limit.js'

/** The protocols that the keys and contacts of a batch have in `protocolos`, looked up after the snapshot was read. */
export interface PriorProtocols {
  readonly byKey: ReadonlyMap<string, PriorProtocol>
  /** Of each contact id the protocol with the highest number. */
  readonly byContact: ReadonlyMap<string, PriorProtocol>
  /** Of the people who are counted anew. */
  readonly open?: OpenProtocols
}

/** Looks these keys and contact ids up in `protocolos`, now. */
export type FindPrior = (keys: readonly string[], contactIds: readonly string[]) => Promise<PriorProtocols>

export const noPriorProtocols: PriorProtocols = { byKey: new Map(), byContact: new Map() }

/**
 * The protocols of these keys and contacts: from `protocolos`, from the snapshot's `pendentes`, and from the batch that is being
 * decided. One that is in both collections is taken from `protocolos`: only there it changes.
 */
export class PriorIndex {
  readonly #known: PriorProtocols
  readonly #byKey = new Map<string, ProtocoloPendente>()
  readonly #byContact = new Map<string, ProtocoloPendente>()
  readonly #pending: ProtocoloPendente[] = []

  constructor(vez: Vez, known: PriorProtocols) {
    this.#known = known
    for (const entry of vez.pendentes) if (isProtocolo(entry)) this.add(entry)
  }

  /** To be called in the order of the numbers: a later protocol of a contact replaces an earlier one. */
  add(protocolo: ProtocoloPendente): void {
    this.#pending.push(protocolo)
    if (protocolo.chave !== undefined) this.#byKey.set(protocolo.chave, protocolo)
    for (const id of protocolo.contato?.ids ?? []) this.#byContact.set(id, protocolo)
  }

  byKey(chave: string): PriorProtocol | undefined {
    const pendente = this.#byKey.get(chave)
    return this.#known.byKey.get(chave) ?? (pendente && toPriorProtocol(pendente))
  }

  /** How many open protocols this person has; `undefined` where it was not looked up. */
  openOf(id: number): number | undefined {
    const { open } = this.#known
    return open?.byConsultor.has(id) ? countOpen(id, open, this.#pending) : undefined
  }

  /** The contact's protocol with the highest number, whichever of its ids it is known by. */
  latestOf(ids: readonly string[]): PriorProtocol | undefined {
    let latest: PriorProtocol | undefined
    for (const id of ids) {
      const stored = this.#known.byContact.get(id)
      const pendente = this.#byContact.get(id)
      if (stored && stored.n >= (latest?.n ?? 0)) latest = stored
      if (pendente && pendente.n > (latest?.n ?? 0)) latest = toPriorProtocol(pendente)
    }
    return latest
  }
}

/** Before its copy a protocol is as its turn made it: each change copies it first. */
function toPriorProtocol(pendente: ProtocoloPendente): PriorProtocol {
  return {
    ...pendente,
    contato_ids: pendente.contato?.ids ?? [],
    status: 'aberto',
    responsavel_id: pendente.consultor_id ?? null,
    ultimo_contato_em: pendente.created_at,
  }
}
