import type { Atribuicao, Conhecido, Pedido, PedidoDeChat, PedidoDeNumero, PedidoDeTurno, Resposta } from './ask.js'
import type { Consultor, Vez } from './document.js'
import { Draft, type Moment } from './draft.js'
import { type Known, Memory } from './known.js'
import { applyRoster } from './roster.js'
import { nothingOwed, type Owed } from './settlement.js'
import { findWaiting, joinLine, mustQueue, notice, position, serveWaiting } from './waiting.js'
import { whyNobody } from './who.js'

/** The place of an answer that was read from an image and changed nothing: after every event of that version. */
export const READ_PLACE = 9_999

export interface Decision {
  readonly vez: Vez
  /** False: there is nothing to write, and `vez` is the image as it was. */
  readonly changed: boolean
  /** One for each request, in order; fewer when `pendentes` is full, and the rest has to wait for the drain. */
  readonly respostas: readonly Resposta[]
  /** Customers whom nobody came for in time. */
  readonly expiradas: number
}

/**
 * Decides a batch: whose turn each request gets. Pure; nothing else in the program chooses a person or changes the roster.
 *
 * @param vez the image that the write will be guarded by
 * @param pedidos in arrival order
 * @param known what `protocolos` knows of their keys and contacts, looked up after the image
 * @param owed what the drain has done with entries of `pendentes`: this write drops and marks them
 */
export function decide(
  vez: Vez,
  pedidos: readonly Pedido[],
  known: Known,
  moment: Moment,
  owed: Owed = nothingOwed,
): Decision {
  const draft = new Draft(vez, moment, owed)
  const memory = new Memory(vez, known)
  const respostas: Resposta[] = []
  for (const pedido of pedidos) {
    settle(draft, memory)
    if (draft.full) break
    respostas.push(answer(draft, memory, pedido))
  }
  const tidies = draft.tidied && pedidos.some(({ tipo }) => tipo === 'tique')
  if (!draft.changed && !tidies) {
    const read = { versao: vez.versao, lugar: READ_PLACE }
    return { vez, changed: false, respostas: respostas.map((r) => (isReplay(r) ? r : { ...r, ...read })), expiradas: 0 }
  }
  return { vez: draft.seal(vez), changed: true, respostas, expiradas: draft.expiradas }
}

/** Is this the answer of an earlier request with the same key? Only such a one may leave from a cached image. */
export const isReplay = (resposta: Resposta): boolean => resposta.situacao === 'atribuido' && resposta.repetida

function answer(draft: Draft, memory: Memory, pedido: Pedido): Resposta {
  switch (pedido.tipo) {
    case 'turno':
      return 'chat' in pedido ? chatTurn(draft, memory, pedido) : restTurn(draft, memory, pedido)
    case 'numero':
      return numberOnly(draft, memory, pedido)
    case 'cancelar_espera':
      return cancelWaiting(draft, pedido.id)
    case 'tique':
      return { ...draft.place(), situacao: 'feito' }
    default: {
      const resposta = applyRoster(draft, pedido)
      settle(draft, memory)
      return resposta
    }
  }
}

/** Those who wait come first: before each request, and after each change of the roster. */
function settle(draft: Draft, memory: Memory): void {
  for (const protocolo of serveWaiting(draft)) memory.add(protocolo)
}

/** Key, then turn: a REST call has no window and cannot wait. */
function restTurn(draft: Draft, memory: Memory, pedido: PedidoDeTurno): Resposta {
  return replay(draft, memory, pedido) ?? takeTurn(draft, memory, pedido) ?? nobody(draft, pedido)
}

/** Key, then the line, then the window, then turn. */
function chatTurn(draft: Draft, memory: Memory, pedido: PedidoDeChat): Resposta {
  const known = replay(draft, memory, pedido)
  if (known) return known
  const waiting = findWaiting(draft, pedido)
  if (waiting) {
    return {
      ...draft.place(),
      situacao: 'em_espera',
      espera_id: waiting.id,
      posicao: position(draft, waiting),
      repetida: true,
    }
  }
  const protocolo = memory.latestOf(pedido.contato.ids)
  if (protocolo && belongsTo(draft, pedido, protocolo)) return attended(draft, protocolo)
  const { esperar } = pedido.chat
  if (esperar && mustQueue(draft, pedido.idioma)) return wait(draft, pedido)
  return takeTurn(draft, memory, pedido) ?? (esperar ? wait(draft, pedido) : nobody(draft, pedido))
}

/** Gives the turn to whoever the rule picks; `undefined` when nobody is there. */
function takeTurn(draft: Draft, memory: Memory, pedido: PedidoDeTurno): Resposta | undefined {
  const id = draft.next(pedido.idioma)
  const consultor = id === undefined ? undefined : draft.consultores.get(id)
  if (id === undefined || consultor === undefined) return undefined
  const protocolo = draft.assign(id, consultor, pedido, pedido.tarefas?.atribuido)
  memory.add(protocolo)
  return given(protocolo, draft.consultores.get(id), false)
}

const nobody = (draft: Draft, { idioma }: PedidoDeTurno): Resposta => ({
  ...draft.place(),
  situacao: 'indisponivel',
  motivo: whyNobody(draft.consultores, idioma),
})

function wait(draft: Draft, pedido: PedidoDeChat): Resposta {
  const posto = draft.place()
  const cliente = joinLine(draft, pedido)
  if (!cliente) return { ...posto, situacao: 'indisponivel', motivo: 'fila_cheia' }
  const tarefas = pedido.tarefas?.em_espera
  if (tarefas?.length) draft.owe(notice(draft, cliente, 'em_espera', posto.lugar, tarefas))
  return { ...posto, situacao: 'em_espera', espera_id: cliente.id, posicao: position(draft, cliente), repetida: false }
}

function cancelWaiting(draft: Draft, id: string): Resposta {
  const posto = draft.place()
  const still = draft.espera.filter((cliente) => cliente.id !== id)
  if (still.length === draft.espera.length) return { ...posto, situacao: 'nao_encontrado' }
  draft.setEspera(still)
  return { ...posto, situacao: 'cancelada' }
}

/** A number without a turn: nobody's place in the queue moves. */
function numberOnly(draft: Draft, memory: Memory, pedido: PedidoDeNumero): Resposta {
  const known = replay(draft, memory, pedido)
  if (known) return known
  const { consultor_id } = pedido
  const consultor = consultor_id === undefined ? undefined : draft.consultores.get(consultor_id)
  if (consultor_id !== undefined && !consultor) return { ...draft.place(), situacao: 'nao_encontrado' }
  const whose = consultor_id !== undefined && consultor ? { consultor_id, consultor_nome: consultor.nome } : {}
  const protocolo = draft.number(pedido, pedido.tarefas?.atribuido, whose)
  memory.add(protocolo)
  return given(protocolo, consultor, false)
}

/** The answer of an earlier request with this key. The same Idempotency-Key for something else is refused. */
function replay(
  draft: Draft,
  memory: Memory,
  { chave, impressao }: PedidoDeTurno | PedidoDeNumero,
): Resposta | undefined {
  const known = chave === undefined ? undefined : memory.byKey(chave)
  if (!known) return undefined
  if (impressao !== undefined && known.impressao !== impressao)
    return { ...draft.place(), situacao: 'chave_reutilizada' }
  const consultor = known.consultor_id === undefined ? undefined : draft.consultores.get(known.consultor_id)
  return given(known, consultor, true)
}

function given(
  protocolo: Atribuicao & { versao: number; lugar: number },
  consultor: Consultor | undefined,
  repetida: boolean,
): Resposta {
  const { versao, lugar } = protocolo
  return { versao, lugar, situacao: 'atribuido', atribuicao: protocolo, ...(consultor && { consultor }), repetida }
}

/** Does this message belong to the contact's last protocol: still open and recent with someone who is there, or older than its end? */
function belongsTo(draft: Draft, { chat }: PedidoDeChat, protocolo: Conhecido): boolean {
  if (protocolo.encerrado_em && chat.enviado_em && chat.enviado_em < protocolo.encerrado_em) return true
  if (protocolo.status === 'concluido' || protocolo.status === 'cancelado') return false
  const responsavel = protocolo.responsavel_id === null ? undefined : draft.consultores.get(protocolo.responsavel_id)
  if (!responsavel?.ativo) return false
  return draft.moment.now.getTime() - protocolo.ultimo_contato_em.getTime() < chat.janela_ms
}

function attended(draft: Draft, protocolo: Conhecido): Resposta {
  const responsavel = protocolo.responsavel_id === null ? undefined : draft.consultores.get(protocolo.responsavel_id)
  return { ...draft.place(), situacao: 'em_atendimento', protocolo, ...(responsavel && { consultor: responsavel }) }
}
