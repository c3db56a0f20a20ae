import type { HistoryEntry, Protocolo } from '../protocolos/model.js'
import type { Vez } from '../vez/document.js'
import { authorInWords } from './palavras.js'

const STATUS: Readonly<Record<string, string>> = {
  aberto: 'Reaberto',
  em_andamento: 'Em andamento',
  concluido: 'Concluído',
  cancelado: 'Cancelado',
}

interface Line {
  readonly em: string
  readonly tipo: string
  readonly frase: string
  readonly por: string | null
}

/** All that happened to a protocol, the oldest first, in words. */
export function historyOf(protocolo: Protocolo, vez: Vez): Line[] {
  const { created_at, esperou_desde, consultor_nome, historico } = protocolo
  const line = (em: Date, tipo: string, frase: string, por: string | null = null): Line => ({
    em: em.toISOString(),
    tipo,
    frase,
    por,
  })
  return [
    ...(esperou_desde ? [line(esperou_desde, 'espera', 'O cliente entrou na espera')] : []),
    line(created_at, 'turno', consultor_nome === undefined ? 'Número gerado' : `Foi para ${consultor_nome}`),
    ...historico.map((one) => line(one.em, one.tipo, inWords(one, vez), authorInWords(one.por, vez) ?? null)),
  ]
}

function inWords({ tipo, para, motivo, protocolo }: HistoryEntry, vez: Vez): string {
  const why = motivo === undefined ? '' : ` (${motivo.replaceAll('_', ' ')})`
  switch (tipo) {
    case 'status':
      return protocolo === undefined
        ? `${STATUS[String(para)] ?? String(para)}${why}`
        : `Continuado por outro protocolo, #${String(protocolo).padStart(5, '0')}`
    case 'responsavel':
      return `${personOf(para, vez)}${why}`
    case 'anonimizado':
      return 'Anonimizado'
    default:
      return `No Pipedrive${why}`
  }
}

function personOf(para: HistoryEntry['para'], { consultores }: Vez): string {
  if (para == null) return 'Ficou sem responsável'
  if (typeof para === 'string') return `Ficou com ${para}`
  return `Passou para ${consultores.get(para)?.nome ?? `o consultor ${para}`}`
}
