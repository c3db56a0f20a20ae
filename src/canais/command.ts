import type { ChatReply } from '../../integrations/contract.js'
import { localTime } from '../lib/local-time.js'
import { omitUndefined } from '../lib/omit.js'
import type { Consultor, Vez } from '../vez/document.js'
import type { ConsultorChange } from '../vez/rules/commands.js'
import { speaks } from '../vez/rules/eligibility.js'
import { turnOrder } from '../vez/rules/line.js'
import { isOfTeam } from '../vez/rules/teams.js'
import type { Canal } from './accounts.js'
import type { Arrival, ChatDeps } from './deps.js'
import { asDone, wasToldLately, workFor, workOwed } from './owed.js'
import { pauseOf } from './pause-word.js'
import { ignored } from './result.js'
import { plainText } from './trigger.js'

/** An older command is ignored: a platform that was away delivers all at once, and he may have changed his mind since. */
const MAX_AGE_MS = 300_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

type Word = 'online' | 'offline' | 'pausa' | 'fila' | 'ajuda'

/** What he asks for, and what it changes of him. */
interface Order {
  readonly word: Word
  readonly mudanca?: ConsultorChange
}

/**
 * A consultor never takes a turn of his own. `online` and `offline` switch him, `pausa` lets him rest, `fila` tells him his
 * place, where the account allows it: once a message, so that one delivered again does not undo the next. What looks like a slip of the finger is answered
 * with the words that there are, at most once an hour: he may be chatting with the company's number.
 */
export async function obey(
  deps: ChatDeps,
  arrival: Arrival,
  [id, consultor]: readonly [number, Consultor],
): Promise<ChatReply> {
  const { canal, event, now } = arrival
  const order = canal.comandos ? orderOf(event.texto ?? '') : undefined
  if (order === undefined) return ignored('consultor')
  const { word, mudanca } = order
  const { vez, outbox } = deps
  if (event.enviado_em && now.getTime() - event.enviado_em.getTime() > MAX_AGE_MS) return ignored('antiga')
  if (word === 'ajuda' && (await wasToldLately(deps, arrival, 'texto_ajuda', HOUR_MS))) return ignored('consultor')
  const posicao = word === 'fila' ? placeOf(await vez.readFresh(), id, canal) : undefined
  const ate = endOf(deps, mudanca, now)
  const tipo = `texto_${answerTo(word, posicao, ate)}` as const
  const about = omitUndefined({ consultor_nome: consultor.nome, posicao, ate })
  // Where he cannot be answered the message is stored all the same, as done: delivered again it is known.
  const tarefa = workOwed(arrival, tipo, about) ?? asDone(workFor(arrival, tipo, about), now)
  if (await outbox.has(tarefa._id)) return ignored('comando')
  if (mudanca) await vez.submit({ tipo: 'alterar', id, mudanca, autor: { por: `canal:${canal.slug}` } })
  await outbox.insert(tarefa)
  return ignored('comando')
}

function answerTo(word: Word, posicao: number | undefined, ate: string | undefined) {
  if (word === 'fila' && posicao === undefined) return 'fora_da_fila'
  return word === 'pausa' && ate === undefined ? 'pausa_sem_fim' : word
}

/** When a pause ends that he asks for now, as the clock on the wall shows it. */
function endOf({ config }: ChatDeps, mudanca: ConsultorChange | undefined, now: Date): string | undefined {
  const minutos = mudanca?.pausa?.minutos
  if (minutos === undefined) return undefined
  return localTime(config.FUSO)
    .write(new Date(now.getTime() + minutos * MINUTE_MS))
    .slice(11, 16)
}

const COMMANDS = ['online', 'offline', 'pausa', 'fila'] as const
const MOST_WORDS_OF_A_SLIP = 2

/** What a text asks for; `online` ends a pause. */
function orderOf(said: string): Order | undefined {
  const pausa = pauseOf(said)
  if (pausa !== undefined) return pausa === 'ajuda' ? { word: pausa } : { word: 'pausa', mudanca: { pausa } }
  const word = wordOf(plainText(said))
  if (word === 'online') return { word, mudanca: { online: true, pausa: null } }
  if (word === 'offline') return { word, mudanca: { online: false } }
  return word && { word }
}

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

/**
 * His place among those whose turn comes in the account's language, or else in the first that he speaks, and in its team where
 * he is of it; `undefined` when he is out.
 */
function placeOf(vez: Vez, id: number, { idioma, equipe }: Canal): number | undefined {
  const consultor = vez.consultores.get(id)
  const spoken = consultor && (speaks(consultor, idioma) ? idioma : consultor.idiomas[0])
  if (consultor === undefined || spoken === undefined) return undefined
  const team = equipe !== null && isOfTeam(consultor, equipe) ? { equipe } : {}
  const place = turnOrder(vez, { idioma: spoken, ...team }).indexOf(id)
  return place < 0 ? undefined : place + 1
}
