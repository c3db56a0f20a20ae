import { createServer } from 'node:net'
import { DemoFailure } from './failure.js'

const HOST = '127.0.0.1'
const MAX_PORT = 65_535

/** This port of the loopback address when nobody has it, else any that is free. Throws a DemoFailure when there is none. */
export async function freePort(wanted: number): Promise<number> {
  const port = (await tried(wanted)) ?? (await tried(0))
  if (port === undefined)
    throw new DemoFailure('Não há porta livre em 127.0.0.1: feche outros programas e tente de novo.')
  return port
}

function tried(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    // Behind the last port there is none.
    server.listen(port > MAX_PORT ? 0 : port, HOST, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
