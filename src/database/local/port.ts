import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { OwnError } from '../../lib/errors.js'

/** The port that this folder's engine had last, if it is free now; else another one, which is kept for the next time. */
export async function portOf(folder: string): Promise<number> {
  const path = join(folder, 'porta')
  const kept = Number(read(path))
  if (Number.isInteger(kept) && kept > 1_023 && kept < 65_536 && (await tryPort(kept)) === kept) return kept
  const port = await tryPort(0)
  if (port === undefined) throw new OwnError('no free port on 127.0.0.1')
  writeFileSync(path, `${port}\n`)
  return port
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** The port when it can be had, 0 for any; `undefined` when it is taken. */
function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : undefined
      server.close(() => resolve(port))
    })
  })
}
