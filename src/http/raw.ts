import type { IncomingMessage } from 'node:http'
import { AppError } from '../lib/errors.js'

const READ_MS = 10_000

/** The bytes of a request as they came. Throws 413 past `max`, 408 when they take too long, 400 when the sender stops in between. */
export function readRaw(request: IncomingMessage, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const limit = setTimeout(() => end(new AppError(408, 'O corpo demorou demais')), READ_MS)
    const end = (error?: Error): void => {
      clearTimeout(limit)
      request.removeAllListeners('data')
      if (error) {
        request.resume()
        reject(error)
      } else resolve(Buffer.concat(chunks))
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > max) end(new AppError(413, 'Corpo da requisição grande demais', { headers: { Connection: 'close' } }))
      else chunks.push(chunk)
    })
    request.once('end', () => end())
    request.once('error', () => end(new AppError(400, 'Requisição inválida')))
    request.once('aborted', () => end(new AppError(400, 'Requisição inválida')))
  })
}
