import type { InboundMessage } from '../../integrations/contract.js'
import { normalized } from '../lib/unicode.js'
import type { Canal } from './accounts.js'

/** Lower case, without accents and punctuation at the ends, one space between words. */
export const plainText = (text: string): string =>
  normalized(text, 'NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

type Gatilhos = Pick<Canal, 'gatilho' | 'palavras'>

/** Does the customer ask for a person: by a hand-over, by a button, or with one of the account's words? */
export function asksForPerson({ palavras }: Gatilhos, { pediu, texto, botao }: InboundMessage): boolean {
  if (pediu) return true
  const wanted = palavras.map(plainText).filter((one) => one !== '')
  const said = ` ${plainText(texto ?? '')} `
  return wanted.some((one) => said.includes(` ${one} `) || (botao !== undefined && plainText(botao) === one))
}

/** Is this a request for a turn, by what the account calls one? */
export function isTriggered(gatilhos: Gatilhos, message: InboundMessage): boolean {
  switch (gatilhos.gatilho) {
    case 'sempre':
      return message.pediu || (message.tipo === 'mensagem' && !message.com_robo) || asksForPerson(gatilhos, message)
    case 'palavra':
      return asksForPerson(gatilhos, message)
    case 'transferencia':
      return message.pediu
  }
}
