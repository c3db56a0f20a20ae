import type { Andamento } from '../../integrations/contract.js'
import { changeProtocolo, toChange } from '../protocolos/change.js'
import type { Canal } from './accounts.js'
import { contactIds } from './ask.js'
import type { ReceiveDeps } from './deps.js'
import { latestProtocolo } from './window.js'

/**
 * What people did with the conversation at the platform, on our protocol: resolved there is `concluido` here, and whoever has
 * it there is `responsavel` here; somebody we do not know is nobody, with the name in `historico`.
 */
export async function progress(deps: ReceiveDeps, canal: Canal, evento: Andamento): Promise<void> {
  const { protocolos, vez, clock } = deps
  await vez.sweep()
  const protocolo = await latestProtocolo(protocolos, contactIds(canal, evento.contato))
  if (!protocolo || protocolo.encerrado_em || protocolo.canal !== canal.slug) return
  const agora = clock.now()
  if (evento.enviado_em && evento.enviado_em < protocolo.created_at) return
  if (evento.tipo === 'encerramento') {
    await changeProtocolo(protocolos, vez, protocolo._id, (before) => toChange(before, { status: 'concluido' }, agora))
    return
  }
  const { responsavel } = evento
  if (!responsavel) return
  const { consultores } = await vez.fresh()
  const email = (responsavel.email ?? deps.emailOf(canal.slug, responsavel.id))?.toLowerCase()
  const known = [...consultores].find(([, one]) => email !== undefined && one.email?.toLowerCase() === email)
  await changeProtocolo(protocolos, vez, protocolo._id, (before) => {
    const change = toChange(before, { responsavel_id: known?.[0] ?? null }, agora)
    if (!change || known) return change
    const nome = responsavel.nome ?? responsavel.id
    const eventos = change.eventos.map((one) => (one.tipo === 'responsavel' ? { ...one, para: nome } : one))
    return { ...change, eventos }
  })
}
