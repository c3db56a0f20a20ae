import { textos } from './textos.js'

/** What a call came to: what it asked for, or in words why not. `status` 0: nobody answered. */
export type Answer<T> =
  | { readonly ok: true; readonly dados: T }
  | { readonly ok: false; readonly status: number; readonly detail: string; readonly motivo: string | undefined }

const LIMIT_MS = 15_000

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function inWords(status: number): string {
  if (status === 0) return textos.erros.semResposta
  if (status === 401) return textos.erros.sessaoEncerrada
  if (status === 403) return textos.erros.semPermissao
  if (status === 404) return textos.erros.naoExiste
  if (status === 429) return textos.erros.muitasVezes
  return status >= 500 ? textos.erros.servidor : textos.erros.recusado
}

function toFailure(status: number, body: unknown): Answer<never> {
  const { detail, motivo } = isRecord(body) ? body : {}
  return {
    ok: false,
    status,
    detail: typeof detail === 'string' && detail !== '' ? detail : inWords(status),
    motivo: typeof motivo === 'string' ? motivo : undefined,
  }
}

/** A call to this service, as this browser's session. The type of what it gives is the contract's. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: method === 'GET' ? 'no-cache' : 'no-store',
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    if (response.status === 204) return { ok: true, dados: undefined as T }
    const given: unknown = await response.json().catch(() => undefined)
    return response.ok ? { ok: true, dados: given as T } : toFailure(response.status, given)
  } catch {
    return toFailure(0, undefined)
  }
}
