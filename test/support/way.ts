import { createServer, connect as dial, type Socket } from 'node:net'

/** What happens to requests on this way: they and their answers get through; or are cut, before or after they arrive; or wait for ever. */
export type Condition = 'open' | 'cut before' | 'cut after' | 'held'

/** A way to a port, whose condition a test chooses. */
export interface Way {
  readonly port: number
  condition: Condition
  end(): Promise<void>
}

/** @param target the port that it leads to */
export async function openWay(target: () => number): Promise<Way> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const there = dial(target(), '127.0.0.1')
    const cut = (): void => {
      client.destroy()
      there.destroy()
    }
    for (const socket of [client, there]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', cut)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (bytes) => {
      if (way.condition === 'cut before') cut()
      else if (way.condition !== 'held') there.write(bytes)
    })
    there.on('data', (bytes) => {
      if (way.condition === 'cut after') cut()
      else if (way.condition !== 'held') client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const way: Way = {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    condition: 'open',
    end: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return way
}
