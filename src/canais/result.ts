import type { ChatReply, InboundMessage } from '../../integrations/contract.js'
import { OwnError } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import type { Valores } from '../lib/template.js'
import type { Abre, Consultor } from '../vez/document.js'
import type { CommandResult } from '../vez/rules/commands.js'
import type { Canal } from './accounts.js'
import { openingWords } from './opening-words.js'
import { type NomeDeTexto, tell } from './texts.js'
import { whileClosed } from './texts-of-work.js'

/** Nothing came of it; `motivo` says why. */
export const ignored = (motivo: string): ChatReply => ({
  situacao: 'ignorado',
  motivo,
  protocolo: null,
  consultor: null,
  posicao: null,
  texto: '',
})

/** The outcome as a flow reads it, with the words for the customer in his language. */
export function toReply(canal: Canal, event: InboundMessage, result: CommandResult, now: Date): ChatReply {
  const { idioma = canal.idioma, nome: cliente } = event.contato
  const about = (nome: NomeDeTexto, more: Valores = {}): string =>
    tell(canal.textos, idioma, nome, { cliente, ...more })
  const closed = (nome: NomeDeTexto, abre: Abre | undefined, more: Valores = {}): string =>
    about(whileClosed(nome, { abre }), { ...more, ...(abre && { abre: openingWords(idioma, abre, now) }) })
  const attended = (
    situacao: 'atribuido' | 'em_atendimento',
    n: number,
    who: ChatReply['consultor'],
    consultor = who?.nome,
    nome: NomeDeTexto = situacao,
  ): ChatReply => {
    const protocolo = toNumero(n)
    const texto = about(nome, { protocolo, consultor })
    return { situacao, motivo: null, protocolo, consultor: who, posicao: null, texto }
  }
  switch (result.situacao) {
    case 'atribuido': {
      const { n, consultor_id, consultor_nome } = result.atribuicao
      return attended('atribuido', n, toWho(consultor_id, consultor_nome, result.consultor))
    }
    case 'em_atendimento': {
      const { n, responsavel_id, atendente } = result.protocolo
      const who = toWho(responsavel_id, undefined, result.consultor)
      return attended('em_atendimento', n, who, atendente, result.ausencia && 'responsavel_ausente')
    }
    case 'em_espera':
      return {
        ...ignored('em_espera'),
        situacao: 'em_espera',
        motivo: null,
        posicao: result.posicao,
        texto: result.repetida ? '' : closed('em_espera', result.abre, { posicao: result.posicao }),
      }
    case 'indisponivel':
      return {
        ...ignored(result.motivo),
        situacao: 'indisponivel',
        texto: closed('indisponivel', 'abre' in result ? result.abre : undefined),
      }
    default:
      throw new OwnError(`a chat turn was answered with ${result.situacao}`)
  }
}

/** Whoever has the customer: as he is today, else as the protocol names him. */
function toWho(
  id: number | null | undefined,
  nome: string | undefined,
  consultor: Consultor | undefined,
): ChatReply['consultor'] {
  const name = consultor?.nome ?? nome
  if (id == null || name === undefined) return null
  return { id, nome: name, email: consultor?.email ?? null, telefone: consultor?.telefone ?? null }
}
