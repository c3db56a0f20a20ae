import type { ChatReply } from '../../integrations/contract.js'
import { omitUndefined } from '../lib/omit.js'
import { phoneForms } from '../lib/phone.js'
import type { Tarefa } from '../tarefas/model.js'
import type { Consultor, Vez } from '../vez/document.js'
import { eligible, speaks } from '../vez/rules/eligibility.js'
import type { Arrival, ChatDeps } from './deps.js'
import { wasToldLately, workFor, workOwed } from './owed.js'
import { ignored } from './result.js'
import { plainText } from './trigger.js'

/** Whose own phone this is, in any of its forms; `undefined` when it is a customer's. */
export function consultorOfPhone(vez: Vez, telefone: string | undefined): readonly [number, Consultor] | undefined {
  const forms = new Set(telefone === undefined ? [] : phoneForms(telefone))
  const isHis = (his: string | undefined): boolean =>
    his !== undefined && phoneForms(his).some((form) => forms.has(form))
  return [...vez.consultores].find(([, consultor]) => isHis(consultor.telefone))
}

/** An older command is ignored: a platform that was away delivers all at once, and he may have changed his mind since. */
const MAX_AGE_MS = 300_000
const HOUR_MS = 3_600_000

type Word = 'online' | 'offline' | 'fila' | 'ajuda'

/**
 * A consultor never takes a turn of his own. `online` and `offline` switch him, `fila` tells him his place, where the account
 * allows it: once a message, so that one delivered again does not undo the next. What looks like a slip of the finger is answered
 * with the words that there are, at most once an hour: he may be chatting with the company's number.
 */
export async function obey(
  deps: ChatDeps,
  arrival: Arrival,
  [id, consultor]: readonly [number, Consultor],
): Promise<ChatReply> {
  const { canal, event, now } = arrival
  const word = canal.comandos ? wordOf(plainText(event.texto ?? '')) : undefined
  if (word === undefined) return ignored('consultor')
  const { vez, outbox } = deps
  if (event.enviado_em && now.getTime() - event.enviado_em.getTime() > MAX_AGE_MS) return ignored('antiga')
  if (word === 'ajuda' && (await wasToldLately(deps, arrival, 'texto_ajuda', HOUR_MS))) return ignored('consultor')
  const posicao = word === 'fila' ? placeOf(await vez.readFresh(), id, canal.idioma) : undefined
  const tipo = word === 'fila' && posicao === undefined ? 'texto_fora_da_fila' : (`texto_${word}` as const)
  const about = omitUndefined({ consultor_nome: consultor.nome, posicao })
  // Where he cannot be answered the message is stored all the same, as done: delivered again it is known.
  const tarefa: Tarefa = workOwed(arrival, tipo, about) ?? {
    ...workFor(arrival, tipo, about),
    estado: 'feita',
    encerrada_em: now,
  }
  if (await outbox.has(tarefa._id)) return ignored('comando')
  if (word === 'online' || word === 'offline')
    await vez.submit({ tipo: 'alterar', id, mudanca: { online: word === 'online' } })
  await outbox.insert(tarefa)
  return ignored('comando')
}

const COMMANDS = ['online', 'offline', 'fila'] as const
const MOST_WORDS_OF_A_SLIP = 2

/** The command that a plain text is; `ajuda` for one that asks which there are, or that misses one by a letter. */
function wordOf(text: string): Word | undefined {
  const command = COMMANDS.find((one) => one === text)
  if (command !== undefined || text === '') return command
  const words = text.split(' ')
  const isSlip = words.length <= MOST_WORDS_OF_A_SLIP && COMMANDS.some((one) => isNearly(words[0] ?? '', one))
  return isSlip || text === 'ajuda' || text === 'status' ? 'ajuda' : undefined
}

/** Are two words the same but for one letter: another one, one too many, one too few, or two that changed places? */
export function isNearly(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (long.length - short.length > 1) return false
  let start = 0
  while (start < short.length && short[start] === long[start]) start += 1
  if (short.length < long.length) return short.slice(start) === long.slice(start + 1)
  const isSwapped = short[start] === long[start + 1] && short[start + 1] === long[start]
  return (
    short.slice(start + 1) === long.slice(start + 1) || (isSwapped && short.slice(start + 2) === long.slice(start + 2))
  )
}

/** His place among those whose turn comes in this language, or else in the first that he speaks; `undefined` when he is out. */
function placeOf({ consultores }: Vez, id: number, idioma: string): number | undefined {
  const consultor = consultores.get(id)
  const spoken = consultor && (speaks(consultor, idioma) ? idioma : consultor.idiomas[0])
  if (spoken === undefined) return undefined
  const turnoOf = (one: number): number => consultores.get(one)?.turno ?? 0
  const order = eligible(consultores, spoken).sort((a, b) => turnoOf(a) - turnoOf(b) || a - b)
  const place = order.indexOf(id)
  return place < 0 ? undefined : place + 1
}
