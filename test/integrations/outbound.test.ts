import { describe, expect, it } from '@jest/globals'
import type { AnyAdapter, OutboundContext, Recipient } from '../../integrations/contract.js'
import type { HttpRequest } from '../../src/lib/http-client.js'
import { accountOf, type Chamada, PLATFORMS, type Saida, SECRET, saidaOf, VERBS } from './folders.js'
import { expected, fill, literally } from './template.js'

const NOW = new Date('2026-01-05T12:00:00Z')
const SERVER = 'https://plataforma.exemplo.com'
const VALUES = {
  servidor: SERVER,
  segredo: SECRET,
  id: '7001',
  texto: 'Olá, Bia 😀: "ação/preço"',
  protocolo: '#00007',
  telefone_sem_mais: '5511955554444',
  webhook_url: 'https://vez.exemplo.com/webhooks/x/conta/segredo-do-webhook',
  webhook_segredo: 'segredo-do-webhook',
  webhook_sem_segredo: 'https://vez.exemplo.com/webhooks/x/conta',
}
const ANA = { nome: 'Ana Lima', email: 'ana@exemplo.com' }

/** Each function of an adapter that calls out, with arguments that the files of the folders know. */
const CALLS: Readonly<
  Record<(typeof VERBS)[number], (one: AnyAdapter, out: OutboundContext<unknown>, to: Recipient) => Promise<unknown>>
> = {
  sendText: async (one, out, to) => one.sendText?.(out, to, VALUES.texto),
  wasSent: async (one, out, to) => one.wasSent?.(out, to, VALUES.texto),
  textPhone: async (one, out) => one.textPhone?.(out, `+${VALUES.telefone_sem_mais}`, VALUES.texto),
  assign: async (one, out, to) =>
    one.assign?.(out, to, ANA, { protocolo: VALUES.protocolo, consultor: ANA.nome, replace: false }),
  addNote: async (one, out, to) => one.addNote?.(out, to, VALUES.texto),
  configure: async (one, out) => one.configure?.(out, { url: VALUES.webhook_url, secret: VALUES.webhook_segredo }),
  checkCredentials: async (one, out) => one.checkCredentials?.(out),
  findMissed: async (one, out) => one.findMissed?.(out, NOW),
  listPresences: async (one, out) => one.listPresences?.(out),
}

const parsed = ({ headers, body }: HttpRequest): unknown => {
  if (body === undefined) return undefined
  return headers?.['content-type']?.includes('form') ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)
}

/** A platform that answers each call as its file says, and keeps what it heard. */
function recording(chamadas: readonly Chamada[]) {
  const heard: HttpRequest[] = []
  const http = async (request: HttpRequest) => {
    const next = chamadas[heard.length]
    heard.push(request)
    return { status: next?.status ?? 500, headers: {}, text: JSON.stringify(fill(next?.responde ?? {}, VALUES)) }
  }
  return { heard, http }
}

function check(request: HttpRequest | undefined, chamada: Chamada): void {
  const patterns = literally(VALUES)
  expect(request).toMatchObject({ method: chamada.metodo, url: SERVER + fill(chamada.caminho, VALUES) })
  expect(request?.headers ?? {}).toMatchObject(Object(expected(chamada.cabecalhos, patterns)))
  if (chamada.cru !== undefined)
    expect(request?.body).toBe(fill(chamada.cru, { ...VALUES, texto: quoted(VALUES.texto) }))
  else expect(request && parsed(request)).toEqual(expected(chamada.corpo, patterns))
}

/** A text as it stands between the quotes of a JSON string. */
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

const isMade = (adapter: AnyAdapter, verb: (typeof VERBS)[number]): boolean => adapter[verb] !== undefined

const all = PLATFORMS.flatMap((plataforma) => {
  const saida = saidaOf(plataforma)
  return VERBS.flatMap((verb) => {
    const chamadas = saida.chamadas[verb]
    return chamadas ? [[plataforma, verb, { saida, chamadas }] as const] : []
  })
})

const accountFor = (plataforma: string, saida: Saida) =>
  accountOf(plataforma, SECRET, undefined, fill(saida.conta.ajustes, VALUES))

describe('what goes out', () => {
  it.each(PLATFORMS)('%s: every function that calls out is in saida.json, and no other', (plataforma) => {
    const saida = saidaOf(plataforma)
    const { adapter, account } = accountFor(plataforma, saida)
    expect(Object.keys(saida.chamadas).sort()).toEqual(VERBS.filter((verb) => isMade(adapter, verb)).sort())
    if (adapter.sendText) expect(adapter.canSend?.(account.ajustes) ?? true).toBe(true)
  })

  it.each(all)('%s: %s calls the platform so', async (plataforma, verb, { saida, chamadas }) => {
    const { adapter, account } = accountFor(plataforma, saida)
    const { heard, http } = recording(chamadas)
    const out = { account, http, now: NOW, since: NOW, idempotencyKey: 'tarefa-1' }
    const given = await CALLS[verb](adapter, out, {
      conversa: fill(saida.conversa, VALUES),
      telefone: '+5511987650001',
    })
    expect(heard).toHaveLength(chamadas.length)
    for (const [index, chamada] of chamadas.entries()) check(heard[index], chamada)
    const wanted = saida.devolve[verb]
    if (typeof wanted === 'object') expect(given).toMatchObject(Object(wanted))
    else if (wanted !== undefined) expect(given).toBe(wanted)
  })

  it.each(all)('%s: %s fails for good when the platform refuses', async (plataforma, verb, { saida }) => {
    const { adapter, account } = accountFor(plataforma, saida)
    const refusals = [{ status: 401, responde: {} }, ...(saida.recusa[verb] ?? [])]
    for (const { status, responde } of refusals) {
      const http = async () => ({ status, headers: {}, text: JSON.stringify(responde) })
      const out = { account, http, now: NOW, since: NOW, idempotencyKey: 'tarefa-1' }
      const sent = CALLS[verb](adapter, out, { conversa: fill(saida.conversa, VALUES) })
      await expect(sent).rejects.toMatchObject({ name: 'OutboundFailure', definitive: true })
    }
  })
})
