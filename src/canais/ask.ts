import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Account, AnyAdapter, EventContact, InboundMessage } from '../../integrations/contract.js'
import { omitUndefined } from '../lib/omit.js'
import { phoneForms } from '../lib/phone.js'
import type { Contato, TarefasDevidas, Vez } from '../vez/document.js'
import type { ChatTurnCommand } from '../vez/rules/commands.js'
import { MAX_NOME } from '../vez/rules/draft.js'
import { suits } from '../vez/rules/eligibility.js'
import type { Canal } from './accounts.js'
import type { Arrival } from './deps.js'

const MAX_IDS = 8
/** Longer names are told by their hash: what waits for its copy has to stay small (docs/guarantees.md#bounds). */
const MAX_NAME = 128
const short = (name: string): string =>
  name.length <= MAX_NAME ? name : createHash('sha256').update(name).digest('base64url')

const MAX_REFERENCIA = 200

/**
 * The names of a customer in this account. A phone counts in every form that it may come by, so that one without its ninth
 * digit is the same person; ids of two accounts are never the same.
 */
export function contactIds({ slug }: Pick<Canal, 'slug'>, { ids, telefone }: EventContact): string[] {
  const phones = telefone === undefined ? [] : phoneForms(telefone).map((form) => `tel:${form}`)
  return [...new Set([...ids, ...phones])].slice(0, MAX_IDS).map((id) => `${slug}:${short(id)}`)
}

export function toContato(canal: Pick<Canal, 'slug'>, contato: EventContact): Contato {
  const { nome, telefone, email } = contato
  return omitUndefined({
    ids: contactIds(canal, contato),
    nome: nome && [...nome].slice(0, MAX_NOME).join(''),
    telefone,
    // A text that is no e-mail address finds no person.
    email: Email.safeParse(email).data,
  })
}

const Email = z.string().max(255, { abort: true }).check(z.email())

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/**
 * `<plataforma>:<slug>:<message id>`; where the platform sends no id, a hash of what makes the message this one. Without a
 * time of the platform either, the minute in which it came stands for it: the same words next month are another request.
 */
export function toChave(
  { plataforma, slug }: Pick<Canal, 'plataforma' | 'slug'>,
  event: InboundMessage,
  now: Date,
): string {
  const { mensagem_id, contato, enviado_em, texto, conversa } = event
  const made = (): string => {
    const parts = [contato.ids[0], conversa, enviado_em?.toISOString() ?? Math.floor(now.getTime() / MINUTE_MS), texto]
    return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
  }
  return `${plataforma}:${slug}:${short(event.chave ?? mensagem_id ?? made())}`
}

/** Has an account with these settings what it takes to act at its platform? */
export const canSend = ({ adapter, conta }: { adapter: AnyAdapter; conta: Pick<Account, 'ajustes'> }): boolean =>
  adapter.sendText !== undefined && (adapter.canSend?.(conta.ajustes) ?? true)

/**
 * What happens after each outcome: decided with the turn, so that whoever copies it reads no settings.
 *
 * @param owed what the turn owes besides
 * @param assign how the conversation is assigned: `reatribuir` takes it from whoever has it
 */
export function toTarefas(
  canal: Canal,
  owed: readonly string[] = [],
  assign: 'atribuir' | 'reatribuir' = 'atribuir',
): TarefasDevidas {
  const { adapter, conta, avisar_consultor } = canal
  const sends = canSend(canal)
  const isRead = adapter.replyReader(conta.ajustes) !== 'nobody'
  const others = [
    ...(adapter.assign && sends ? [assign] : []),
    ...(adapter.addNote && sends ? ['nota'] : []),
    ...(adapter.textPhone && sends && avisar_consultor ? ['avisar_consultor'] : []),
    ...owed,
  ]
  const text = (nome: string): string[] => (sends ? [`texto_${nome}`] : [])
  return {
    atribuido: [...(isRead ? [] : text('atribuido')), ...others],
    servido: [...text('atribuido'), ...others],
    em_espera: isRead ? [] : text('em_espera'),
    expirada: text('expirada'),
    ajudou: owed,
  }
}

/** The customer's language when somebody of the account's team speaks it, else the account's. */
export function toIdioma(canal: Pick<Canal, 'idioma' | 'equipe'>, idioma: string | undefined, vez: Vez): string {
  if (idioma === undefined) return canal.idioma
  const wanted = omitUndefined({ idioma, equipe: canal.equipe ?? undefined })
  const isSpoken = [...vez.consultores.values()].some((one) => one.ativo && one.sequencial && suits(one, wanted))
  return isSpoken ? idioma : canal.idioma
}

/** A customer's message as the turn is asked. */
export function toCommand(
  { canal, event, now }: Arrival,
  vez: Vez,
  owed: (contato: Contato) => readonly string[] = () => [],
): ChatTurnCommand {
  const { conversa, referencia, enviado_em } = event
  const contato = toContato(canal, event.contato)
  const besides = owed(contato)
  const passes = canal.responsavel_ausente === 'passar'
  return omitUndefined({
    tipo: 'turno' as const,
    idioma: toIdioma(canal, event.contato.idioma, vez),
    equipe: canal.equipe ?? undefined,
    plataforma: canal.plataforma,
    canal: canal.slug,
    contato,
    conversa,
    chave: toChave(canal, event, now),
    referencia: referencia?.slice(0, MAX_REFERENCIA),
    tarefas: toTarefas(canal, besides),
    chat: omitUndefined({
      esperar: canal.esperar,
      espera_max_ms: canal.espera_max_min * MINUTE_MS,
      janela_ms: canal.janela_h * HOUR_MS,
      enviado_em,
      ausente: {
        ms: canal.ausente_min * MINUTE_MS,
        ...(passes && { passar: toTarefas(canal, besides, 'reatribuir') }),
      },
    }),
  })
}
