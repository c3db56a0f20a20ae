import type { Chat, Pedido, PedidoDeChat, Resposta } from '../../src/vez/ask.js'
import { type Known, nothingKnown } from '../../src/vez/known.js'
import { type Decision, decide } from '../../src/vez/queue.js'
import { type Consultor, emptyVez, type Vez } from '../../src/vez/state.js'
import type { Update } from '../../src/vez/update.js'

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

export const turn = (idioma = 'pt', more: object = {}): Pedido => ({ tipo: 'turno', idioma, ...more })

type ChatMore = Partial<Omit<PedidoDeChat, 'chat'>> & { readonly chat?: Partial<Chat> }

/** A message of a chat customer; `who` names both the contact and, unless said otherwise, the message. */
export const chat = (who: string, more: ChatMore = {}): PedidoDeChat => ({
  tipo: 'turno',
  idioma: 'pt',
  plataforma: 'wa',
  canal: 'loja',
  chave: `wa:loja:${who}`,
  contato: { ids: [`wa:${who}`] },
  tarefas: { atribuido: ['responder'], em_espera: ['responder'], expirada: ['responder'] },
  ...more,
  chat: { esperar: true, espera_max_ms: 7_200_000, janela_ms: 86_400_000, ...more.chat },
})

let lotes = 0

export interface At {
  readonly agora?: Date
  readonly espera_intervalo_ms?: number
  readonly known?: Known
}

/** One write's decision, by default with nothing in `protocolos` and no pacing. */
export function decideAt(vez: Vez, pedidos: readonly Pedido[], at: At = {}): Decision {
  lotes += 1
  const moment = { agora: at.agora ?? T0, lote: `l${lotes}`, espera_intervalo_ms: at.espera_intervalo_ms ?? 0 }
  return decide(vez, pedidos, at.known ?? nothingKnown, moment)
}

/** To whom, or what else. */
export const outcome = (resposta: Resposta | undefined): string | number | undefined =>
  resposta?.situacao === 'atribuido' ? resposta.atribuicao.consultor_id : resposta?.situacao

export const outcomes = (decision: Decision): (string | number | undefined)[] => decision.respostas.map(outcome)

/** What the engine makes of an update, for the fields that these tests look at. */
export function applyUpdate(before: Vez, { $set, $push }: Update): Vez {
  const consultores = new Map(before.consultores)
  const autores = { ...before.autores }
  for (const [path, value] of Object.entries($set)) {
    const [, id, field] = /^consultores\.(\d+)(?:\.(\w+))?$/.exec(path) ?? []
    const old = consultores.get(Number(id))
    if (id !== undefined && field === undefined) consultores.set(Number(id), value as never)
    else if (old && field !== undefined) consultores.set(Number(id), { ...old, [field]: value })
    const [, name] = /^autores\.(.+)$/.exec(path) ?? []
    if (name !== undefined) autores[name] = value as never
  }
  return {
    ...before,
    versao: before.versao + 1,
    marca: String($set.marca),
    seq: Number($set.seq ?? before.seq),
    espera: ($set.espera as never) ?? before.espera,
    consultores,
    autores,
    pendentes: $push
      ? [...before.pendentes, ...$push.pendentes.$each].slice($push.pendentes.$slice)
      : (($set.pendentes as never) ?? before.pendentes),
  }
}
