import { type Agent, request } from 'node:http'
import type { Passage, Passed } from '../http/pass.js'
import { parseWhere } from '../lib/private-address.js'

const MAX_ANSWER_BYTES = 1_000_000

/**
 * One call to another process.
 *
 * @param arm gets what cuts the call short
 * @throws when there was no whole answer
 */
export function ask(
  agent: Agent,
  onde: string,
  { method, path, headers, body }: Passage,
  arm: (cut: () => void) => void,
): Promise<Passed> {
  const to = parseWhere(onde)
  if (!to) return Promise.reject(new Error('not a private address'))
  return new Promise((resolve, reject) => {
    const call = request({ ...to, agent, method, path, headers }, (answer) => {
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) call.destroy(new Error('too long an answer'))
        else chunks.push(chunk)
      })
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    call.on('error', reject)
    arm(() => call.destroy(new Error('cut short')))
    call.end(body)
  })
}
