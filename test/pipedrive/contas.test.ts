import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type TestCanal, testCanal } from '../support/chat.js'
import { numeroOf, type World, world } from '../support/pipedrive.js'
import { setUp, situations, stepOf } from '../support/pipedrive-setup.js'
import type { Answer } from '../support/service.js'
import { until } from '../support/until.js'

const ANA = 11
const FACTOR = 1

let w: World
let customers = 0
beforeAll(async () => {
  const env = { PIPEDRIVE_ETIQUETA: 'Geral' }
  w = await world({ factor: FACTOR, env, consultores: [{ id_pipedrive: ANA, idiomas: ['pt', 'es', 'en'] }] })
  w.fake.state.fields
    .find(({ field_code }) => field_code === 'label_ids')
    ?.options?.push({ id: 77, label: 'Loja' }, { id: 78, label: 'Geral' })
  w.fake.state.pipelines.push({ id: 3, name: 'Ventas', order_nr: 3 })
  w.fake.state.stages.push(
    { id: 31, name: 'Llegada', pipeline_id: 3, order_nr: 1 },
    { id: 32, name: 'Proposta', pipeline_id: 3, order_nr: 2 },
  )
})
afterAll(() => w.end())
beforeEach(() => {
  w.fake.limits.burst = 1_000
})

const newContact = (more: object = {}) => {
  customers += 1
  return { nome: `Cliente ${customers}`, telefone: `+55119${77_000_000 + customers}`, ...more }
}

const canalWith = (pipedrive: object): Promise<TestCanal> =>
  testCanal(w.service, 'generico', { pipedrive, janela_h: 0, gatilho: 'palavra' })

let posts = 0
/** A turn by this account; answers its number once it is whole there, or the work has died. */
async function turnBy(canal: TestCanal, contato: object): Promise<number> {
  const n = await askedBy(canal, contato)
  expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  return n
}

async function askedBy(canal: TestCanal, contato: object): Promise<number> {
  posts += 1
  const headers = { 'x-webhook-segredo': canal.segredo }
  const { body } = await canal.post({ id: `m${posts}`, contato }, { headers })
  return Number(body.protocolo.slice(1))
}

async function records(n: number) {
  const { pipedrive } = await w.read(n)
  const { deals, activities, notes } = w.fake.state
  return {
    deal: deals.find(({ id }) => id === pipedrive.negocio_id),
    activity: activities.find(({ id }) => id === pipedrive.atividade_id),
    note: notes.find(({ id }) => id === pipedrive.nota_id),
    pipedrive,
  }
}

describe('an account that says what its deals are', () => {
  it('counts over the environment, and its language over it, field by field', async () => {
    const canal = await canalWith({
      funil: 'Vendas',
      etapa: 'Proposta',
      etiqueta: 'Loja',
      tipo_atividade: 'task',
      atividade_min: 60,
      titulo: '{cliente} com {primeiro_nome} ({protocolo})',
      assunto: 'Responder {protocolo}',
      por_idioma: { es: { funil: 3, titulo: 'Atención {protocolo} a {cliente}' }, en: { etiqueta: null, etapa: 3 } },
    })
    const of = async (idioma: string) => {
      const contato = newContact({ idioma })
      return { ...(await records(await turnBy(canal, contato))), nome: contato.nome }
    }
    const pt = await of('pt-BR')
    const numero = (n: { deal?: { title: string } | undefined }) => /#\d{5}/.exec(n.deal?.title ?? '')?.[0]
    expect(pt.deal).toMatchObject({ stage_id: 2, label_ids: [77], title: `${pt.nome} com Consultor (${numero(pt)})` })
    expect(pt.activity).toMatchObject({ type: 'task', subject: `Responder ${numero(pt)}` })
    const due = Date.parse(`${pt.activity?.due_date}T${pt.activity?.due_time}Z`)
    expect(Math.abs(due - Date.parse(pt.activity?.add_time ?? '') - 3_600_000)).toBeLessThan(120_000)
    // A stage of that name is in the language's pipeline too.
    const es = await of('es_AR')
    expect(es.deal).toMatchObject({ stage_id: 32, pipeline_id: 3, label_ids: [77] })
    expect(es.deal?.title).toBe(`Atención ${numero(es)} a ${es.nome}`)
    expect(es.activity?.type).toBe('task')
    const en = await of('en')
    expect(en.deal).toMatchObject({ stage_id: 3, pipeline_id: 2, label_ids: [] })
  })

  it.each([
    ['the very code', { 'pt-BR': { etapa: 31 }, pt: { etapa: 2 } }, 'pt', 2],
    ['a code that matches', { 'pt-BR': { etapa: 31 } }, 'pt', 31],
    ['not another region', { 'pt-PT': { etapa: 31 } }, 'pt-BR', 1],
  ])('takes %s', async (_what, por_idioma, idioma, stage_id) => {
    const { deal } = await records(await turnBy(await canalWith({ por_idioma }), newContact({ idioma })))
    expect(deal).toMatchObject({ stage_id })
  })

  it.each([
    ['an id', { etapa: 31 }, 31],
    ['digits', { etapa: '31' }, 31],
    ['a name of the first pipeline', { etapa: 'proposta' }, 2],
    ['pipeline/stage', { etapa: 'Ventas/Proposta' }, 32],
    ['a pipeline by name', { funil: 'ventas' }, 31],
    ['a pipeline by id and a stage by name', { funil: 3, etapa: 'Proposta' }, 32],
    ['a language’s pipeline that lacks the stage', { etapa: 'Entrada', por_idioma: { pt: { funil: 3 } } }, 31],
    ['a language’s stage of another pipeline', { funil: 3, por_idioma: { pt: { etapa: 'Vendas/Entrada' } } }, 1],
  ])('finds its stage by %s', async (_what, pipedrive, stage_id) => {
    const { deal } = await records(await turnBy(await canalWith(pipedrive), newContact()))
    expect(deal).toMatchObject({ stage_id })
  })

  it('looks for open deals in its own pipeline, and leaves that of another account alone', async () => {
    const [vendas, ventas] = [await canalWith({}), await canalWith({ funil: 'Ventas' })]
    const contato = newContact()
    const first = await records(await turnBy(vendas, contato))
    const other = await records(await turnBy(ventas, contato))
    expect(other.deal?.id).not.toBe(first.deal?.id)
    expect(other.deal).toMatchObject({ pipeline_id: 3, person_id: first.deal?.person_id })
    const before = structuredClone(w.fake.state.deals.find(({ id }) => id === other.deal?.id))
    const again = await records(await turnBy(vendas, contato))
    expect(again.pipedrive).toMatchObject({ negocio: 'aproveitado', negocio_id: first.deal?.id })
    expect(w.fake.state.deals.find(({ id }) => id === other.deal?.id)).toEqual(before)
    expect((await records(await turnBy(ventas, contato))).deal?.id).toBe(other.deal?.id)
  })

  it('makes no activity and no note where it says so', async () => {
    const canal = await canalWith({ atividade: false, nota: false, por_idioma: { es: { nota: true } } })
    const pt = await records(await turnBy(canal, newContact()))
    expect(pt.deal).toBeDefined()
    expect(pt.pipedrive).toMatchObject({ atividade_id: null, nota_id: null })
    const es = await records(await turnBy(canal, newContact({ idioma: 'es' })))
    expect(es.pipedrive.atividade_id).toBeNull()
    expect(es.note?.content).toContain(es.deal?.title.match(/#\d{5}/)?.[0])
  })

  it('has its number in title and subject whatever the templates are, and no words of a customer as HTML or number', async () => {
    const texto_nota = 'De {cliente} & {consultor}\n<fim>'
    const nome = '<b>Zé</b> #00001 "x"'
    const plain = await canalWith({
      titulo: 'Lead',
      assunto: 'Ligar a {cliente}',
      texto_nota: '1 < 2 para {cliente}\nfim',
    })
    const n = await turnBy(plain, newContact({ nome }))
    const one = await records(n)
    expect(one.deal?.title).toBe(`Lead ${numeroOf(n)}`)
    expect(one.activity?.subject).toBe(`Ligar a <b>Zé</b> 00001 "x" ${numeroOf(n)}`)
    const safe = '&lt;b&gt;Zé&lt;/b&gt; 00001 &quot;x&quot;'
    expect(one.note?.content).toBe(`<p><b>Protocolo ${numeroOf(n)}</b></p><p>1 &lt; 2 para ${safe}<br>fim</p>`)
    const html = await canalWith({ texto_nota })
    const m = await turnBy(html, newContact({ nome }))
    expect((await records(m)).note?.content).toBe(
      `<p><b>Protocolo ${numeroOf(m)}</b></p>De ${safe} & Consultor 1\n<fim>`,
    )
  })

  it.each([
    ['removed', (slug: string) => w.service.call('DELETE', `/canais/${slug}`), 'Atendimento'],
    [
      'changed',
      (slug: string) =>
        w.service.call('PUT', `/canais/${slug}`, { body: { pipedrive: { titulo: 'Outro', nota: false } } }),
      'Outro',
    ],
  ])('is %s before the sync: what is true then counts', async (_what, change, title) => {
    const canal = await canalWith({ titulo: 'Um', etapa: 31 })
    w.fake.fault({ method: 'GET', path: /^\/v2\/persons\/search$/, times: 1, how: 'cortar_antes' })
    const n = await askedBy(canal, newContact())
    expect((await change(canal.slug)).status).toBe(200)
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    const { deal } = await records(n)
    expect(deal?.title.startsWith(title)).toBe(true)
    expect(deal?.stage_id).toBe(1)
  })
})

describe('an outcome that nobody knows', () => {
  it.each([
    ['deal', /^\/v2\/deals$/],
    ['activity', /^\/v2\/activities$/],
    ['note', /^\/v1\/notes$/],
  ])('leaves one %s of a template, though that is changed or switched off meanwhile', async (_what, path) => {
    const canal = await canalWith({ titulo: 'A {cliente}', assunto: 'B {cliente}', texto_nota: 'C' })
    w.fake.fault({ method: 'POST', path, times: 1, how: 'cortar_depois' })
    const contato = newContact()
    const n = await askedBy(canal, contato)
    await until(() => w.fake.faultsLeft() === 0, undefined, 'the call of which nobody knows the outcome')
    const other = { titulo: 'D', assunto: 'E', texto_nota: 'F', atividade: false, nota: false }
    await w.service.call('PUT', `/canais/${canal.slug}`, { body: { pipedrive: other } })
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    const { deal } = await records(n)
    const { deals, activities, notes } = w.fake.state
    expect(deals.filter(({ person_id }) => person_id === deal?.person_id)).toHaveLength(1)
    const begun = path.source.includes('deals') ? 0 : 1
    expect(activities.filter(({ deal_id }) => deal_id === deal?.id)).toHaveLength(begun)
    expect(notes.filter(({ deal_id }) => deal_id === deal?.id)).toHaveLength(path.source.includes('notes') ? 1 : 0)
  })
})

describe('the settings of an account', () => {
  const body = (pipedrive: unknown) => ({ slug: 'errada', plataforma: 'generico', nome: 'Conta', pipedrive })

  it('are shown as they were said, changed as a whole, and sent back as they are shown', async () => {
    const pipedrive = { funil: 3, etiqueta: null, nota: false, por_idioma: { es: { titulo: '{cliente} {protocolo}' } } }
    const { slug } = await canalWith(pipedrive)
    const shown = (await w.service.call('GET', `/canais/${slug}`)).body
    expect(shown.pipedrive).toEqual(pipedrive)
    expect((await w.service.call('PUT', `/canais/${slug}`, { body: shown })).status).toBe(200)
    const after = await w.service.call('PUT', `/canais/${slug}`, { body: { pipedrive: {} } })
    expect(after.body.pipedrive).toEqual({})
    const { slug: without } = await testCanal(w.service, 'generico')
    expect((await w.service.call('GET', `/canais/${without}`)).body.pipedrive).toEqual({})
  })

  it.each([
    [{ estagio: 1 }, 'estagio'],
    [{ por_idioma: { es: { por_idioma: {} } } }, 'por_idioma'],
    [{ por_idioma: { es: { estagio: 1 } } }, 'estagio'],
    [{ por_idioma: { espanhol_: {} } }, 'espanhol_'],
    [{ titulo: 'Olá {nome}' }, '{nome}'],
    [{ texto_nota: '{telefone}' }, '{telefone}'],
    [{ titulo: '' }, 'titulo'],
    [{ titulo: 'x'.repeat(256) }, 'titulo'],
    [{ atividade_min: -1 }, 'atividade_min'],
    [{ atividade_min: 1.5 }, 'atividade_min'],
    [{ atividade: 'sim' }, 'atividade'],
    [{ tipo_atividade: 'Uma Visita' }, 'tipo_atividade'],
    [{ etapa: 0 }, 'etapa'],
    [{ etapa: true }, 'etapa'],
    [null, 'pipedrive'],
    ['Vendas', 'pipedrive'],
  ])('%j is refused by name', async (pipedrive, named) => {
    const said = (answer: Answer) => expect(JSON.stringify(answer.body)).toContain(named)
    const made = await w.service.call('POST', '/canais', { body: body(pipedrive) })
    expect(made.status).toBe(422)
    said(made)
    const { slug } = await canalWith({})
    const changed = await w.service.call('PUT', `/canais/${slug}`, { body: { pipedrive } })
    expect(changed.status).toBe(422)
    said(changed)
  })

  it('are in the OpenAPI document, each with its description', async () => {
    const { components } = (await w.service.call('GET', '/openapi.json')).body
    const { properties, additionalProperties, example } = components.schemas.AjustesDoPipedrive
    expect(additionalProperties).toBe(false)
    expect(example.por_idioma.es).toBeDefined()
    for (const [name, one] of Object.entries(properties))
      expect([name, Object(one).description]).toEqual([name, expect.any(String)])
    expect(JSON.stringify(components.schemas.NovoCanalGenerico.properties.pipedrive)).toContain('AjustesDoPipedrive')
  })
})

describe('what an account names and Pipedrive does not have', () => {
  beforeAll(async () => {
    for (const { slug } of (await w.service.call('GET', '/canais')).body)
      await w.service.call('DELETE', `/canais/${slug}`)
  })

  it('is shown, made by the set-up, and waited for', async () => {
    const canal = await canalWith({
      etapa: 'Ventas/Nueva',
      etiqueta: 'Nova',
      por_idioma: { en: { tipo_atividade: 'visita' }, es: { etapa: 999 } },
    })
    const { slug } = canal
    const n = await askedBy(canal, newContact())
    const look = () => w.service.call('GET', '/pipedrive/estado')
    await until(async () => (await look()).body.fila.motivos[0]?.motivo.startsWith('etapa'), undefined, 'it to wait')
    const estado = await look()
    // It holds up nobody but the customers of this account.
    expect(estado.body.pausas).toEqual([])
    const problems = (conta: { idioma: string | null; problemas: string[] }) => conta.problemas.join(' ')
    const [own, en, es, ...more] = estado.body.em_uso.contas
    expect(more).toEqual([])
    expect(own).toMatchObject({ canal: slug, idioma: null, etapa: null, etiqueta: { nome: 'Nova', id: null } })
    expect(problems(own)).toMatch(/Ventas\/Nueva.*Nova/)
    expect(problems(en)).toContain('visita')
    expect(problems(es)).toContain('999')
    const simulated = await setUp(w.service, true)
    expect(situations(simulated)).toMatchObject({
      [`etapa (${slug})`]: 'faria',
      [`etiqueta (${slug})`]: 'faria',
      [`tipo de atividade (${slug}, en)`]: 'faria',
      [`etapa (${slug}, es)`]: 'erro',
    })
    expect(stepOf(simulated, `etapa (${slug}, es)`)?.detalhe).toContain('pipedrive.etapa')
    await setUp(w.service)
    expect(w.fake.state.activityTypes.map(({ key_string }) => key_string)).toContain('visita')
    expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
    const stage = w.fake.state.stages.find(({ name }) => name === 'Nueva')
    expect((await records(n)).deal).toMatchObject({ stage_id: stage?.id, pipeline_id: 3 })
    const [after] = (await w.service.call('GET', '/pipedrive/estado')).body.em_uso.contas
    expect(after).toMatchObject({ etapa: { nome: 'Nueva' }, funil: { id: 3, nome: 'Ventas' } })
  })
})

describe('the same for all, by the environment', () => {
  it('switches off and names', async () => {
    const env = {
      PIPEDRIVE_ATIVIDADE: 'nao',
      PIPEDRIVE_NOTA: 'nao',
      PIPEDRIVE_TITULO: '{cliente}: {protocolo}',
      PIPEDRIVE_FUNIL: 'Pós-venda',
    }
    const all = await world({ factor: FACTOR, env })
    const n = await all.serve({ nome: 'Clara', telefone: '+5511977001122' })
    expect(await all.ended(n)).toMatchObject({ estado: 'feita' })
    expect(all.fake.state.deals).toMatchObject([{ title: `Clara: ${numeroOf(n)}`, stage_id: 3 }])
    expect([all.fake.state.activities, all.fake.state.notes]).toEqual([[], []])
    const { em_uso } = (await all.service.call('GET', '/pipedrive/estado')).body
    const inUse = { criar: 'negocio', atividade: false, nota: false, contas: [] }
    expect(em_uso).toMatchObject({ ...inUse, funil: { nome: 'Pós-venda' }, etapa: { id: 3 } })
    await all.end()
  })
})
