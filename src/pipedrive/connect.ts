import { Account } from '../../integrations/pipedrive/account.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import { Limits } from '../../integrations/pipedrive/limits.js'
import type { NamedFields } from '../../integrations/pipedrive/mapping.js'
import { isExempt } from '../../integrations/pipedrive/tunnel.js'
import { type Config, toProxy } from '../config.js'
import type { Core } from '../core.js'
import { omitUndefined } from '../lib/omit.js'
import { protocoloModel } from '../protocolos/model.js'
import { clienteCollection } from './model.js'
import { Situation } from './situation.js'

type Base = Pick<Core, 'config' | 'connection' | 'clock' | 'random' | 'logger' | 'pipedriveTimeoutMs'>

/** One account, with the limits that all calls to it share. */
export type Connected = ReturnType<typeof connectPipedrive>

/** The account of this token, under its limits; what goes wrong is told to all replicas. */
export function connectPipedrive(base: Base, token: string) {
  const { config, clock, random, logger, pipedriveTimeoutMs: timeoutMs } = base
  const situation = new Situation(base)
  const limits = new Limits(clock, random, {
    paused: (pausa) => {
      logger.warn({ falha: pausa.falha, ate: pausa.ate.toISOString() }, 'Pipedrive is left alone until then')
      situation.paused(pausa)
    },
    resumed: (falha) => situation.resumed(falha),
    budget: (left) => situation.budget(left),
    failed: (failure) => situation.failed(failure),
  })
  const address = addressOf(config)
  const proxy = proxyTo(address.base, config)
  const pipedrive = pipedriveClient({ token, ...address, gate: limits, ...omitUndefined({ timeoutMs, proxy }) })
  const account = new Account(pipedrive, clock, namedFields(config))
  return { pipedrive, account, limits, situation }
}

/** Fields of the account that are used as ours. */
export const namedFields = (config: Config): NamedFields => ({
  protocolo: config.PIPEDRIVE_CAMPO_PROTOCOLO,
  consultor: config.PIPEDRIVE_CAMPO_CONSULTOR,
  canal: config.PIPEDRIVE_CAMPO_CANAL,
  idioma: config.PIPEDRIVE_CAMPO_IDIOMA,
})

/** What every part of this room works with; handed on as a whole. */
export type PipedriveCore = ReturnType<typeof pipedriveCore>

export function pipedriveCore(core: Core, token: string) {
  const { config, connection, logger } = core
  const connected = connectPipedrive(core, token)
  return {
    ...core,
    ...connected,
    protocolos: protocoloModel(connection),
    clientes: clienteCollection(connection),
    /** Throws when this is not the account that it should be. */
    ensureCompany: async (): Promise<void> => {
      try {
        await connected.account.ensureCompany(config.PIPEDRIVE_DOMINIO)
      } catch (error) {
        // The limits only see failed calls, and this failure is not one.
        if (error instanceof PipedriveFailure && error.falha === 'empresa') connected.situation.held(error)
        throw error
      }
    },
    /** To be called when the user of a consultor no longer exists. */
    onUserGone: async (usuario: number): Promise<void> => {
      logger.warn({ usuario }, 'this user of Pipedrive is gone: what was his is given to nobody')
      if (config.PIPEDRIVE_USUARIO_INATIVO === 'tirar') await takeOut(core, usuario)
    },
  }
}

/**
 * Takes the consultores with this user out of the sequence until a person puts them back. Throws when that could not be
 * written.
 */
async function takeOut({ vez, logger }: Core, usuario: number): Promise<void> {
  const fora_por = { motivo: 'usuario_do_pipedrive_inativo', id_pipedrive: usuario } as const
  for (const [id, { id_pipedrive, sequencial }] of (await vez.readFresh()).consultores) {
    if (id_pipedrive !== usuario || !sequencial) continue
    await vez.submit({
      tipo: 'alterar',
      id,
      mudanca: { fora_por },
      autor: { por: 'pipedrive', motivo: fora_por.motivo },
    })
    logger.warn({ consultor: id, usuario }, 'out of the sequence: the user of Pipedrive is gone')
  }
}

/** The proxy that the environment names for this address; a stand-in on this machine is called without one. */
export function proxyTo(
  base: string,
  { HTTPS_PROXY, NO_PROXY }: Pick<Config, 'HTTPS_PROXY' | 'NO_PROXY'>,
): string | undefined {
  const { protocol, hostname } = new URL(base)
  if (HTTPS_PROXY === undefined || protocol !== 'https:' || isExempt(hostname, NO_PROXY)) return undefined
  return toProxy(HTTPS_PROXY)
}

/** Where the API is: the company's own host, or while nobody has named the company the common one, whose v1 has another path. */
export function addressOf({
  PIPEDRIVE_BASE_URL,
  PIPEDRIVE_DOMINIO,
}: Pick<Config, 'PIPEDRIVE_BASE_URL' | 'PIPEDRIVE_DOMINIO'>): { readonly base: string; readonly v1?: string } {
  if (PIPEDRIVE_BASE_URL !== undefined) return { base: `${PIPEDRIVE_BASE_URL}/api` }
  if (PIPEDRIVE_DOMINIO !== undefined) return { base: `https://${PIPEDRIVE_DOMINIO}.pipedrive.com/api` }
  return { base: 'https://api.pipedrive.com/api', v1: 'https://api.pipedrive.com/v1' }
}
