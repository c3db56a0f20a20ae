import type { Canal } from '../canais/accounts.js'
import type { EventReport } from '../canais/event-log.js'
import type { Vez } from '../vez/document.js'
import type { PainelDeps } from './deps.js'
import type { Canal as View } from './schema/gestao.js'

const HOUR_MS = 3_600_000
/** So long without an event an account that worked is told of. */
const SILENT_MS = 24 * HOUR_MS

type Situacao = View['situacao']

/** All accounts, and how they are doing. */
export async function channelsOf({ chat, vez, clock }: PainelDeps): Promise<View[]> {
  const snapshot = await vez.readFresh()
  const now = clock.now()
  const all = chat.accounts().toSorted((one, other) => one.guardado.nome.localeCompare(other.guardado.nome, 'pt-BR'))
  return Promise.all(all.map(async (canal) => toCanal(canal, await chat.eventsOf(canal), snapshot, now)))
}

export function toCanal(canal: Canal, { eventos, ultimas_24h }: EventReport, { espera }: Vez, now: Date): View {
  const [last] = eventos
  const count = Object.values(ultimas_24h).reduce((sum, one) => sum + one, 0)
  return {
    slug: canal.slug,
    nome: canal.guardado.nome,
    plataforma: canal.plataforma,
    plataforma_nome: canal.adapter.nome,
    ativo: canal.ativo,
    idioma: canal.idioma,
    gatilho: canal.gatilho,
    ...situationOf(canal, last, count, now),
    ultimo_evento_em: last?.em.toISOString() ?? null,
    esperando: espera.filter((one) => one.canal === canal.slug).length,
  }
}

function situationOf(
  { ativo }: Canal,
  last: EventReport['eventos'][number] | undefined,
  count: number,
  now: Date,
): { readonly situacao: Situacao; readonly frase: string } {
  if (!ativo) return { situacao: 'desligado', frase: 'Desligado: nada do que chega pega a vez' }
  if (last === undefined) return { situacao: 'silencioso', frase: 'Nenhum evento até agora: confira o webhook' }
  if (last.situacao === 'recusado') {
    const why = last.motivo == null ? '' : `: ${last.motivo.replaceAll('_', ' ')}`
    return { situacao: 'recusando', frase: `O último evento foi recusado${why}` }
  }
  const silentMs = now.getTime() - last.em.getTime()
  if (silentMs > SILENT_MS)
    return { situacao: 'silencioso', frase: `Nenhum evento há ${Math.floor(silentMs / HOUR_MS)} h` }
  return { situacao: 'bem', frase: count === 1 ? '1 evento em 24 h' : `${count} eventos em 24 h` }
}

/** Does it need a person? */
export const isTroubled = (one: View): one is View & { situacao: Exclude<Situacao, 'bem'> } => one.situacao !== 'bem'
