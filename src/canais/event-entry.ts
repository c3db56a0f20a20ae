import type { ChatEvent, ChatReply, Refusal } from '../../integrations/contract.js'
import { perKey } from '../lib/per-key.js'

/** What became of one event, as an administrator reads it. Never a text, a phone, a name or an id. */
export interface EventEntry {
  readonly em: Date
  /** The platform's own name of the kind of event; ours where it has none. */
  readonly especie: string
  readonly situacao: ChatReply['situacao'] | 'recusado'
  readonly motivo: string | null
  /** What is missing or odd, in words. */
  readonly detalhe: string | null
}

/** Why a request of an account was refused before its events were read. */
export type RequestRefusal =
  | Refusal
  | 'conta_inativa'
  | 'outra_plataforma'
  | 'endereco_errado'
  | 'corpo_grande'
  | 'limite'

const OTHER = 'outro'
/** A name of a kind of event is one word; with many digits, also apart, it may be a phone or an id. */
const SAFE = /^[A-Za-z0-9_.:/+-]{1,40}$/
const DIGITS = /(?:\d\D*){5}/

/** The kind of an event, in a form that is safe to show and to count: whatever looks unlike a kind is `outro`. */
export function especieOf(event: ChatEvent): string {
  const given = event.tipo === 'ignorado' ? (event.especie ?? event.tipo) : event.tipo
  return SAFE.test(given) && !DIGITS.test(given) ? given : OTHER
}

export function entryOf(event: ChatEvent, { situacao, motivo }: Pick<ChatReply, 'situacao' | 'motivo'>, em: Date) {
  const given = event.tipo === 'ignorado' ? event.detalhe : undefined
  return { em, especie: especieOf(event), situacao, motivo, detalhe: wordsFor(motivo, given) } satisfies EventEntry
}

export const refusedEntry = (motivo: RequestRefusal, em: Date): EventEntry => ({
  em,
  especie: 'webhook',
  situacao: 'recusado',
  motivo,
  detalhe: wordsFor(motivo),
})

/** What an event counts as: why it was ignored or refused, else what became of it. */
export const countedAs = ({ situacao, motivo }: Pick<EventEntry, 'situacao' | 'motivo'>): string =>
  situacao === 'ignorado' || situacao === 'recusado' ? (motivo ?? situacao) : situacao

const MOST_WORDS = 200

/** The adapter's words; where it has none, what an administrator looks at first. Anything that may be an address is left out. */
function wordsFor(motivo: string | null, given?: string): string | null {
  const words = given ?? (motivo === null ? undefined : WORDS[motivo])
  return words === undefined ? null : words.slice(0, MOST_WORDS).replace(/\S*@\S*|\+?\d{5,}/g, '…')
}

/** The same as in docs/motivos.md, shorter. */
const WORDS: Readonly<Record<string, string>> = {
  sem_gatilho: 'mensagem comum, e a conta só chama por palavra ou transferência: veja `gatilho` e `palavras`',
  ja_atribuida: 'uma pessoa já tem a conversa na plataforma',
  antiga: 'mais velha que `idade_max_min` da conta',
  ligacao: 'uma ligação que ninguém atendeu só conta como mensagem com `ligacoes`',
  formato: 'o corpo não é do formato da plataforma',
  outra_conta: 'o número ou a conta do evento não é o de `ajustes`',
  conversa_nossa: 'uma pessoa escreveu a este cliente do telefone da empresa há menos de `conversa_nossa_h` horas',
  atendido_fora: 'uma pessoa respondeu do telefone da empresa: o cliente saiu da fila',
  consultor: 'veio do telefone de um consultor',
  erro: 'não pôde ser processado: o log diz por quê',
  sem_segredo: 'nenhum segredo veio: cole de novo a URL ou o cabeçalho das instruções',
  segredo_errado: 'o segredo é outro: `POST /canais/{slug}/segredo` faz um novo',
  sem_assinatura: 'a plataforma devia assinar e não assinou',
  assinatura_errada: 'a assinatura não confere: o segredo está trocado, ou um proxy muda o corpo',
  fora_do_prazo: 'assinada há mais tempo que o aceito: confira os relógios',
  conta_inativa: 'a conta está com `ativo` desligado',
  outra_plataforma: 'o endereço chamado é o de outra plataforma',
  endereco_errado: 'o endereço chamado tem partes a mais depois do segredo',
  corpo_grande: 'o corpo é maior que o aceito: desligue o envio de mídia em base64',
  limite: 'eventos demais por segundo',
}

/** Kinds counted for one platform; further ones are `outro`, since a sender may make them up. */
const MOST_KINDS = 100

/** Keeps the number of kinds a platform small enough for the label of a metric. */
export function boundedKinds(): (plataforma: string, especie: string) => string {
  const kindsOf = perKey(() => new Set<string>())
  return (plataforma, especie) => {
    const kinds = kindsOf(plataforma)
    if (!kinds.has(especie) && kinds.size >= MOST_KINDS) return OTHER
    kinds.add(especie)
    return especie
  }
}
