import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import type { ChatEvent } from '../../integrations/contract.js'
import { EventoGenerico } from '../../integrations/generico/schema.js'
import { accountOf, arrival, FOLDER, PLATFORMS } from './folders.js'

const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8')

const receive = (plataforma: string, raw: string, more: object = {}): readonly ChatEvent[] => {
  const { adapter, account } = accountOf(plataforma, 'segredo', undefined, more)
  return adapter.parse(arrival(raw), account)
}

/** The template with its `{{variables}}` filled in. */
const filled = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{([^}]*)\}\}/g, (_whole, name: string) => values[name.trim()] ?? '')

describe('what is ready to import', () => {
  it('for n8n builds an event of our schema, with the header of our secret', () => {
    const { nodes } = JSON.parse(read('generico/n8n.json'))
    const named = (name: string) => nodes.find((one: { name: string }) => one.name === name).parameters
    const { jsonBody, headerParameters, url } = named('De quem é a vez')
    const $json = JSON.parse(named('O cliente').jsonOutput)
    const [, expression = ''] = /^=\{\{(.*)\}\}$/s.exec(jsonBody) ?? []
    const body: unknown = JSON.parse(vm.runInNewContext(expression, { $json, JSON }))
    expect(EventoGenerico.strict().safeParse(body).error).toBeUndefined()
    expect(receive('generico', JSON.stringify(body))).toMatchObject([
      {
        tipo: 'mensagem',
        mensagem_id: 'pedido-1',
        pediu: true,
        contato: { nome: 'Ana Souza', telefone: '+5511987654321' },
      },
    ])
    expect(headerParameters.parameters[0].name).toBe('x-webhook-segredo')
    expect(url).toContain('/webhooks/generico/')
  })

  it('for our own platform no event has hundreds of thousands of fields', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, place) => `"k${place}":1`).join(',')
    const of = (count: number) => receive('generico', `{"id":"1","contato":{"id":"c"},${fields(count)}}`)
    expect(of(1_000)).toMatchObject([{ tipo: 'mensagem', mensagem_id: '1' }])
    expect(of(30_000)).toMatchObject([{ tipo: 'ignorado', motivo: 'formato' }])
  })

  it('for Typebot and Blip are bodies that are read, also with variables that are empty', () => {
    const typebot = read('typebot/corpo.json')
    expect(
      receive('typebot', filled(typebot, { 'Result ID': 'cm1', Nome: 'Ana', Telefone: '11 98765-4321' })),
    ).toMatchObject([{ mensagem_id: 'cm1', contato: { nome: 'Ana', telefone: '+5511987654321', idioma: 'pt-BR' } }])
    expect(receive('typebot', filled(typebot, { 'Result ID': 'cm1' }))).toMatchObject([{ contato: { ids: ['cm1'] } }])
    const identity = '5511987654321@wa.gw.msging.net'
    expect(
      receive('blip', filled(read('blip/corpo.json'), { 'input.message@id': 'm1', 'contact.identity': identity }), {
        modo: 'acao',
      }),
    ).toMatchObject([{ mensagem_id: 'm1', pediu: true, contato: { ids: [identity], telefone: '+5511987654321' } }])
  })

  it('for Botpress is a card that asks, and fills the workflow with the answer', async () => {
    const sent: { url: string; body: object; headers: Record<string, string> }[] = []
    const workflow: Record<string, unknown> = {}
    const axios = {
      post: async (url: string, body: object, { headers }: { headers: Record<string, string> }) => {
        sent.push({ url, body, headers })
        return { data: { situacao: 'atribuido', protocolo: '#00001', consultor: { nome: 'Ana' }, texto: 'oi' } }
      },
    }
    const event = { conversationId: 'c', userId: 'u', messageId: 'm', preview: 'oi', channel: 'whatsapp' }
    const context = { axios, workflow, event, user: { name: 'Bia', phone: '+5511987654321' } }
    await vm.runInNewContext(`(async () => {${read('botpress/cartao.js')}})()`, context)
    expect(workflow).toEqual({ situacao: 'atribuido', protocolo: '#00001', consultor: 'Ana', texto: 'oi' })
    expect(sent[0]?.headers).toHaveProperty('x-secret-key')
    expect(receive('botpress', JSON.stringify(sent[0]?.body))).toMatchObject([
      { mensagem_id: 'm', conversa: 'c', contato: { ids: ['u'], nome: 'Bia', telefone: '+5511987654321' } },
    ])
  })

  it.each(PLATFORMS)('%s has a guide that says how to connect, what it can do, and how to test', (plataforma) => {
    const path = join(FOLDER, plataforma, 'README.md')
    expect(existsSync(path)).toBe(true)
    const guide = readFileSync(path, 'utf8')
    for (const heading of [/^## Como ligar/m, /^## O que faz e o que não faz/m, /^## Como testar/m])
      expect(guide).toMatch(heading)
    const [, settings] = /"ajustes":(\{[^']*\})\}'/.exec(guide) ?? []
    const given: unknown = JSON.parse(settings ?? 'x')
    const { error } = accountOf(plataforma, 'segredo').adapter.ajustes.strict().safeParse(given)
    // Its `...` stand for what only the reader has; fields that do not exist, or that are missing, would stop him.
    const isPlaceholder = (path: readonly PropertyKey[]): boolean =>
      String(path.reduce<unknown>((part, key) => Object(part)[key], given)).includes('...')
    expect((error?.issues ?? []).filter(({ path }) => path.length === 0 || !isPlaceholder(path))).toEqual([])
    expect(guide).toContain(`"plataforma":"${plataforma}"`)
    expect(guide).toMatch(/webhook_url|\/configurar/)
    expect(guide).toContain('/canais/{slug}/teste')
  })
})
