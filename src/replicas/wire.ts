import { type Agent, type ClientRequest, request } from 'node:http'
import type { Passage, Passed } from '../http/pass.js'
import { parseWhere } from '../lib/private-address.js'

const MAX_ANSWER_BYTES = 1_000_000

/**
 * One call to another process. Where a connection that was kept had been closed over there meanwhile, it is made once more on
 * a new one: the request has a key.
 *
 * @param arm gets what cuts the call short
 * @throws when there was no whole answer
 */
export function ask(agent: Agent, onde: string, passage: Passage, arm: (cut: () => void) => void): Promise<Passed> {
  const to = parseWhere(onde)
  if (!to) return Promise.reject(new Error('not a private address'))
  const { method, path, headers, body } = passage
  return new Promise((resolve, reject) => {
    let current: ClientRequest
    let isCut = false
    const send = (by: Agent | false): void => {
      let isAnswered = false
      const call = request({ ...to, agent: by, method, path, headers }, (answer) => {
        isAnswered = true
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
      current = call
      call.on('error', (error) => {
        if (call.reusedSocket && !isAnswered && !isCut) send(false)
        else reject(error)
      })
      call.end(body)
    }
    send(agent)
    arm(() => {
      isCut = true
      current.destroy(new Error('cut short'))
    })
  })
}
