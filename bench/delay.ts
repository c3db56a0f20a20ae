import { createServer, connect as dial, type Socket } from 'node:net'

/** A way to a port on which whatever is sent there arrives so many ms later; answers come back at once. */
export interface DelayedWay {
  readonly port: number
  end(): Promise<void>
}

/** Opens one on a port of its own of this machine. */
export async function openDelayedWay(target: number, delayMs: number): Promise<DelayedWay> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const there = dial(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, there],
      [there, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (bytes) => setTimeout(() => there.writable && there.write(bytes), delayMs))
    there.on('data', (bytes) => client.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    end: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
