import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import {
  findOwners,
  type KnownOwners,
  ownersIn,
  READ_TOKENS,
  SEARCH_TOKENS,
} from '../../integrations/pipedrive/known-owner.js'
import { describe } from '../lib/logger.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { clienteHash } from '../tarefas/cliente.js'
import type { Contato, Preferido } from '../vez/document.js'
import type { TurnCommand } from '../vez/rules/commands.js'
import type { Prefer } from '../vez/service.js'
import { clienteReader } from './clientes.js'
import type { PipedriveCore } from './connect.js'
import { consultoresByUser } from './consultores-by-user.js'
import { type Cliente, NO_LEASE } from './model.js'
import { searchBudget } from './search-budget.js'

/** A turn waits this long in all, ms. */
const WAIT_MS = 1_500
/** A customer is looked for at most once in this time, ms. */
const AGAIN_MS = 86_400_000
/** Customers that are looked for at once: while Pipedrive hangs, the others do not wait. */
const MOST_AT_ONCE = 8

/**
 * The consultor whose customer this is at Pipedrive. Our own records answer first, without a call; a customer whom they do not
 * know is looked for when he would take a turn now. Never throws, and never longer than 1.5 s: what cannot be found out in
 * time leaves the turn to the rule, and its `motivo` says why.
 */
export function preferredByPipedrive(core: PipedriveCore): Prefer {
  const { clock, logger } = core
  const owners = ownerSearch(core)
  return async (command) => {
    const hash = command.contato && clienteHash(command.contato)
    if (!command.contato || hash === undefined) return undefined
    const found = find(hash, command.contato, command).catch((error: unknown): Preferido => {
      if (error instanceof PipedriveFailure) return { motivo: error.falha }
      logger.warn(describe(error), "a customer's owner was not looked for")
      return { motivo: 'indisponivel' }
    })
    let cancel = (): void => undefined
    const late = new Promise<Preferido>((resolve) => {
      cancel = clock.after(WAIT_MS, () => resolve({ motivo: 'tempo_esgotado' }), 'pipedrive.preferred')
    })
    return Promise.race([found, late]).finally(() => cancel())
  }

  async function find(hash: string, contato: Contato, command: TurnCommand): Promise<Preferido | undefined> {
    const known = await owners.read(hash)
    const consultores = await consultoresByUser(core.vez)
    const preferido = known && preferredOf(donosOf(known), consultores)
    if (preferido?.consultor_id !== undefined) return preferido
    if (known?.procurado_em && isRecent(known.procurado_em, clock.now())) return preferido ?? { motivo: 'sem_dono' }
    if (contato.telefone === undefined && contato.email === undefined && known?.pessoa_id === undefined)
      return preferido
    if (!(await takesTurn(core, command))) return undefined
    const found = await owners.ask(hash, contato, known, (usuario) => consultores.has(usuario))
    return 'motivo' in found ? found : (preferredOf(found, consultores) ?? { motivo: 'sem_dono' })
  }
}

const isRecent = (at: Date, now: Date): boolean => Math.abs(now.getTime() - at.getTime()) < AGAIN_MS

/** Would this request take a turn now, or a place in the line? One that is answered again, or has somebody, asks nobody. */
async function takesTurn({ vez }: PipedriveCore, command: TurnCommand): Promise<boolean> {
  const result = await vez.preview(command)
  return (result.situacao === 'atribuido' || result.situacao === 'em_espera') && !result.repetida
}

/** A person that we made is known to be of whom we gave her to, until something else is heard of her. */
const donosOf = ({ donos, pessoa_dono_id }: Cliente): KnownOwners =>
  omitUndefined({ ...donos, pessoa: donos?.pessoa ?? pessoa_dono_id })

/** The first owner who is a consultor; `undefined` when nobody is known to have him. */
function preferredOf(known: KnownOwners, consultores: ReadonlyMap<number, number>): Preferido | undefined {
  const owners = ownersIn(known)
  for (const { usuario, motivo } of owners) {
    const consultor_id = consultores.get(usuario)
    if (consultor_id !== undefined) return { consultor_id, motivo }
  }
  return owners.length === 0 ? undefined : { motivo: 'dono_sem_consultor' }
}

/** Reads what we know of a customer's owners, and asks Pipedrive, within its budget. */
function ownerSearch({ connection, pipedrive, clientes, clock, limits }: PipedriveCore) {
  const budget = searchBudget(connection, clock, () => limits.budget?.limite)
  let running = 0

  async function ask(
    hash: string,
    contato: Contato,
    known: Cliente | undefined,
    isConsultor: (usuario: number) => boolean,
  ): Promise<KnownOwners | Preferido> {
    if (limits.pausedMs() > 0) return { motivo: 'em_pausa' }
    if (running >= MOST_AT_ONCE) return { motivo: 'ocupado' }
    running += 1
    try {
      if (!(await budget.take(known?.pessoa_id === undefined ? SEARCH_TOKENS : READ_TOKENS)))
        return { motivo: 'orcamento' }
      if (!(await begin(hash, known))) return { motivo: 'ocupado' }
      return await search(hash, contato, isConsultor, known?.pessoa_id)
    } finally {
      running -= 1
    }
  }

  /** Notes that he is being looked for; false: somebody else began meanwhile. */
  async function begin(_id: string, known: Cliente | undefined): Promise<boolean> {
    const before = known?.procurado_em ? { procurado_em: known.procurado_em } : { procurado_em: { $exists: false } }
    try {
      await clientes.updateOne(
        { _id, ...before },
        { $set: { procurado_em: clock.now() }, $setOnInsert: NO_LEASE },
        { upsert: true, ...LIMIT },
      )
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }

  /** What was not asked after all may be asked again before a day has passed. */
  async function search(
    _id: string,
    contato: Contato,
    isConsultor: (usuario: number) => boolean,
    pessoa_id: number | undefined,
  ): Promise<KnownOwners> {
    try {
      const found = await findOwners(pipedrive, contato, isConsultor, pessoa_id)
      await clientes.updateOne({ _id }, { $set: { donos: found } }, LIMIT)
      return found
    } catch (error) {
      if (error instanceof PipedriveFailure && error.isUndone)
        await clientes.updateOne({ _id }, { $unset: { procurado_em: '' } }, LIMIT)
      throw error
    }
  }

  return { read: clienteReader(clientes), ask }
}
