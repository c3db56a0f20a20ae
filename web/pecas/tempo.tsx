import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { duration, exactTime, type Instant, relativeTime, serverNow, shortTime, toMs } from '../tempo.js'

const TICK_MS = 10_000

/** Now by the clock of the service, in milliseconds; drawn again every 10 s. */
export function useNow(): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  // The clock of the service may have become known since the last tick.
  return Math.max(now, serverNow())
}

const isoOf = (em: Instant): string => new Date(toMs(em)).toISOString()

/** How long ago or ahead it is; the exact time is the title. */
export function Tempo({ em }: { readonly em: Instant }): JSX.Element {
  const now = useNow()
  return (
    <time dateTime={isoOf(em)} title={exactTime(em)}>
      {relativeTime(em, now)}
    </time>
  )
}

/** How long it has lasted, as `12 min`. */
export function Duracao({ desde }: { readonly desde: Instant }): JSX.Element {
  const now = useNow()
  return (
    <time dateTime={isoOf(desde)} title={exactTime(desde)}>
      {duration(now - toMs(desde))}
    </time>
  )
}

/** The time of a day, with the day when it is another one. */
export const Hora = ({ em }: { readonly em: Instant }): JSX.Element => (
  <time dateTime={isoOf(em)} title={exactTime(em)}>
    {shortTime(em)}
  </time>
)
