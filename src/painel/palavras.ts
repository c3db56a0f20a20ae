import { inWords, languageName } from '../lib/words.js'
import type { Vez } from '../vez/document.js'
import type { Fora } from '../vez/rules/eligibility.js'

/** Why people cannot take a turn, of one and of several; those first about whom it mostly is. */
const OUT: Readonly<Record<string, readonly [one: string, many: string]>> = {
  offline: ['offline', 'offline'],
  pausa: ['em pausa', 'em pausa'],
  horario: ['fora do horário', 'fora do horário'],
  limite: ['no limite de clientes', 'no limite de clientes'],
  idioma: ['não fala', 'não falam'],
  equipe: ['de outra equipe', 'de outra equipe'],
  fora_da_sequencia: ['fora da sequência', 'fora da sequência'],
  inativo: ['inativo', 'inativos'],
}

/** `3 offline, 1 em pausa e 2 não falam inglês`; empty where nobody is kept out. */
export function outInWords(fora: Fora | Readonly<Record<string, number>>, idioma: string | undefined): string {
  const counts = new Map(Object.entries(fora))
  const known = Object.keys(OUT).filter((motivo) => counts.has(motivo))
  const others = [...counts.keys()].filter((motivo) => OUT[motivo] === undefined)
  const parts = [...known, ...others].flatMap((motivo) => {
    const count = counts.get(motivo) ?? 0
    if (count === 0) return []
    const [one, many] = OUT[motivo] ?? [motivo.replaceAll('_', ' '), motivo.replaceAll('_', ' ')]
    const language = idioma === undefined ? 'o idioma' : languageName(idioma)
    return [`${count} ${count === 1 ? one : many}${motivo === 'idioma' ? ` ${language}` : ''}`]
  })
  return parts.length === 0 ? '' : inWords(parts)
}

/** What somebody may do about what keeps him out, as it is told to himself. */
const TO_HIMSELF: Readonly<Record<string, string>> = {
  inativo: 'Você está inativo: fale com quem administra',
  fora_da_sequencia: 'Você está fora da vez: fale com quem administra',
  usuario_do_pipedrive_inativo: 'O seu usuário do Pipedrive foi desativado: fale com quem administra',
  horario: 'Você está fora do seu horário',
  pausa: 'Você está em pausa',
  offline: 'Você está offline: ligue a chave para entrar na vez',
  limite: 'Você está no seu limite de clientes abertos: conclua um para receber outro',
}

export const toHimself = (motivo: string): string => TO_HIMSELF[motivo] ?? motivo.replaceAll('_', ' ')

/** Who made a change, as the ledger names him, in words. @param about whom the change is about */
export function authorInWords(por: string | undefined, { consultores }: Pick<Vez, 'consultores'>, about?: number) {
  const [kind = '', of = ''] = por?.split(/:(.*)/s) ?? []
  switch (kind) {
    case 'eu':
      return Number(of) === about ? 'ele mesmo' : consultores.get(Number(of))?.nome
    case 'painel':
      return 'painel'
    case 'chave':
      return 'API'
    case 'canal':
      return `conta ${of}`
    case 'pipedrive':
      return 'Pipedrive'
    case 'agenda':
      return 'horário'
    default:
      return undefined
  }
}
