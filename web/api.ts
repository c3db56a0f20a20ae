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

/** Told to the window when a call finds that the session has ended. */
const ENDED = 'sessao-acabou'

/** Calls it when the session of this page has ended, as a call found out. Gives what stops it. */
export function whenSessionEnds(onEnd: () => void): () => void {
  window.addEventListener(ENDED, onEnd)
  return () => window.removeEventListener(ENDED, onEnd)
}

function failed(status: number, body: unknown): Answer<never> {
  const failure = toFailure(status, body)
  if (!failure.ok && failure.motivo === 'sem_sessao') {
    known.clear()
    window.dispatchEvent(new Event(ENDED))
  }
  return failure
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

/** What was read last of a path, in this page's memory only: the service says where it is so still. */
const known = new Map<string, { readonly etag: string; readonly dados: unknown }>()
const MOST_KNOWN = 40

function keep(path: string, etag: string | null, dados: unknown): void {
  known.delete(path)
  if (etag === null) return
  const [oldest] = known.keys()
  if (oldest !== undefined && known.size >= MOST_KNOWN) known.delete(oldest)
  known.set(path, { etag, dados })
}

/** A call to this service, as this browser's session. The type of what it gives is the contract's. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const had = method === 'GET' ? known.get(path) : undefined
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        ...(had && { 'if-none-match': had.etag }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    if (response.status === 204) return { ok: true, dados: undefined as T }
    if (had && response.status === 304) return { ok: true, dados: had.dados as T }
    const given: unknown = await response.json().catch(() => undefined)
    if (!response.ok) return failed(response.status, given)
    if (method === 'GET') keep(path, response.headers.get('etag'), given)
    return { ok: true, dados: given as T }
  } catch {
    return toFailure(0, undefined)
  }
}
