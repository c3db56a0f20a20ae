import type { Conhecido } from './ask.js'
import { isProtocolo, type ProtocoloPendente, type Vez } from './document.js'

/** What `protocolos` knows of the keys and contacts of a batch, looked up after the image that it is used with. */
export interface Known {
  readonly byKey: ReadonlyMap<string, Conhecido>
  /** Of each contact id the protocol with the highest number. */
  readonly byContact: ReadonlyMap<string, Conhecido>
}

/** Looks these keys and contact ids up in `protocolos`, now. */
export type FindPrior = (keys: readonly string[], contactIds: readonly string[]) => Promise<Known>

export const nothingKnown: Known = { byKey: new Map(), byContact: new Map() }

/**
 * All protocols that a decision may have to remember: those of `protocolos`, of the image's `pendentes`, and of this very
 * batch. Where one number stands in two of them, `protocolos` is right: only there a protocol changes.
 */
export class Memory {
  readonly #known: Known
  readonly #byKey = new Map<string, ProtocoloPendente>()
  readonly #byContact = new Map<string, ProtocoloPendente>()

  constructor(vez: Vez, known: Known) {
    this.#known = known
    for (const entry of vez.pendentes) if (isProtocolo(entry)) this.add(entry)
  }

  /** Protocols are added in the order of their numbers, so the latest wins. */
  add(protocolo: ProtocoloPendente): void {
    if (protocolo.chave !== undefined) this.#byKey.set(protocolo.chave, protocolo)
    for (const id of protocolo.contato?.ids ?? []) this.#byContact.set(id, protocolo)
  }

  byKey(chave: string): Conhecido | undefined {
    const pendente = this.#byKey.get(chave)
    return this.#known.byKey.get(chave) ?? (pendente && toConhecido(pendente))
  }

  /** The contact's protocol with the highest number, whichever of its ids it is known by. */
  latestOf(ids: readonly string[]): Conhecido | undefined {
    let latest: Conhecido | undefined
    for (const id of ids) {
      const stored = this.#known.byContact.get(id)
      const pendente = this.#byContact.get(id)
      if (stored && stored.n >= (latest?.n ?? 0)) latest = stored
      if (pendente && pendente.n > (latest?.n ?? 0)) latest = toConhecido(pendente)
    }
    return latest
  }
}

/** A protocol that has not been copied yet has not been changed either. */
function toConhecido(pendente: ProtocoloPendente): Conhecido {
  return {
    ...pendente,
    contato_ids: pendente.contato?.ids ?? [],
    status: 'aberto',
    responsavel_id: pendente.consultor_id ?? null,
    ultimo_contato_em: pendente.created_at,
  }
}
