import type { Config } from '../config.js'
import { DO_PIPEDRIVE } from '../tarefas/model.js'
import type { Contato } from '../vez/document.js'

/** The types of work that a turn or a protocol owes to Pipedrive, with this contact or without one. */
export type Owed = (contato: Contato | undefined) => readonly string[]

/** Without a token nothing is owed. */
export function owedToPipedrive(config: Pick<Config, 'PIPEDRIVE_API_TOKEN' | 'PIPEDRIVE_SEM_CONTATO'>): Owed {
  const { PIPEDRIVE_API_TOKEN, PIPEDRIVE_SEM_CONTATO } = config
  if (PIPEDRIVE_API_TOKEN === undefined) return () => []
  return (contato) => (contato || PIPEDRIVE_SEM_CONTATO === 'negocio' ? [DO_PIPEDRIVE] : [])
}
