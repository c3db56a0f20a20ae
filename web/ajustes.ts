import type { Ajustes } from './contrato.js'

let read: Partial<Ajustes> | undefined

/** What the service wrote into the page: its version, its zone, whether cookies travel in the clear. */
export function readSettings(): Partial<Ajustes> {
  read ??= parse(document.getElementById('ajustes')?.textContent)
  return read
}

function parse(text: string | null | undefined): Partial<Ajustes> {
  try {
    const given: unknown = JSON.parse(text || '{}')
    return typeof given === 'object' && given !== null ? given : {}
  } catch {
    return {}
  }
}
