import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { Acknowledged } from '../../integrations/support.js'
import { type Chamada, type Saida, saidaOf, waysOf } from '../integrations/folders.js'
import { signed, type Way } from '../integrations/signing.js'
import { expected, fill, literally } from '../integrations/template.js'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { holdTimers, LONG_ROUNDS } from '../support/held-timers.js'
import { type Platforms, type Recorded, startPlatforms } from '../support/platforms.js'
import { type Answer, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const PUBLIC = 'https://vez.exemplo.com'
const VENDOR_SECRET = 'segredo-do-fornecedor'
const TELEFONE = '5511955554444'

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  // Whatever comes by the clock alone comes after these tests: they count every call.
  const { clock } = holdTimers((name) => LONG_ROUNDS.has(name))
  service = await testService({ env: { API_URL: PUBLIC }, clock })
  await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com', telefone: `+${TELEFONE}` })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

const PROTOCOLO = '#\\d{5}'
/** What each function's text tells. */
const TEXTS = {
  sendText: `.*Ana Lima.*${PROTOCOLO}.*`,
  assign: '',
  addNote: `.*${PROTOCOLO}.*Ana Lima.*`,
  textPhone: `.*Ana.*${PROTOCOLO}.*`,
} as const

interface Delivery {
  readonly headers: Record<string, string>
  readonly raw: string
}

/** A customer's message as this platform sends it, signed with what stands in the account, or with another secret. */
function delivery({ entrega }: Saida, way: Way, { segredo, path }: TestCanal, id: string): Delivery {
  const now = new Date()
  const values = {
    id,
    agora: String(Math.floor(now.getTime() / 1_000)),
    agora_ms: String(now.getTime()),
    agora_iso: now.toISOString(),
  }
  const { cru, formulario, corpo } = entrega
  const filled = { ...values, id: cru === undefined && !formulario ? id : `SM${id}` }
  const raw = formulario
    ? new URLSearchParams(fill(formulario, filled)).toString()
    : (cru && fill(cru, filled)) || JSON.stringify(fill(corpo, values))
  const secret = way.doFornecedor ? VENDOR_SECRET : segredo
  const { headers = {} } = signed(way, { secret, body: raw, url: PUBLIC + path, now, id })
  const given = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { headers: { 'content-type': 'application/json', ...Object.fromEntries(given) }, raw }
}

/** The calls that follow a turn, in their order, each with what its text has to tell. */
function callsAfter(saida: Saida, isRead: boolean, tellsConsultor: boolean) {
  const verbs = (['sendText', 'assign', 'addNote', 'textPhone'] as const).filter(
    (verb) => !(verb === 'sendText' && isRead) && !(verb === 'textPhone' && !tellsConsultor),
  )
  return verbs.flatMap((verb) =>
    (saida.chamadas[verb] ?? []).map((chamada) => ({ chamada, texto: TEXTS[verb] }) as const),
  )
}

/** A path may name the phone of the consultor who is told. */
const pathOf = ({ caminho }: Chamada, id: string): string => fill(caminho, { id, telefone_sem_mais: TELEFONE })

function check({ method, path, headers, body, raw }: Recorded, chamada: Chamada, texto: string, id: string): void {
  const patterns = { ...literally({ id, telefone_sem_mais: TELEFONE }), texto, protocolo: PROTOCOLO }
  expect([method, path]).toEqual([chamada.metodo, pathOf(chamada, id)])
  expect(headers).toMatchObject(Object(expected(chamada.cabecalhos, patterns)))
  if (chamada.cru !== undefined) expect(raw).toEqual(expected(chamada.cru, patterns))
  else expect(method === 'GET' ? undefined : body).toEqual(expected(chamada.corpo, patterns))
}

/** Is this what whoever reads our answer has to find in it? */
function checkAnswer({ headers, body }: Answer, result: Saida['resposta']): void {
  const patterns = { texto: TEXTS.sendText, protocolo: PROTOCOLO }
  if (!result) expect(body).toEqual({ success: true })
  else if (result.cru !== undefined) expect(body).toEqual(expected(result.cru, patterns))
  else expect(body).toMatchObject(Object(expected(result.corpo, patterns)))
  if (result?.tipo !== undefined) expect(headers.get('content-type')).toContain(result.tipo)
}

const total = async (): Promise<number> =>
  Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))

const all = ADAPTERS.map((adapter) => [adapter.plataforma, adapter, saidaOf(adapter.plataforma)] as const)

describe.each(all)('%s', (plataforma, adapter, saida) => {
  const way = waysOf(plataforma)[saida.entrega.via] ?? {}
  const isSigned = way.assina !== undefined
  const open = () =>
    testCanal(service, plataforma, fill(saida.conta, { servidor: platforms.url, segredo: VENDOR_SECRET }))
  const isRead = (): boolean =>
    adapter.replyReader(
      adapter.ajustes.parse(fill(saida.conta.ajustes, { servidor: platforms.url, segredo: VENDOR_SECRET })),
    ) !== 'nobody'

  it('a customer asks, and has a person and a number; delivered again, nothing more happens', async () => {
    const id = '7001'
    const calls = callsAfter(saida, isRead(), saida.conta.avisar_consultor === true)
    platforms.answer(({ method, path }) => {
      const known = calls.find(({ chamada }) => chamada.metodo === method && pathOf(chamada, id) === path)
      return known && { status: known.chamada.status, json: known.chamada.responde }
    })
    const canal = await open()
    const { headers, raw } = delivery(saida, way, canal, id)
    const post = () => call(service.url, 'POST', canal.path, { headers, raw })
    const before = await total()
    const answer = await post()
    expect(answer.status).toBe(200)
    checkAnswer(answer, saida.resposta)
    const { answers = [Acknowledged] } = adapter
    expect(answers.map((form) => form.safeParse(answer.body).data)).toContainEqual(answer.body)
    await until(() => platforms.calls.length >= calls.length)
    const again = await Promise.all([post(), post(), post()])
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200])
    if (saida.resposta?.cru !== undefined) for (const { body } of again) expect(body).not.toEqual(answer.body)
    expect(await total()).toBe(before + 1)
    expect((await service.call('GET', '/tarefas?estado=morta')).body).toEqual([])
    expect(platforms.calls).toHaveLength(calls.length)
    for (const [index, { chamada, texto }] of calls.entries()) {
      const one = platforms.calls[index]
      if (one) check(one, chamada, texto, id)
    }
  })

  it('is refused with a byte changed, with another account’s secret, and without any', async () => {
    const canal = await open()
    const other = await open()
    const { headers, raw } = delivery(saida, way, canal, '7002')
    const type = headers['content-type'] ?? 'application/json'
    const bare = canal.path.split('/').slice(0, 4).join('/')
    const send = (path: string, given: Record<string, string>, body = raw) =>
      call(service.url, 'POST', path, { headers: { 'content-type': type, ...given }, raw: body })
    const tries = [send(bare, {})]
    if (isSigned) tries.push(send(canal.path, headers, raw.replace('7002', '7003')))
    if (way.caminho) tries.push(send(`${bare}/${other.segredo}`, {}))
    else if (!way.doFornecedor) tries.push(send(canal.path, delivery(saida, way, other, '7002').headers))
    expect(tries.length).toBeGreaterThan(1)
    for (const { status, body } of await Promise.all(tries)) {
      expect({ status, detail: body.detail, situacao: body.situacao }).toEqual({
        status: 401,
        detail: 'Webhook não autorizado',
        situacao: 'ignorado',
      })
    }
  })
})
