import { fromDigits } from '../../src/lib/phone.js'
import type { EventContact } from '../contract.js'

/** An address of LIME (docs/vendors/chat.md#blip-messages): `name@domain/instance`. */
export interface Node {
  /** Without the instance, which is a session and changes from message to message. */
  readonly identity: string
  readonly name: string
  readonly domain: string
  /** Whom a bot behind a router answers through its tunnel (docs/vendors/chat.md#blip-tunnels). */
  readonly behind?: Node
}

const TUNNEL = 'tunnel.msging.net'

/** Takes an address apart; what follows a `|` is the number of a ticket, which we put there. */
export function toNode(written: string): Node {
  const [identity = written, instance = ''] = written.split('|')[0]?.split('/') ?? []
  const [name = '', domain = ''] = identity.split('@')
  const isAnswer = domain === TUNNEL && instance.includes('%40')
  return { identity, name, domain, ...(isAnswer && { behind: toNode(decoded(instance)) }) }
}

/** Is this a bot or a service of Blip, also one that speaks through a tunnel? */
export const isBot = ({ name, domain }: Node): boolean =>
  domain === 'msging.net' || (domain === TUNNEL && /@msging\.net$/.test(decoded(name)))

/** A customer by his address in the channel, which is the same behind every router, and by the address that the message bore. */
export function toContato(node: Node, originator: string | undefined): EventContact {
  const origin = originator === undefined ? undefined : toNode(originator)
  const customer = origin === undefined || isBot(origin) ? node : origin
  return { ids: [...new Set([customer.identity, node.identity])], telefone: phoneOf(customer) }
}

/** Only in WhatsApp's domain is the name a phone; other channels use digits as ids. */
const phoneOf = ({ name, domain }: Node): string | undefined =>
  domain === 'wa.gw.msging.net' ? fromDigits(name) : undefined

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
