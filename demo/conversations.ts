import { z } from 'zod'
import type { Cliente } from './customers.js'

/** What the service answers to a message; the flow shows `texto`. */
export const Resposta = z.object({
  situacao: z.enum(['atribuido', 'em_atendimento', 'em_espera', 'indisponivel', 'ignorado']),
  motivo: z.string().nullable(),
  protocolo: z.string().nullable(),
  consultor: z.object({ id: z.int(), nome: z.string() }).nullable(),
  posicao: z.int().nullable(),
  texto: z.string(),
})
export type Resposta = z.output<typeof Resposta>

/** What comes later, to `retorno_url`. */
export const Retorno = z.discriminatedUnion('type', [
  z.object({ type: z.literal('mensagem'), data: z.object({ conversa: z.string(), texto: z.string() }) }),
  z.object({
    type: z.literal('atribuicao'),
    data: z.object({
      conversa: z.string(),
      consultor: z.object({ nome: z.string() }),
      protocolo: z.string().nullable(),
    }),
  }),
])
export type Retorno = z.output<typeof Retorno>

export interface Mensagem {
  readonly de: 'cliente' | 'servico' | 'aviso'
  readonly texto: string
  readonly em: string
}

export interface Conversa {
  readonly cliente: Cliente
  situacao: Resposta['situacao'] | null
  consultor: string | null
  protocolo: string | null
  posicao: number | null
  readonly mensagens: Mensagem[]
}

const MOST_CONVERSATIONS = 200
const MOST_MESSAGES = 100

/** The conversations as the chat's page shows them; the latest customers and messages only. */
export class Conversations {
  readonly #all = new Map<string, Conversa>()
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  get all(): readonly Conversa[] {
    return [...this.#all.values()]
  }

  of(id: string): Conversa | undefined {
    return this.#all.get(id)
  }

  /** The customer writes. */
  wrote(cliente: Cliente, texto: string): void {
    this.#say(this.#open(cliente), 'cliente', texto)
  }

  answered({ id }: Cliente, { situacao, consultor, protocolo, posicao, texto }: Resposta): void {
    const conversa = this.#all.get(id)
    if (!conversa || situacao === 'ignorado') return
    Object.assign(conversa, { situacao, posicao, consultor: consultor?.nome ?? null, protocolo })
    this.#say(conversa, 'servico', texto)
  }

  /** A callback of the service. */
  heard(retorno: Retorno): void {
    const conversa = this.#all.get(retorno.data.conversa)
    if (!conversa) return
    if (retorno.type === 'mensagem') {
      this.#say(conversa, 'servico', retorno.data.texto)
      return
    }
    const { consultor, protocolo } = retorno.data
    if (conversa.consultor === consultor.nome && conversa.protocolo === protocolo) return
    Object.assign(conversa, { situacao: 'atribuido', posicao: null, consultor: consultor.nome, protocolo })
    this.#say(conversa, 'aviso', `A conversa agora está com ${consultor.nome}`)
  }

  #open(cliente: Cliente): Conversa {
    const known = this.#all.get(cliente.id)
    if (known) return known
    const made = { cliente, situacao: null, consultor: null, protocolo: null, posicao: null, mensagens: [] }
    this.#all.set(cliente.id, made)
    const [oldest] = this.#all.keys()
    if (this.#all.size > MOST_CONVERSATIONS && oldest !== undefined) this.#all.delete(oldest)
    return made
  }

  #say({ mensagens }: Conversa, de: Mensagem['de'], texto: string): void {
    if (texto === '') return
    mensagens.push({ de, texto, em: this.#now().toISOString() })
    if (mensagens.length > MOST_MESSAGES) mensagens.shift()
  }
}
