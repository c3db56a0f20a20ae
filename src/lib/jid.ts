import { omitUndefined } from './omit.js'
import { fromDigits } from './phone.js'

/** An address of WhatsApp. Its domain says what it is: the digits of a LID look like those of a telephone. */
export interface Jid {
  readonly tipo: 'telefone' | 'lid' | 'grupo' | 'canal' | 'status' | 'outro'
  /** Without the device that may stand in it. */
  readonly endereco: string
  readonly telefone?: string
}

const DOMAINS: Readonly<Record<string, Jid['tipo']>> = {
  's.whatsapp.net': 'telefone',
  'c.us': 'telefone',
  hosted: 'telefone',
  lid: 'lid',
  'hosted.lid': 'lid',
  'g.us': 'grupo',
  newsletter: 'canal',
  broadcast: 'status',
}

/** The user by which WhatsApp itself announces news. */
const WHATSAPP = '0'

/** Takes `user[:device]@domain` apart. One without a domain is none. */
export function parseJid(written: string): Jid | undefined {
  const [, user, domain] = /^([^@:_]+)(?:[:_]\d+)?(?::\d+)?@([\w.]+)$/.exec(written) ?? []
  if (user === undefined || domain === undefined) return undefined
  const byDomain = DOMAINS[domain] ?? 'outro'
  const tipo = byDomain === 'telefone' && user === WHATSAPP ? 'canal' : byDomain
  const telefone = tipo === 'telefone' ? fromDigits(user) : undefined
  return omitUndefined({ tipo, endereco: `${user}@${domain}`, telefone })
}

/** Whom a body names by addresses of WhatsApp, whichever platform brings it. */
export interface Identity {
  /** Of persons: those with a phone first, then LIDs, each once. */
  readonly addresses: readonly string[]
  /** E.164. */
  readonly telefone?: string
  /** It is no person that is named. */
  readonly naoPessoa?: 'grupo' | 'canal' | 'status'
}

/**
 * Reads every field of a body that may hold an address; text that is none is passed over. Bridges between platforms put a LID
 * or a group into a field for a phone (docs/vendors/chat.md#addresses-behind-a-bridge).
 *
 * @param telefone what the platform calls a phone, in E.164; digits that are those of a LID or a group are none
 */
export function identityOf(written: readonly (string | undefined)[], telefone?: string): Identity {
  const jids = written.flatMap((one) => parseJid(one ?? '') ?? [])
  const of = (tipo: Jid['tipo']): readonly Jid[] => jids.filter((one) => one.tipo === tipo)
  const [first] = of('telefone')
  const isOther = jids.some(
    ({ tipo, endereco }) => tipo !== 'telefone' && endereco.split('@')[0] === telefone?.slice(1),
  )
  return omitUndefined({
    addresses: [...new Set([...of('telefone'), ...of('lid')].map(({ endereco }) => endereco))],
    telefone: (isOther ? undefined : telefone) ?? first?.telefone,
    naoPessoa: NO_PERSON.find((tipo) => of(tipo).length > 0),
  })
}

const NO_PERSON = ['grupo', 'canal', 'status'] as const
