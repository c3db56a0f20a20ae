import { createServer, connect as dial, type Socket } from 'node:net'
import { mongo } from 'mongoose'
import { systemClock } from '../../src/lib/clock.js'

/**
 * What happens to the next write of `vez` that comes by: the connection is cut before it reaches the engine; or after the
 * engine applied it and before its answer; or it is held, the connection cut, and it lands only later: when it is released, or
 * right before the next write.
 */
export type Fault = 'cut before' | 'cut after' | 'land late'

export interface FaultProxy {
  readonly port: number
  /** The next write suffers this. */
  next(fault: Fault): void
  /** How many faults have happened. */
  readonly happened: () => number
  /** From now on nothing gets through, and nothing is closed: an engine that hangs. */
  freeze(): void
  /** Freezes when bytes like these come by for the nth time, before they get through. Resolves then. */
  freezeAt(bytes: Buffer, nth: number): Promise<void>
  /** Bytes like these get through so many ms later. */
  slowDown(bytes: Buffer, ms: number): void
  /** New bytes get through again; those that came meanwhile are lost. */
  thaw(): void
  /** From now on the engine's answer to commands with bytes like these is this error, and they do not reach it; absent: to none. */
  refuse(commands: readonly Buffer[], error?: EngineError): void
  /** Closes all connections; new ones get through: an engine that is begun again. */
  restart(): void
  /** Lets a held write go now. */
  release(): Promise<void>
  end(): Promise<void>
}

/** What an engine answers instead of a result. */
export interface EngineError {
  readonly code: number
  readonly codeName: string
}

/** How the commands that write begin on the wire. */
export const WRITES = ['findAndModify', 'insert', 'update', 'delete'].map((name) => Buffer.from(`${name}\0`))

export const WRITE = Buffer.from('findAndModify')

/** How a command on a collection begins on the wire (BSON). */
export function commandOn(command: string, collection: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32LE(collection.length + 1)
  return Buffer.concat([Buffer.from(`${command}\0`), length, Buffer.from(`${collection}\0`)])
}

export const insertInto = (collection: string): Buffer => commandOn('insert', collection)

const OP_MSG = 2_013

/** The answer to the message that begins these bytes. */
function errorAnswer(message: Buffer, error: EngineError): Buffer {
  const body = mongo.BSON.serialize({ ok: 0, errmsg: 'refused', ...error })
  const head = Buffer.alloc(21)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(message.readInt32LE(4), 8)
  head.writeInt32LE(OP_MSG, 12)
  return Buffer.concat([head, body])
}

/** A proxy of ours between service and engine. */
export async function startProxy(target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  let fault: Fault | undefined
  let count = 0
  let held: (() => Promise<void>) | undefined
  let frozen = false
  let refused: { readonly commands: readonly Buffer[]; readonly error: EngineError } | undefined
  let slow: { readonly bytes: Buffer; readonly ms: number } | undefined
  let trap: { readonly bytes: Buffer; left: number; readonly sprung: () => void } | undefined

  const release = async (): Promise<void> => {
    const land = held
    held = undefined
    await land?.()
  }

  const server = createServer((client) => {
    const engine = dial(target, '127.0.0.1')
    for (const socket of [client, engine]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let cutsAnswer = false
    let keepsEngine = false
    client.on('close', () => {
      if (!keepsEngine) engine.destroy()
    })
    engine.on('close', () => client.destroy())
    engine.on('data', (bytes) => {
      if (cutsAnswer) client.destroy()
      else if (!client.destroyed) client.write(bytes)
    })
    client.on('data', async (bytes) => {
      if (trap && bytes.includes(trap.bytes)) trap.left -= 1
      if (trap?.left === 0) {
        frozen = true
        trap.sprung()
        trap = undefined
      }
      if (frozen) return
      if (refused?.commands.some((one) => bytes.includes(one)))
        return void client.write(errorAnswer(bytes, refused.error))
      if (slow && bytes.includes(slow.bytes)) await systemClock.wait(slow.ms)
      if (!bytes.includes(WRITE)) return void engine.write(bytes)
      await release()
      const now = fault
      fault = undefined
      if (now === undefined) return void engine.write(bytes)
      count += 1
      if (now === 'cut before') client.destroy()
      else if (now === 'cut after') {
        cutsAnswer = true
        engine.write(bytes)
      } else {
        keepsEngine = true
        cutsAnswer = true
        held = () =>
          new Promise((resolve) => {
            engine.once('data', () => {
              engine.destroy()
              resolve()
            })
            engine.write(bytes)
          })
        client.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    next: (wanted) => {
      fault = wanted
    },
    happened: () => count,
    freeze: () => {
      frozen = true
    },
    freezeAt: (bytes, nth) =>
      new Promise((resolve) => {
        trap = { bytes, left: nth, sprung: resolve }
      }),
    slowDown: (bytes, ms) => {
      slow = { bytes, ms }
    },
    thaw: () => {
      frozen = false
    },
    refuse: (commands, error) => {
      refused = error && { commands, error }
    },
    restart: () => {
      frozen = false
      for (const socket of sockets) socket.destroy()
    },
    release,
    end: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
