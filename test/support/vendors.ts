import type { Recorded, Reply } from './platforms.js'

/** An account that a vendor knows by one key, and what it answers to it, to a wrong key, to an unknown account and elsewhere. */
export interface Vendor {
  readonly ajustes: Readonly<Record<string, unknown>>
  /** Other settings, by which the key is wrong. */
  readonly wrongKey: Readonly<Record<string, unknown>>
  /** Other settings, by which the account is unknown, each with the setting to blame. Absent where the vendor knows no accounts. */
  readonly unknown: readonly (readonly [field: string, ajustes: Readonly<Record<string, unknown>>])[]
  /** Paths that are easily pasted behind the server's address. */
  readonly pasted: readonly string[]
  answer(call: Recorded): Reply
}

const PAGE: Reply = { html: '<!doctype html><html><body>painel</body></html>' }
const NO_PAGE: Reply = { status: 404, html: '<html><body>not found</body></html>' }

/** Each platform that can be asked, as its documentation or source says (docs/vendors/chat.md). */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  evolution: {
    ajustes: { instancia: 'loja', chave_api: 'boa' },
    wrongKey: { chave_api: 'outra' },
    unknown: [['instancia', { instancia: 'lojinha' }]],
    pasted: ['/manager', '/manager/instance/loja/dashboard', '/instance/connectionState/loja'],
    answer: ({ path, headers, method }) => {
      const refusal = (status: number, error: string, message: string[]) => ({
        status,
        json: { status, error, response: { message } },
      })
      const [, instance] = /^\/instance\/connectionState\/([^/]+)$/.exec(path) ?? []
      if (path.startsWith('/manager')) return PAGE
      if (instance === undefined) return refusal(404, 'Not Found', [`Cannot ${method} ${path}`])
      if (instance !== 'loja') return refusal(404, 'Not Found', [`The "${instance}" instance does not exist`])
      if (headers.apikey !== 'boa')
        return { status: 401, json: { status: 401, error: 'Unauthorized', response: { message: 'Unauthorized' } } }
      return { json: { instance: { instanceName: 'loja', state: 'open' } } }
    },
  },
  chatwoot: {
    ajustes: { conta_id: 1, caixa_id: 3, token: 'boa' },
    wrongKey: { token: 'outra' },
    unknown: [
      ['conta_id', { conta_id: 99 }],
      ['conta_id', { conta_id: 2 }],
      ['caixa_id', { caixa_id: 7 }],
    ],
    pasted: ['/app/accounts/1/', '/app/accounts/1/inbox/3', '/app/login', '/api/v1'],
    answer: ({ path, headers }) => {
      const [, account, rest] = /^\/api\/v1\/accounts\/(\d+)\/(.*)$/.exec(path) ?? []
      if (path.startsWith('/app/')) return PAGE
      if (account === undefined) return NO_PAGE
      if (headers.api_access_token !== 'boa') return { status: 401, json: { error: 'Invalid Access Token' } }
      if (account === '2') return { status: 401, json: { error: 'You are not authorized to access this account' } }
      if (account !== '1' || !['agents', 'inboxes/3'].includes(rest ?? ''))
        return { status: 404, json: { error: 'Resource could not be found' } }
      return { json: rest === 'agents' ? [] : { id: 3 } }
    },
  },
  waha: {
    ajustes: { sessao: 'loja', chave_api: 'boa' },
    wrongKey: { chave_api: 'outra' },
    unknown: [['sessao', { sessao: 'lojinha' }]],
    pasted: ['/dashboard', '/api', '/dashboard/'],
    answer: ({ path, headers }) => {
      if (path.startsWith('/dashboard'))
        return { status: 401, html: 'Authentication required', headers: { 'www-authenticate': 'Basic' } }
      const [, session] = /^\/api\/sessions\/([^/]+)$/.exec(path) ?? []
      if (headers['x-api-key'] !== 'boa') return { status: 401, json: { message: 'Unauthorized', statusCode: 401 } }
      if (session === undefined)
        return { status: 404, json: { message: `Cannot GET ${path}`, error: 'Not Found', statusCode: 404 } }
      if (session !== 'loja')
        return { status: 404, json: { message: 'Session not found', error: 'Not Found', statusCode: 404 } }
      return { json: { name: 'loja', status: 'WORKING', config: null } }
    },
  },
  zapi: {
    ajustes: { instancia: 'A20D', token: 'boa', client_token: 'conta' },
    wrongKey: { client_token: 'outra' },
    unknown: [['instancia', { instancia: 'B30E' }]],
    pasted: ['/instances/A20D/token/boa/send-text', '/instances/A20D'],
    answer: ({ path, headers }) => {
      const [, instance, token] = /^\/instances\/([^/]+)\/token\/([^/]+)\/status$/.exec(path) ?? []
      if (instance === undefined)
        return { status: 404, json: { error: 'NOT_FOUND', message: 'Unable to find matching target resource method' } }
      const given = headers['client-token']
      if (given !== 'conta')
        return { status: 403, json: { error: given ? `Client-Token ${given} not allowed` : 'null not allowed' } }
      if (instance !== 'A20D' || token !== 'boa') return { status: 400, json: { error: 'Instance not found' } }
      return { json: { connected: true } }
    },
  },
  'whatsapp-cloud': {
    ajustes: { phone_number_id: '1065', app_secret: 'app', token: 'boa' },
    wrongKey: { token: 'outra' },
    unknown: [['phone_number_id', { phone_number_id: '5511999990000' }]],
    pasted: ['/v21.0/1065/messages', '/v21.0'],
    answer: ({ path, headers }) => {
      const refusal = (status: number, error: object) => ({ status, json: { error } })
      if (headers.authorization !== 'Bearer boa')
        return refusal(401, { message: 'Invalid OAuth access token.', type: 'OAuthException', code: 190 })
      const [, number] = /^\/v\d+\.\d\/(\d+)\?fields=id$/.exec(path) ?? []
      if (number === undefined)
        return refusal(400, { message: 'Unknown path components', type: 'OAuthException', code: 2500 })
      if (number !== '1065')
        return refusal(400, {
          message: 'Unsupported get request.',
          type: 'GraphMethodException',
          code: 100,
          error_subcode: 33,
        })
      return { json: { id: number } }
    },
  },
  twilio: {
    ajustes: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 'boa', numero: '+551133334444' },
    wrongKey: { auth_token: 'outra' },
    unknown: [
      ['account_sid', { account_sid: `AC${'1'.repeat(32)}` }],
      ['numero', { numero: '+551133335555' }],
    ],
    pasted: ['/2010-04-01/Accounts', '/2010-04-01'],
    answer: ({ path, headers }) => {
      const [, sid, rest] = /^\/2010-04-01\/Accounts\/(AC\d{32})(.*)$/.exec(path) ?? []
      const given = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()
      const missing = {
        status: 404,
        json: { code: 20_404, message: `The requested resource ${path} was not found`, status: 404 },
      }
      if (sid === undefined) return missing
      if (!given.endsWith(':boa')) return { status: 401, json: { code: 20_003, message: 'Authenticate', status: 401 } }
      if (!sid.endsWith('0')) return missing
      if (rest === '.json') return { json: { sid, status: 'active' } }
      return { json: { incoming_phone_numbers: rest?.includes('551133334444') ? [{ sid: 'PN1' }] : [] } }
    },
  },
  telegram: {
    ajustes: { token: '123:boa' },
    wrongKey: { token: '123:outra' },
    unknown: [],
    pasted: ['/bot123:boa', '/bot123:boa/getMe'],
    answer: ({ path }) => {
      const refusal = (error_code: number, description: string) => ({
        status: error_code,
        json: { ok: false, error_code, description },
      })
      if (path === '/bot123:boa/getMe') return { json: { ok: true, result: { id: 123, is_bot: true } } }
      return /^\/bot[^/]+\/getMe$/.test(path) ? refusal(401, 'Unauthorized') : refusal(404, 'Not Found')
    },
  },
  rocketchat: {
    ajustes: { usuario_id: 'u1', token: 'boa' },
    wrongKey: { token: 'outra' },
    unknown: [],
    pasted: ['/home', '/admin/info', '/api/v1'],
    answer: ({ path, headers }) => {
      if (path !== '/api/v1/me') return PAGE
      if (headers['x-auth-token'] !== 'boa' || headers['x-user-id'] !== 'u1')
        return { status: 401, json: { status: 'error', message: 'You must be logged in to do this.' } }
      return { json: { _id: 'u1', success: true } }
    },
  },
  blip: {
    ajustes: { chave: 'boa' },
    wrongKey: { chave: 'outra' },
    unknown: [],
    pasted: ['/commands', '/messages'],
    answer: ({ path, headers, body }) => {
      if (path !== '/commands') return NO_PAGE
      if (headers.authorization !== 'Key boa') return { status: 401, json: { code: 11, description: 'Unauthorized' } }
      return { json: { method: 'get', status: 'failure', id: body.id, reason: { code: 67 } } }
    },
  },
  manychat: {
    ajustes: { chave_api: 'boa', page_id: '2345' },
    wrongKey: { chave_api: 'outra' },
    unknown: [['page_id', { page_id: '99' }]],
    pasted: ['/fb/sending/sendContent', '/swagger'],
    answer: ({ path, headers }) => {
      if (path !== '/fb/page/getInfo') return NO_PAGE
      if (headers.authorization !== 'Bearer boa')
        return { status: 401, json: { status: 'error', message: 'Wrong token' } }
      return { json: { status: 'success', data: { id: 2345, name: 'Loja' } } }
    },
  },
}
