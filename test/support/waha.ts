import { createHmac } from 'node:crypto'
import { type TestCanal, testCanal } from './chat.js'
import { type Platforms, type Recorded, type Reply, startPlatforms } from './platforms.js'
import { type Answer, call, type TestService } from './service.js'

export type Engine = 'WEBJS' | 'NOWEB' | 'GOWS'

interface Webhook {
  readonly url: string
  readonly events: readonly string[]
  readonly hmac?: { readonly key: string } | null
}

/** What a customer, or the shop's own phone, writes. */
export interface Written {
  readonly id: string
  /** The chat's address. */
  readonly chat?: string
  /** The other address of the customer, which the engine may tell. */
  readonly alt?: string
  readonly text?: string
  readonly me?: boolean
  readonly source?: 'api' | 'app'
  readonly at?: Date
}

/** A server of WAHA with one session, as its documentation has it (docs/vendors/chat.md#waha). */
export interface Waha extends Pick<Platforms, 'url' | 'calls' | 'answer' | 'end'> {
  readonly session: { status: string; config: { webhooks: Webhook[]; [name: string]: unknown } }
  /** Sends an event to the session's webhooks that want it, signed where they have a key. Returns their answers. */
  emit(event: string, payload: unknown, more?: { session?: string; engine?: Engine }): Promise<readonly Answer[]>
  /** A message, by `message.any`, and by `message` as well when it is not ours. */
  write(written: Written, engine?: Engine): Promise<readonly Answer[]>
  /** The last text that it was given to send comes back, as NOWEB tells it: as if somebody had typed it. */
  echo(engine?: Engine): Promise<readonly Answer[]>
}

const SHOP = { id: '5511900000000@c.us', pushName: 'Loja', lid: '55000000000001@lid' }
const KEY = 'chave-do-waha'

export async function startWaha(engine: Engine = 'NOWEB'): Promise<Waha> {
  const platforms = await startPlatforms()
  let last: Written | undefined
  const session: Waha['session'] = { status: 'WORKING', config: { debug: false, webhooks: [] } }
  const state = () => ({ name: 'loja', ...session, me: SHOP, engine: { engine } })
  const standard = ({ method, path, headers, body }: Recorded): Reply => {
    if (headers['x-api-key'] !== KEY) return { status: 401, json: { statusCode: 401, message: 'Unauthorized' } }
    if (path === '/api/sessions/loja' && method === 'PUT') session.config = body.config
    if (path === '/api/sessions/loja') return { json: state() }
    if (path !== '/api/sendText') return { status: 404, json: { statusCode: 404 } }
    const expected = ['WORKING']
    if (session.status !== 'WORKING')
      return { status: 422, json: { status: session.status, session: 'loja', expected } }
    last = { id: `3EB0${platforms.calls.length}`, chat: body.chatId, text: body.text, me: true }
    return { status: 201, json: sent(engine, body.chatId, last.id) }
  }
  platforms.answer(standard)
  const emit: Waha['emit'] = async (event, payload, more = {}) => {
    const body = {
      id: `evt_${event}`,
      timestamp: Date.now(),
      event,
      session: 'loja',
      me: SHOP,
      payload,
      engine,
      ...more,
    }
    const raw = JSON.stringify(body)
    const wanted = session.config.webhooks.filter(({ events }) => events.includes(event) || events.includes('*'))
    return Promise.all(wanted.map(({ url, hmac }) => post(url, raw, hmac?.key)))
  }
  const write: Waha['write'] = async (written, by = engine) => {
    const payload = toPayload(written, by)
    const all = await emit('message.any', payload, { engine: by })
    return written.me ? all : [...all, ...(await emit('message', payload, { engine: by }))]
  }
  return {
    url: platforms.url,
    calls: platforms.calls,
    answer: (reply) => platforms.answer((recorded) => reply(recorded) ?? standard(recorded)),
    end: platforms.end,
    session,
    emit,
    write,
    echo: async (by = engine) => (last ? write(last, by) : []),
  }
}

/** What it answers to `sendText`: each engine its own. */
function sent(engine: Engine, chat: string, id: string): object {
  const serialized = `true_${chat}_${id}`
  if (engine === 'GOWS') return { id: serialized, _data: { Info: { ID: id, Chat: chat } } }
  if (engine === 'WEBJS') return { id: { fromMe: true, remote: chat, id, _serialized: serialized }, _data: {} }
  return { key: { remoteJid: chat, fromMe: true, id }, message: {} }
}

/** A webhook call of WAHA with this body, signed by a key; or with the signature of another body. */
export function post(url: string, raw: string, key?: string, signed = raw): Promise<Answer> {
  const { origin, pathname } = new URL(url)
  return call(origin, 'POST', pathname, {
    raw,
    headers: { ...stamps(), ...(key !== undefined && signature(signed, key)) },
  })
}

const stamps = () => ({ 'x-webhook-request-id': '01jxyb8q49', 'x-webhook-timestamp': String(Date.now()) })

const signature = (raw: string, key: string): Record<string, string> => ({
  'x-webhook-hmac': createHmac('sha512', key).update(raw).digest('hex'),
  'x-webhook-hmac-algorithm': 'sha512',
})

const inside = (address: string): string => address.replace('@c.us', '@s.whatsapp.net')

/** A text message as it makes one out of what its engine received. */
export function toPayload(written: Written, engine: Engine): Record<string, unknown> {
  const { id, chat = '5511987654321@c.us', text = 'oi', me = false, source = 'app', at = new Date() } = written
  const timestamp = Math.floor(at.getTime() / 1_000)
  const isOurs = engine === 'WEBJS' && me
  return {
    id: `${me}_${chat}_${id}`,
    timestamp,
    from: isOurs ? SHOP.id : chat,
    fromMe: me,
    source,
    to: engine === 'WEBJS' ? (me ? chat : SHOP.id) : null,
    body: text,
    hasMedia: false,
    media: null,
    ack: 1,
    location: null,
    vCards: engine === 'WEBJS' ? [] : null,
    _data: toData(written, engine, { chat, text, timestamp }),
  }
}

function toData(
  { id, alt, me = false }: Written,
  engine: Engine,
  { chat, text, timestamp }: { chat: string; text: string; timestamp: number },
): object {
  if (engine === 'WEBJS') return { id: { fromMe: me, remote: chat, id }, type: 'chat', body: text, notifyName: 'Bia' }
  if (engine === 'NOWEB') {
    const key = { remoteJid: inside(chat), fromMe: me, id, ...(alt && { remoteJidAlt: inside(alt) }) }
    return { key, messageTimestamp: timestamp, pushName: 'Bia', message: { conversation: text } }
  }
  const Sender = me ? '5511900000000:3@s.whatsapp.net' : inside(chat)
  const alts = { SenderAlt: me ? SHOP.lid : inside(alt ?? ''), RecipientAlt: me ? inside(alt ?? '') : '' }
  const Info = { Chat: inside(chat), Sender, ...alts, IsFromMe: me, IsGroup: false, ID: id, PushName: 'Bia', Edit: '' }
  return { Info, Message: { conversation: text } }
}

/** An account whose session is there; its webhook is not yet registered. */
export const wahaAccount = (service: TestService, { url }: Waha, more: object = {}): Promise<TestCanal> =>
  testCanal(service, 'waha', { ajustes: { sessao: 'loja', servidor: url, chave_api: KEY }, ...more })
