import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../src/lib/clock.js'
import { type How, CLOUDFLARE as PAGE } from './faults.js'
import type { Answered } from './front.js'

const MOST_BYTES = 2_000_000

/** @returns the body; `undefined` for one that is too large */
export async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MOST_BYTES) return undefined
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What a fault says in the place of the account; `undefined` when the account is asked all the same. */
export function instead(how: How | undefined): Answered | undefined {
  if (how === 'redirecionar') {
    return { status: 302, text: '', tokens: 0, headers: { location: 'http://127.0.0.1:1/elsewhere' } }
  }
  if (typeof how !== 'object' || !('status' in how)) return undefined
  return { status: how.status, text: how.body ?? '', tokens: 0, headers: { ...how.headers } }
}

/** Answers, or breaks off after the work was done. */
export function send(response: ServerResponse, answered: Answered, how: How | undefined, clock: Clock): void {
  const { status, text, headers } = answered
  if (how === 'cortar_depois') return void response.destroy()
  if (how === 'demorar') return
  const go = (): void => {
    response.writeHead(status, { 'content-type': how === 'html' ? 'text/html' : 'application/json', ...headers })
    if (how === 'metade') response.end(text.slice(0, text.length / 2))
    else response.end(how === 'html' ? PAGE : how === 'vazio' ? '' : text)
  }
  if (typeof how === 'object' && 'lentoMs' in how) clock.after(how.lentoMs, go)
  else go()
}
