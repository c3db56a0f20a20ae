import { describe, expect, it } from '@jest/globals'
import type { ChatEvent } from '../../integrations/contract.js'
import { isHexSignature, isStandardWebhook } from '../../src/lib/signature.js'
import { accountOf, arrival, fixturesOf, PLATFORMS, SECRET } from './folders.js'
import { arePublished, type Published, published, type Vector, vectors } from './published.js'

const NOW = new Date('2026-01-05T12:00:00Z')
const whenPublished = arePublished ? it : it.skip

/** A test for each; where they are not there, one that is reported as skipped. */
const eachOf = <T extends { readonly name: string }>(all: readonly T[], run: (one: T) => void): void => {
  if (arePublished) it.each(all.map((one) => [one.name, one] as const))('%s', (_name, one) => run(one))
  else it.skip('the folder of published payloads is not beside this repository', () => undefined)
}

const lower = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** The published word for each kind of event; what people did in a conversation is `ignore` there. */
const KINDS: Readonly<Record<ChatEvent['tipo'], string>> = {
  mensagem: 'message',
  inicio: 'conversation_start',
  verificacao: 'verification',
  encerramento: 'ignore',
  atribuicao: 'ignore',
  reabertura: 'ignore',
  ignorado: 'ignore',
}

/** An event of ours in the words of the published expectations. */
function told(event: ChatEvent): Record<string, unknown> {
  const contato = 'contato' in event ? event.contato : undefined
  return {
    event: KINDS[event.tipo],
    platform_message_id: event.mensagem_id ?? null,
    contact_external_id: contato?.ids[0] ?? null,
    phone_e164: contato?.telefone ?? null,
    name: contato?.nome ?? null,
    text: event.texto ?? null,
    conversation: event.conversa ?? null,
    from_me: event.tipo === 'ignorado' && event.motivo === 'propria',
    account: event.conta ?? null,
  }
}

/** Each field that is expected of a message, with what we read where that is none of the right values. */
function wrongFields(one: Published, wanted: Readonly<Record<string, unknown>>, found: Record<string, unknown>) {
  return Object.entries(wanted).flatMap(([field, value]) => {
    const right: unknown[] = [value, ...(one.expectAny[field] ?? [])]
    return right.includes(found[field]) ? [] : [{ field, got: found[field], right }]
  })
}

describe('the payloads that the vendors publish', () => {
  const all = published()

  whenPublished('are there for nine platforms', () => {
    expect(new Set(all.map(({ platform }) => platform)).size).toBe(9)
  })

  whenPublished('have their trap in a fixture of ours each', () => {
    const ours = PLATFORMS.flatMap(fixturesOf).flatMap(({ plataforma, armadilha = [] }) =>
      armadilha.map((name) => `${plataforma}/${name}.json`),
    )
    const theirs = all.map(({ name, platform }) => `${platform}/${name.split('/')[1]}`)
    expect(theirs.filter((name) => !ours.includes(name))).toEqual([])
  })

  eachOf(all, (one) => {
    const { adapter, account } = accountOf(one.platform, SECRET, one.account)
    const url = `https://exemplo.com/webhooks/x/conta${one.query}`
    const request = arrival(one.raw, { method: one.method, url, headers: lower(one.headers) })
    const events = adapter.parse(request, account)
    const kinds = new Set(events.map(({ tipo }) => KINDS[tipo]))
    const right: string[] = [...one.expect.map(({ event }) => event), ...(one.expectAny.event ?? [])]
    // One request may bring receipts along with a message; what it is about decides.
    const about = kinds.size > 1 ? [...kinds].filter((kind) => kind !== 'ignore') : [...kinds]
    expect(about).toHaveLength(1)
    expect(right).toEqual(expect.arrayContaining(about))
    const messages = events.filter(({ tipo }) => tipo === 'mensagem').map(told)
    const wanted = one.expect.filter(({ event }) => event === 'message')
    if (!about.includes('message')) return
    expect(messages).toHaveLength(wanted.length)
    for (const [index, expected] of wanted.entries()) {
      const same = messages.find(({ platform_message_id: id }) => id === expected.platform_message_id)
      expect(wrongFields(one, expected, same ?? messages[index] ?? {})).toEqual([])
    }
  })

  whenPublished('the handshake is answered with its challenge, and a wrong token is refused', () => {
    const one = all.find(({ method }) => method === 'GET')
    if (!one) throw new Error('no handshake is published')
    const request = arrival('', { method: 'GET', url: `https://exemplo.com/x${one.query}` })
    const right = accountOf(one.platform, SECRET)
    expect(right.adapter.verify(request, right.account, NOW)).toEqual({ authentic: true })
    expect(right.adapter.parse(request, right.account)).toEqual([{ tipo: 'verificacao', resposta: '1234567890' }])
    const wrong = accountOf(one.platform, 'another')
    expect(wrong.adapter.verify(request, wrong.account, NOW)).toMatchObject({ authentic: false })
  })
})

describe('the signature vectors', () => {
  const isValid = ({ platform, secret, raw, url, ...vector }: Vector): boolean => {
    const headers = lower(vector.headers)
    const now = vector.now === undefined ? NOW : new Date(vector.now * 1_000)
    const body = Buffer.from(raw)
    if (platform === 'github') return isHexSignature(headers['x-hub-signature-256'], [secret], body)
    if (platform === 'standard-webhooks') {
      const given = {
        id: headers['webhook-id'],
        timestamp: headers['webhook-timestamp'],
        signature: headers['webhook-signature'],
      }
      return isStandardWebhook(given, [secret], body, now)
    }
    const { adapter, account } = accountOf(platform, secret)
    return adapter.verify(arrival(raw, { headers, ...(url !== undefined && { url }) }), account, now).authentic
  }

  eachOf(
    vectors().map((one) => ({ ...one, name: `${one.platform}: ${one.name}` })),
    (one) => expect(isValid(one)).toBe(one.valid),
  )
})
