import { call } from './api.js'

/**
 * How fresh what is shown is. `ligando`: the first snapshot is under way. `vivo`: told of each change. `consultando`: no stream,
 * but the last question was answered. `parado`: nothing came, what is shown may be old.
 */
export type Link =
  | { readonly estado: 'ligando' | 'vivo' | 'consultando' }
  | { readonly estado: 'parado'; readonly desde: number }

export interface Live<T> {
  readonly dados: T | undefined
  readonly link: Link
}

interface LiveOptions {
  /** The address of the stream. */
  readonly stream: string
  /** The address that gives one snapshot. */
  readonly poll: string
  /** The name of the event that carries a snapshot. Any event says that the link lives. */
  readonly event: string
}

const SILENCE_MS = 35_000
const POLL_MS = 10_000
const HIDDEN_MS = 60_000
const CHECK_MS = 1_000
/** How long the last picture passes for fresh while a page that was hidden connects again. */
const GRACE_MS = 3_000
/** What the server sends while nothing changes, and before it ends a stream. */
const PULSE = 'pulso'
const END = 'fim'

/**
 * Follows a stream of whole snapshots and says how fresh the last one is. Without a word for 35 s it asks every 10 s; a page that
 * nobody sees for 60 s asks for nothing. Gives what ends it.
 */
export function followLive<T>({ stream, poll, event }: LiveOptions, onChange: (live: Live<T>) => void): () => void {
  let live: Live<T> = { dados: undefined, link: { estado: 'ligando' } }
  let source: EventSource | undefined
  /** When the stream, and when anything, was last heard. */
  let [streamAt, heardAt] = [Date.now(), Date.now()]
  let broken = false
  let [askedAt, pollFailed, asking] = [0, false, false]
  let hiddenAt: number | undefined
  let ended = false
  /** There is no session to ask with. */
  let signedOut = false

  const change = (part: Partial<Live<T>>) => {
    if (ended) return
    live = { ...live, ...part }
    onChange(live)
  }
  const streamIsSilent = () => broken || Date.now() - streamAt > SILENCE_MS
  const linkNow = (): Link => {
    if (!streamIsSilent()) return live.dados === undefined ? { estado: 'ligando' } : { estado: 'vivo' }
    if (!pollFailed && Date.now() - heardAt < 2 * POLL_MS) return { estado: 'consultando' }
    return { estado: 'parado', desde: heardAt }
  }
  /** Says how it stands, with the snapshot when there is a new one. */
  const tell = (part: Partial<Live<T>> = {}) => {
    const before = live.link.estado
    live = { ...live, ...part }
    const link = linkNow()
    if (link.estado !== before || Object.keys(part).length > 0) change({ link })
  }
  const onStream = (part?: Partial<Live<T>>) => {
    streamAt = heardAt = Date.now()
    broken = pollFailed = false
    tell(part)
  }
  const close = () => {
    source?.close()
    source = undefined
  }
  const open = () => {
    close()
    const own = new EventSource(stream)
    own.addEventListener(event, (message) => {
      const dados = parse<T>(message.data)
      if (dados !== undefined) onStream({ dados })
    })
    own.addEventListener(PULSE, () => onStream())
    const onEnd = () => {
      if (source !== own) return
      broken = true
      void ask()
    }
    own.addEventListener(END, () => {
      own.close()
      onEnd()
    })
    own.onerror = onEnd
    source = own
  }
  const ask = async () => {
    if (ended || asking || Date.now() - askedAt < POLL_MS) return
    askedAt = Date.now()
    asking = true
    const before = heardAt
    const answer = await call<T>('GET', poll)
    asking = false
    if (answer.ok) {
      pollFailed = false
      // A snapshot that the stream brought meanwhile is newer.
      const isNews = heardAt === before
      heardAt = Date.now()
      tell(isNews ? { dados: answer.dados } : {})
    } else if (answer.status === 401) {
      signedOut = true
      return close()
    } else {
      pollFailed = true
      tell()
    }
    if (!ended && source?.readyState === EventSource.CLOSED) open()
  }
  const check = () => {
    if (hiddenAt !== undefined && Date.now() - hiddenAt > HIDDEN_MS) return close()
    if (signedOut || source === undefined) return
    tell()
    if (streamIsSilent()) void ask()
  }
  const onVisibility = () => {
    hiddenAt = document.hidden ? Date.now() : undefined
    if (document.hidden || source !== undefined || signedOut) return
    askedAt = 0
    streamAt = Date.now() - SILENCE_MS + GRACE_MS
    open()
    void ask()
  }

  open()
  const timer = setInterval(check, CHECK_MS)
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', onVisibility)
  return () => {
    ended = true
    close()
    clearInterval(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', onVisibility)
  }
}

function parse<T>(text: unknown): T | undefined {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as T) : undefined
  } catch {
    return undefined
  }
}
