import { toNumero } from '../lib/numero.js'
import type { Valores } from '../lib/template.js'
import type { Payload, Tarefa } from '../tarefas/model.js'
import type { Canal } from './accounts.js'
import { openingWords } from './opening-words.js'
import { NOMES_DE_TEXTO, type NomeDeTexto, tell } from './texts.js'

/** What the templates of a piece of work may name. Reads no database: the consultor that a text names is in the payload. */
export function valoresOf({ payload, criada_em }: Pick<Tarefa, 'payload' | 'criada_em'>): Valores {
  const { contato, consultor_nome: consultor, protocolo, posicao, ate, abre, idioma } = payload
  const numero = protocolo === undefined ? undefined : toNumero(protocolo)
  return {
    consultor,
    protocolo: numero,
    cliente: contato?.nome ?? contato?.telefone,
    posicao,
    ate,
    abre: abre && openingWords(idioma, abre, criada_em),
  }
}

/** Out of hours the same work says when it opens. */
export function whileClosed(nome: NomeDeTexto, { abre }: Pick<Payload, 'abre'>): NomeDeTexto {
  if (!abre) return nome
  if (nome === 'indisponivel') return 'fora_do_horario'
  return nome === 'em_espera' || nome === 'expirada' ? `${nome}_fora_do_horario` : nome
}

/** The words with which this work writes to the customer; `undefined` for work of another kind. */
export function textOf({ textos }: Pick<Canal, 'textos'>, tarefa: Tarefa): string | undefined {
  const nome = NOMES_DE_TEXTO.find((one) => tarefa.tipo === `texto_${one}`)
  return nome && tell(textos, tarefa.payload.idioma, whileClosed(nome, tarefa.payload), valoresOf(tarefa))
}
