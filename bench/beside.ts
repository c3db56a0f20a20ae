import { setTimeout as wait } from 'node:timers/promises'
import { KEY, type Measured, measured } from './load.js'

/** Turns over REST without the webhook, one after the other. */
const ALONE = 200

interface Beside {
  readonly alone: Measured
  /** Only those that began while the webhook was being worked on. */
  readonly beside: Measured
  /** How often the webhook had to be sent until it was taken. */
  readonly requests: number
}

/** Turns over REST, one after the other, without and beside one webhook of so many messages of new customers. */
export async function besideOneLargeRequest(
  url: string,
  path: string,
  instance: string,
  messages: number,
): Promise<Beside> {
  const run = `${process.pid}-${Date.now()}`
  const data = Array.from({ length: messages }, (_, index) => ({
    key: { remoteJid: `${5_511_900_000_000 + index}@s.whatsapp.net`, fromMe: false, id: `${run}-${index}` },
    pushName: 'Cliente de Atendimento',
    message: { conversation: 'quero falar com alguém' },
    messageTimestamp: Math.floor(Date.now() / 1_000),
  }))
  const body = JSON.stringify({ event: 'messages.upsert', instance, data })
  let turns = 0
  const rest = async (isOver: () => boolean, counts: () => boolean): Promise<Measured> => {
    const taken: number[] = []
    const started = performance.now()
    while (!isOver()) {
      const begun = performance.now()
      const isCounted = counts()
      turns += 1
      const headers = { 'api-key': KEY, 'idempotency-key': `${run}-rest-${turns}` }
      const response = await fetch(`${url}/consultor/da-vez?idioma=pt`, { headers })
      await response.arrayBuffer()
      if (isCounted && response.ok) taken.push(performance.now() - begun)
    }
    return measured(taken, performance.now() - started)
  }
  const alone = await rest(
    () => turns >= ALONE,
    () => true,
  )
  let isOver = false
  let isInFlight = false
  let requests = 0
  const send = async (): Promise<void> => {
    while (!isOver) {
      isInFlight = true
      requests += 1
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await response.arrayBuffer()
      isInFlight = false
      isOver = response.status === 200
      if (!isOver) await wait(Number(response.headers.get('retry-after') ?? 1) * 1_000)
    }
  }
  const sent = send()
  const beside = await rest(
    () => isOver,
    () => isInFlight,
  )
  await sent
  return { alone, beside, requests }
}
