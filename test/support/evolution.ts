import { type TestCanal, testCanal } from './chat.js'
import type { Platforms } from './platforms.js'
import type { TestService } from './service.js'

/** An account of Evolution, whose server is this one. */
export const evolutionAccount = (service: TestService, { url }: Platforms, more: object): Promise<TestCanal> =>
  testCanal(service, 'evolution', { ajustes: { instancia: 'loja', servidor: url, chave_api: 'chave' }, ...more })

interface Message {
  readonly id: string
  readonly from?: string
  readonly alt?: string
  readonly text?: string
  readonly me?: boolean
  readonly at?: Date
}

/** A message as it sends one. */
export const message = ({
  id,
  from = '5511987654321@s.whatsapp.net',
  alt,
  text = 'oi',
  me = false,
  at = new Date(),
}: Message) => ({
  event: 'messages.upsert',
  instance: 'loja',
  data: {
    key: { remoteJid: from, ...(alt && { remoteJidAlt: alt }), fromMe: me, id },
    pushName: 'Bia',
    message: { conversation: text },
    messageTimestamp: Math.floor(at.getTime() / 1_000),
  },
})
