import type { Update } from '../../src/vez/commit/update.js'
import { type Consultor, emptyVez, fromDocument, toDocument, type Vez } from '../../src/vez/document.js'
import type { ChatTerms, ChatTurnCommand, Command, CommandResult } from '../../src/vez/rules/commands.js'
import { type Decision, decide } from '../../src/vez/rules/decide.js'
import { noPriorProtocols, type PriorProtocols } from '../../src/vez/rules/prior-protocols.js'

export const T0 = new Date('2026-01-05T12:00:00Z')
export const later = (seconds: number): Date => new Date(T0.getTime() + seconds * 1_000)

export const consultor = (more: Partial<Consultor> = {}): Consultor => ({
  nome: 'Fulano',
  ativo: true,
  sequencial: true,
  online: true,
  idiomas: ['pt'],
  turno: 0,
  ...more,
})

/** A state with these consultores, numbered from 1. */
export const vezOf = (people: readonly Partial<Consultor>[], more: Partial<Vez> = {}): Vez => ({
  ...emptyVez('m0'),
  ultimo_consultor_id: people.length,
  consultores: new Map(people.map((one, place) => [place + 1, consultor(one)])),
  ...more,
})

export const turn = (idioma = 'pt', more: object = {}): Command => ({ tipo: 'turno', idioma, ...more })

type ChatMore = Partial<Omit<ChatTurnCommand, 'chat'>> & { readonly chat?: Partial<ChatTerms> }

/** A message of a chat customer; `who` names both the contact and, unless said otherwise, the message. */
export const chat = (who: string, more: ChatMore = {}): ChatTurnCommand => ({
  tipo: 'turno',
  idioma: 'pt',
  plataforma: 'wa',
  canal: 'loja',
  chave: `wa:loja:${who}`,
  contato: { ids: [`wa:${who}`] },
  tarefas: { atribuido: ['responder'], em_espera: ['responder'], expirada: ['responder'] },
  ...more,
  chat: { esperar: true, espera_max_ms: 7_200_000, janela_ms: 86_400_000, ausente: { ms: 900_000 }, ...more.chat },
})

let lotes = 0

export interface At {
  readonly now?: Date
  readonly esperaIntervaloMs?: number
  readonly known?: PriorProtocols
}

/** One write's decision, by default with nothing in `protocolos` and no pacing. */
export function decideAt(vez: Vez, commands: readonly Command[], at: At = {}): Decision {
  lotes += 1
  const context = { now: at.now ?? T0, writeId: `l${lotes}`, esperaIntervaloMs: at.esperaIntervaloMs ?? 0 }
  return decide(vez, commands, at.known ?? noPriorProtocols, context)
}

/** To whom, or what else. */
export const outcome = (result: CommandResult | undefined): string | number | undefined =>
  result?.situacao === 'atribuido' ? result.atribuicao.consultor_id : result?.situacao

export const outcomes = (decision: Decision): (string | number | undefined)[] => decision.results.map(outcome)

type Tree = Readonly<Record<string, unknown>>

/** The tree with something else at a path; nothing there when the value is `undefined`. */
function withAt(tree: Tree, [name = '', ...rest]: readonly string[], value: unknown): Tree {
  const { [name]: before, ...others } = tree
  const after = rest.length === 0 ? value : withAt((before ?? {}) as Tree, rest, value)
  return after === undefined ? others : { ...others, [name]: after }
}

/** What the engine makes of an update: paths with dots, `$unset`, and `$push` with `$slice`. */
export function applyUpdate(before: Vez, { $set, $unset = {}, $push }: Update): Vez {
  const changes = [...Object.entries($set), ...Object.keys($unset).map((path) => [path, undefined] as const)]
  const document = toDocument(before)
  const stored = changes.reduce<Tree>((tree, [path, value]) => withAt(tree, path.split('.'), value), document)
  const lists = (['pendentes', 'eventos'] as const).flatMap((list) => {
    const push = $push?.[list]
    return push ? [[list, [...document[list], ...push.$each].slice(push.$slice)] as const] : []
  })
  const pushed = Object.fromEntries(lists)
  return fromDocument({ ...stored, versao: before.versao + 1, ...pushed })
}
