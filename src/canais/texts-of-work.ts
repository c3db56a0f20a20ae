import { toNumero } from '../lib/numero.js'
import type { Valores } from '../lib/template.js'
import type { Payload, Tarefa } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { NOMES_DE_TEXTO, tell } from './texts.js'

/** What the templates of a piece of work may name. Reads no database: the consultor that a text names is in the payload. */
export function valoresOf({ contato, consultor_nome: consultor, protocolo, posicao, ate }: Payload): Valores {
  const numero = protocolo === undefined ? undefined : toNumero(protocolo)
  return { consultor, protocolo: numero, cliente: contato?.nome ?? contato?.telefone, posicao, ate }
}

/** The words with which this work writes to the customer; `undefined` for work of another kind. */
export function textOf({ textos }: Pick<Canal, 'textos'>, { tipo, payload }: Tarefa): string | undefined {
  const nome = NOMES_DE_TEXTO.find((one) => tipo === `texto_${one}`)
  return nome && tell(textos, payload.idioma, nome, valoresOf(payload))
}
