import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { systemClock } from '../../src/lib/clock.js'
import { isWorkedOff, type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { pressed } from '../support/hurried-clock.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { allCopied, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const MINUTE_MS = 60_000
const LID = '9900112233@lid'
const ABSENT = 'Ana Lima está ausente no momento e vai responder assim que voltar. Seu protocolo é #00001.'

/** Longer than work waits for the change that it follows. */
const SETTLED_MS = 3_000

let passed = 0
let platforms: Platforms
let database: TestDatabase
let service: TestService
const now = (): Date => new Date(Date.now() + passed)
const { clock, press } = pressed({ ...systemClock, now }, 'tarefas.chat.poll')
const start = () => testService({ database, clock })
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  passed = 0
  database = await migratedDatabase()
  service = await start()
})
afterEach(async () => {
  await service.end()
  await database.end()
  platforms.reset()
})

const evolution = (more: object = {}): Promise<TestCanal> => evolutionAccount(service, platforms, more)
const write = (canal: TestCanal, id: string, more: Partial<Parameters<typeof message>[0]> = {}) =>
  canal.post(message({ id, at: now(), ...more }))
const protocols = async () => (await service.call('GET', '/protocolos')).body
const texts = (): string[] => platforms.calls.map(({ body }) => body.text)
const settled = () => allCopied(service)
const present = (id: number, is: boolean) => service.call('PUT', `/consultor/${id}/connection?status=${is}`)
const tipos = async (): Promise<string[]> =>
  (await owed().find().sort({ criada_em: 1 }).toArray()).map(({ tipo }) => tipo)
const owed = () => database.connection.collection<{ tipo: string }>('tarefas')
const canais = () => database.connection.collection<{ _id: string }>('canais')
/** All that was owed has been done. */
const quiet = async () => {
  await settled()
  passed += SETTLED_MS
  await until(async () => {
    press()
    return isWorkedOff(service)
  })
}

/** Bia is with Ana, who leaves; Caio is there or not. */
async function withAna(canal: TestCanal, isCaioThere = true): Promise<{ ana: number; caio: number }> {
  const ana = await testConsultor(service, 'Ana Lima')
  await write(canal, 'first', { alt: LID })
  await settled()
  const caio = await testConsultor(service, 'Caio Reis', { status_online: isCaioThere })
  await present(ana, false)
  return { ana, caio }
}

describe('an account that passes customers on', () => {
  it('gives who comes back to an absent consultor to somebody else, by a protocol that continues his and ends it', async () => {
    const canal = await evolution()
    const { ana, caio } = await withAna(canal)
    passed = 14 * MINUTE_MS
    await write(canal, 'early')
    expect(await protocols()).toHaveLength(1)
    passed = 16 * MINUTE_MS
    await write(canal, 'late', { from: LID })
    await quiet()
    const [before, after] = await protocols()
    expect(before).toMatchObject({ consultor_id: ana, responsavel_id: ana, status: 'concluido', continua: null })
    expect(before.historico).toEqual([
      {
        ...{ em: after.created_at, tipo: 'status', de: 'aberto', para: 'concluido' },
        ...{ motivo: 'continuado', protocolo: 2 },
      },
    ])
    expect(before.encerrado_em).toBe(after.created_at)
    expect(after).toMatchObject({ consultor_id: caio, status: 'aberto', continua: 1 })
    expect([...after.contato.ids].sort()).toEqual([...before.contato.ids].sort())
    expect(after.contato.telefone).toBe('+5511987654321')
    expect(texts()).toEqual([
      'Pronto! Ana Lima vai atender você. Seu protocolo é #00001.',
      'Pronto! Caio Reis vai atender você. Seu protocolo é #00002.',
    ])
    // By either id he is with the new one, also when the old one is back.
    await present(ana, true)
    for (const from of [LID, '5511987654321@s.whatsapp.net']) await write(canal, `again ${from}`, { from })
    expect(await protocols()).toHaveLength(2)
  })

  it('leaves him where he is while nobody else is there, and tells him so once an absence', async () => {
    const canal = await evolution()
    const { ana } = await withAna(canal, false)
    passed = 16 * MINUTE_MS
    for (const [id, text] of Object.entries({ a: 'oi', b: 'oi?', c: 'atendente' })) await write(canal, id, { text })
    passed = 50 * MINUTE_MS
    await write(canal, 'd', { text: 'atendente' })
    await quiet()
    expect(texts().slice(1)).toEqual([ABSENT])
    await present(ana, true)
    await write(canal, 'e')
    await present(ana, false)
    await write(canal, 'f')
    passed = 70 * MINUTE_MS
    await write(canal, 'g')
    await quiet()
    expect(texts().slice(1)).toEqual([ABSENT, ABSENT])
    expect(await protocols()).toMatchObject([{ id: 1, status: 'aberto' }])
    expect((await service.call('GET', '/espera')).body).toEqual([])
  })

  it('tells him so once, too, where his consultor stays away when his hours begin', async () => {
    const canal = await evolution()
    const ana = await testConsultor(service, 'Ana Lima')
    await write(canal, 'first')
    await settled()
    const isOff = (horario: object | null) => service.call('PUT', `/consultor/${ana}`, { body: { horario } })
    const days = [-1, 2].map((more) =>
      new Date(now().getTime() + more * 24 * 60 * MINUTE_MS).toISOString().slice(0, 10),
    )
    expect((await isOff({ folgas: [days.join('/')] })).body.dentro_do_horario).toBe(false)
    await present(ana, false)
    passed = 16 * MINUTE_MS
    await write(canal, 'a')
    expect((await isOff(null)).body.dentro_do_horario).toBe(true)
    await write(canal, 'b')
    await quiet()
    expect(texts().slice(1)).toEqual([ABSENT])
  })

  it('takes a conversation from whoever has it at the platform', async () => {
    const canal = await testCanal(service, 'generico', { ajustes: { retorno_url: `${platforms.url}/retorno` } })
    const headers = { 'x-webhook-segredo': canal.segredo }
    const ask = (id: string) => canal.post({ id, contato: { id: 'c' } }, { headers })
    const ana = await testConsultor(service, 'Ana')
    await ask('1')
    await settled()
    await testConsultor(service, 'Caio')
    await present(ana, false)
    passed = 16 * MINUTE_MS
    expect((await ask('2')).body).toMatchObject({ situacao: 'atribuido', protocolo: '#00002' })
    await quiet()
    expect(await tipos()).toEqual(['atribuir', 'reatribuir'])
  })

  it('does it once, whatever comes at once to whichever process', async () => {
    const canal = await evolution()
    await withAna(canal)
    const other = await start()
    passed = 16 * MINUTE_MS
    const urls = [service.url, other.url, service.url, other.url, service.url, other.url]
    const answers = await Promise.all(
      urls.map((url, index) => {
        const from = index % 3 === 0 ? LID : '5511987654321@s.whatsapp.net'
        return call(url, 'POST', canal.path, { body: message({ id: `m${index}`, from, at: now() }) })
      }),
    )
    expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 200))
    await quiet()
    const [before, after, ...more] = await protocols()
    expect(more).toEqual([])
    expect(after).toMatchObject({ continua: 1 })
    expect(before.historico).toHaveLength(1)
    expect(texts()).toHaveLength(2)
    await other.end()
  })

  it('counts from as many minutes as the account says', async () => {
    const canal = await evolution({ ausente_min: 0 })
    const { caio } = await withAna(canal)
    await write(canal, 'at once')
    expect(await protocols()).toMatchObject([{}, { consultor_id: caio, continua: 1 }])
  })
})

describe('an account that keeps them', () => {
  it('tells the customer once that his consultor is absent, though somebody else is there', async () => {
    const canal = await evolution({ responsavel_ausente: 'manter' })
    await withAna(canal)
    passed = 16 * MINUTE_MS
    for (const id of ['a', 'b', 'c']) await write(canal, id)
    await quiet()
    expect(texts().slice(1)).toEqual([ABSENT])
    expect(await protocols()).toHaveLength(1)
  })

  it('tells a flow each time, in the customer’s language, and one who reads our answer once', async () => {
    const ana = await testConsultor(service, 'Ana Lima', { idiomas: ['pt', 'en', 'es'] })
    const flow = await testCanal(service, 'generico', { responsavel_ausente: 'manter' })
    const ask = async (id: string, idioma?: string) =>
      (await flow.post({ id, contato: { id: 'c', idioma } }, { headers: { 'x-webhook-segredo': flow.segredo } })).body
    const telegram = await testCanal(service, 'telegram', {
      responsavel_ausente: 'manter',
      ajustes: { token: '1:a', servidor: platforms.url, resposta_direta: true },
    })
    const write = async (update_id: number) => {
      const date = Math.floor(now().getTime() / 1_000)
      const chat = { chat: { id: 7, type: 'private' }, from: { id: 7, first_name: 'Bia' } }
      const headers = { 'x-telegram-bot-api-secret-token': telegram.segredo }
      return (await telegram.post({ update_id, message: { date, ...chat, text: 'oi' } }, { headers })).body
    }
    await ask('1')
    await write(1)
    await present(ana, false)
    passed = 16 * MINUTE_MS
    expect(await ask('2')).toMatchObject({
      ...{ situacao: 'em_atendimento', motivo: null, protocolo: '#00001', consultor: { id: ana } },
      texto: ABSENT,
    })
    expect((await ask('3', 'en')).texto).toMatch(/^Ana Lima is away .*#00001\.$/)
    expect((await ask('4', 'es-MX')).texto).toMatch(/^En este momento Ana Lima no está .*#00001\.$/)
    expect((await write(2)).text).toContain('Ana Lima está ausente')
    expect(await write(3)).toEqual({ success: true })
    expect(platforms.calls).toEqual([])
  })
})

describe('the setting', () => {
  it('is `passar` for a new account, can be changed, and has its bounds', async () => {
    const canal = await evolution()
    const get = async (slug: string) => (await service.call('GET', `/canais/${slug}`)).body
    expect(await get(canal.slug)).toMatchObject({ responsavel_ausente: 'passar', ausente_min: 15 })
    const change = (body: object) => service.call('PUT', `/canais/${canal.slug}`, { body })
    expect((await change({ responsavel_ausente: 'manter', ausente_min: 0 })).status).toBe(200)
    expect(await get(canal.slug)).toMatchObject({ responsavel_ausente: 'manter', ausente_min: 0 })
    for (const body of [{ responsavel_ausente: 'sempre' }, { ausente_min: -1 }, { ausente_min: 1_441 }])
      expect((await change(body)).status).toBe(422)
  })

  it('is `manter` in accounts that were there before, and in those that a release makes which does not know it', async () => {
    const [before, made, chosen] = [await evolution(), await evolution(), await evolution()]
    const forget = ({ slug }: TestCanal) =>
      canais().updateOne({ _id: slug }, { $unset: { responsavel_ausente: '', ausente_min: '' } })
    await forget(before)
    await database.connection.collection<{ _id: number }>('migracoes').deleteOne({ _id: 4 })
    expect(await migrate(database.connection)).toHaveLength(1)
    const stored = async ({ slug }: TestCanal) => canais().findOne({ _id: slug })
    expect(await stored(before)).toMatchObject({ responsavel_ausente: 'manter', ausente_min: 15 })
    expect(await stored(chosen)).toMatchObject({ responsavel_ausente: 'passar' })
    await forget(made)
    // The accounts are read again when one is made.
    await evolution()
    const shown = (await service.call('GET', `/canais/${made.slug}`)).body
    expect(shown).toMatchObject({ responsavel_ausente: 'manter', ausente_min: 15 })
    await withAna(made)
    passed = 16 * MINUTE_MS
    await write(made, 'a')
    await quiet()
    expect(texts().at(-1)).toBe(ABSENT)
    expect(await protocols()).toHaveLength(1)
  })
})
