import { ADMIN, type Answer, type Call, call, type TestService } from './service.js'

/** A browser at one page: it keeps its cookie, and says from where its calls come. */
export interface Browser {
  readonly cookie: () => string
  call(method: string, path: string, more?: Call): Promise<Answer>
}

/** @param cookie one that it has already */
export function browser(url: string, cookie = ''): Browser {
  let kept = cookie
  return {
    cookie: () => kept,
    async call(method, path, more = {}) {
      const own = { 'api-key': '', 'sec-fetch-site': 'same-origin', origin: url, cookie: kept }
      const answer = await call(url, method, path, { ...more, headers: { ...own, ...more.headers } })
      const [set] = answer.headers.getSetCookie()
      if (set !== undefined) kept = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '')
      return answer
    },
  }
}

const signedIn = async (page: Browser, path: string, body: object): Promise<Browser> => {
  const { status } = await page.call('POST', path, { body })
  if (status !== 200) throw new Error(`${path}: ${status}`)
  return page
}

type Called = Pick<TestService, 'url' | 'call'>

/** A browser in which a manager is signed in, by a key of the API. */
export const manager = ({ url }: Called, chave = ADMIN): Promise<Browser> =>
  signedIn(browser(url), '/painel/api/entrar', { chave })

/** A browser in which this consultor is signed in, by his link. */
export async function seller({ url, call: ask }: Called, id: number): Promise<Browser> {
  const { link } = (await ask('POST', `/consultor/${id}/acesso`)).body
  return signedIn(browser(url), '/eu/api/entrar', { token: link.split('#c=')[1] })
}

/** What a stream of server-sent events has told so far. */
export interface Listener {
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly told: { readonly event: string; readonly data: any }[]
  readonly status: number
  readonly headers: Headers
  isOver(): boolean
  close(): void
}

/** Opens a stream as an EventSource does. */
export async function listen(url: string, path: string, cookie: string): Promise<Listener> {
  const abort = new AbortController()
  const response = await fetch(url + path, { headers: { cookie }, signal: abort.signal })
  const told: Listener['told'] = []
  let over = false
  const read = async (): Promise<void> => {
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        const event = field('event')
        if (event !== undefined) told.push({ event, data: JSON.parse(field('data') ?? 'null') })
      }
    }
  }
  void read()
    .catch(() => undefined)
    .finally(() => {
      over = true
    })
  return {
    told,
    status: response.status,
    headers: response.headers,
    isOver: () => over,
    close: () => abort.abort(),
  }
}
