import { connect } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { listen } from '../../src/http/server.js'

const RECEIVE_MS = 200

/** What the server says until it closes the connection. */
const told = (port: number, sent: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(sent))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.once('close', () => resolve(text))
    socket.once('error', reject)
  })

it('keeps an idle connection for longer than a proxy does', async () => {
  const port = await listen('127.0.0.1', 0)
  port.serve((_request, response) => response.end())
  const { headers } = await fetch(`http://127.0.0.1:${port.port}/`)
  expect(headers.get('keep-alive')).toBe('timeout=95')
  await port.close()
})

describe('a client that sends slowly', () => {
  it.each([
    ['its head', 'POST /vez HTTP/1.1\r\nHost: x\r\n'],
    ['its body', 'POST /vez HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'],
  ])('%s is refused, and its connection closed', async (_, sent) => {
    const port = await listen('127.0.0.1', 0, RECEIVE_MS)
    port.serve((request) => void request.resume())
    const text = await told(port.port, sent)
    expect(text).toContain('408 Request Timeout')
    expect(text).toContain('"detail":"A requisição demorou demais')
    await port.close()
  })

  it('does not limit how long an answer takes', async () => {
    const port = await listen('127.0.0.1', 0, RECEIVE_MS)
    port.serve((request, response) => {
      request.resume()
      response.write('begun')
      setTimeout(() => response.end(' and ended'), 3 * RECEIVE_MS)
    })
    const answer = await fetch(`http://127.0.0.1:${port.port}/`)
    expect(await answer.text()).toBe('begun and ended')
    await port.close()
  })
})
