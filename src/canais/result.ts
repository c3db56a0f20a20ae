import type { ChatReply, InboundMessage } from '../../integrations/contract.js'
import { OwnError } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import type { Consultor } from '../vez/document.js'
import type { CommandResult, PriorProtocol } from '../vez/rules/commands.js'
import type { Canal } from './accounts.js'
import { tell } from './texts.js'

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
export function toResultado(canal: Canal, evento: InboundMessage, result: CommandResult): ChatReply {
  const idioma = evento.contato.idioma ?? canal.idioma
  const cliente = evento.contato.nome
  const about = (nome: Parameters<typeof tell>[2], more: Parameters<typeof tell>[3] = {}): string =>
    tell(canal.textos, idioma, nome, { ...(cliente !== undefined && { cliente }), ...more })
  const with_ = (
    situacao: 'atribuido' | 'em_atendimento',
    protocolo: Pick<PriorProtocol, 'n'>,
    who: Who | undefined,
  ): ChatReply => {
    const numero = toNumero(protocolo.n)
    const texto = about(situacao, { protocolo: numero, ...(who && { consultor: who.nome }) })
    return { situacao, motivo: null, protocolo: numero, consultor: who ?? null, posicao: null, texto }
  }
  switch (result.situacao) {
    case 'atribuido': {
      const { atribuicao, consultor } = result
      return with_('atribuido', atribuicao, toWho(atribuicao.consultor_id, atribuicao.consultor_nome, consultor))
    }
    case 'em_atendimento': {
      const { protocolo, consultor } = result
      return with_('em_atendimento', protocolo, toWho(protocolo.responsavel_id, undefined, consultor))
    }
    case 'em_espera':
      return {
        ...ignored('em_espera'),
        situacao: 'em_espera',
        motivo: null,
        posicao: result.posicao,
        texto: result.repetida ? '' : about('em_espera', { posicao: result.posicao }),
      }
    case 'indisponivel':
      return { ...ignored(result.motivo), situacao: 'indisponivel', texto: about('indisponivel') }
    default:
      throw new OwnError(`a chat turn was answered with ${result.situacao}`)
  }
}

type Who = NonNullable<ChatReply['consultor']>

/** Whoever has the customer: as he is today, else as the protocol names him. */
function toWho(
  id: number | null | undefined,
  nome: string | undefined,
  consultor: Consultor | undefined,
): Who | undefined {
  if (id == null) return undefined
  const name = consultor?.nome ?? nome
  if (name === undefined) return undefined
  return { id, nome: name, email: consultor?.email ?? null, telefone: consultor?.telefone ?? null }
}
