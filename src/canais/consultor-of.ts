import type { EventContact } from '../../integrations/contract.js'
import { parseJid } from '../lib/jid.js'
import { phoneForms } from '../lib/phone.js'
import type { Consultor, Vez } from '../vez/document.js'
import type { Canal } from './accounts.js'
import type { Apelidos } from './apelidos.js'
import { contactIds } from './ask.js'

/** Whose own phone this is, in any of its forms; `undefined` when it is a customer's. */
export function consultorOfPhone(vez: Vez, telefone: string | undefined): readonly [number, Consultor] | undefined {
  const forms = new Set(telefone === undefined ? [] : phoneForms(telefone))
  const isHis = (his: string | undefined): boolean =>
    his !== undefined && phoneForms(his).some((form) => forms.has(form))
  return [...vez.consultores].find(([, consultor]) => isHis(consultor.telefone))
}

/** Whose e-mail this is; `undefined` when it is no consultor's. */
export function consultorOfEmail(
  { consultores }: Vez,
  email: string | undefined,
): readonly [number, Consultor] | undefined {
  const wanted = email?.toLowerCase()
  return wanted === undefined ? undefined : [...consultores].find(([, one]) => one.email?.toLowerCase() === wanted)
}

/**
 * Which consultor has written: by his phone; where none is told, by an id that came together with the phone that he has now, since
 * a gateway of WhatsApp may tell only a LID, and Meta only a business-scoped id. A message with both teaches his id; one with a
 * customer's phone takes it back.
 */
export async function consultorOf(
  apelidos: Apelidos,
  roster: Vez,
  canal: Pick<Canal, 'slug'>,
  { ids, telefone }: EventContact,
): Promise<readonly [number, Consultor] | undefined> {
  const consultor = consultorOfPhone(roster, telefone)
  const own = contactIds(canal, { ids: ids.filter(isPersonal) })
  if (own.length === 0) return consultor
  if (telefone === undefined) return consultorOfPhone(roster, await apelidos.phoneOf(own))
  if (consultor) await apelidos.learn(own, telefone, (one) => consultorOfPhone(roster, one) !== undefined)
  else await apelidos.forget(own)
  return consultor
}

/** A LID, or a business-scoped id (docs/vendors/chat.md#lid-and-bsuid): one person's, unlike the ids that a flow is told to send. */
const isPersonal = (id: string): boolean =>
  parseJid(id)?.tipo === 'lid' || /^(?:whatsapp:)?[A-Z]{2}\.(?:ENT\.)?\w+$/.test(id)
