import type { Account, AnyAdapter } from '../../integrations/contract.js'
import { findAdapter } from '../../integrations/index.js'

/** The least that an account of each platform has to be told, and where its secrets stand. */
const SETTINGS: Readonly<Record<string, (secret: string, account: string | undefined) => object>> = {
  generico: () => ({}),
  evolution: (_secret, account) => ({ instancia: account ?? 'loja-exemplo' }),
  chatwoot: (secret, account) => ({
    servidor: 'https://chat.exemplo.com',
    conta_id: Number(account ?? 1),
    segredo_do_webhook: secret,
  }),
  'whatsapp-cloud': (secret, account) => ({ phone_number_id: account ?? '1', app_secret: secret }),
  zapi: (_secret, account) => ({ instancia: account ?? 'A' }),
  typebot: () => ({}),
  twilio: (secret, account) => ({
    account_sid: account ?? 'AC00000000000000000000000000000001',
    auth_token: secret,
    numero: 'whatsapp:+5511900000000',
  }),
  telegram: () => ({}),
  manychat: () => ({}),
  blip: () => ({ modo: 'bot' }),
  dialogflow: () => ({}),
  botpress: () => ({}),
  rocketchat: () => ({}),
}

/** An adapter with an account of its platform whose every secret is this one. */
export function accountOf(
  plataforma: string,
  secret: string,
  account?: string,
  more: object = {},
): { adapter: AnyAdapter; conta: Account } {
  const adapter = findAdapter(plataforma)
  const settings = SETTINGS[plataforma]
  if (!adapter || !settings) throw new Error(`no such platform: ${plataforma}`)
  const ajustes = adapter.ajustes.parse({ ...settings(secret, account), ...more })
  return { adapter, conta: { slug: 'conta', ajustes, secrets: [secret] } }
}

export const PLATFORMS = Object.keys(SETTINGS)
