/**
 * A team in the middle of its day, by the API: people in every state, a name as long as names get, customers with and without a
 * name, some who wait, work that fails, an account that refuses.
 */
const PEOPLE = [
  ['Ana Souza', ['pt', 'es'], true],
  ['Bruno Carvalho', ['pt'], true],
  ['Carla Menezes', ['pt', 'en'], true],
  ['Diego Ferreira', ['pt'], true],
  ['Maria Aparecida dos Santos Albuquerque de Orleans e Bragança Vasconcellos', ['pt'], true],
  ['Elisa Prado', ['pt', 'en'], false],
  ['Fábio Nunes', ['en'], false],
  ['Gabriela Rocha', ['fr'], false],
]
const DAYS = ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab']
const CUSTOMERS = [
  'Beatriz Lima',
  'Caio Torres',
  'Dona Irene',
  'Empório Central Ltda.',
  'Felipe',
  undefined,
  'Giovana Reis',
]

/** Speaks to the service as an administrator. */
export function apiOf(url, key) {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

async function ask(url, { slug, segredo }, body) {
  const response = await fetch(`${url}/webhooks/generico/${slug}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-segredo': segredo },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`the webhook was refused: ${response.status} ${await response.text()}`)
}

/** Fills an empty service; gives the people as the API tells them. */
export async function fill(url, key) {
  const api = apiOf(url, key)
  const account = await api('POST', '/canais', {
    slug: 'vendas',
    plataforma: 'generico',
    nome: 'Vendas · site e formulário',
    // Nothing answers at this address: the work that writes there fails and is tried again.
    ajustes: { retorno_url: 'https://retorno.invalid/' },
  })
  const french = await api('POST', '/canais', {
    slug: 'franceses',
    plataforma: 'generico',
    nome: 'Site em francês',
    idioma: 'fr',
    esperar: true,
    // Nothing answers at this address: the work that writes there fails and is tried again.
    ajustes: { retorno_url: 'https://retorno.invalid/' },
  })
  const people = []
  for (const [index, [nome, idiomas, status_online]] of PEOPLE.entries()) {
    const email = `consultor${index + 1}@exemplo.com.br`
    const telefone = index % 3 === 2 ? undefined : `+55119${String(11_110_000 + index)}`
    people.push(await api('POST', '/consultor', { nome, idiomas, email, telefone, status_online }))
  }
  for (const [index, nome] of [...CUSTOMERS, ...CUSTOMERS].entries()) {
    const contato = { id: `cliente-${index}`, nome, telefone: `+55219${String(88_880_000 + index)}` }
    await ask(url, account, { id: `pedido-${index}`, contato })
  }
  for (const index of [0, 1]) {
    const contato = {
      id: `francesa-${index}`,
      nome: index === 0 ? 'Hélène Dubois' : undefined,
      telefone: `+3361234567${index}`,
    }
    await ask(url, french, { id: `espera-${index}`, contato })
  }
  await api('PUT', '/protocolo/2', { status: 'concluido' })
  const [ana, bruno, carla, diego, , elisa] = people.map(({ id }) => id)
  await api('PUT', `/consultor/${ana}`, { equipes: ['Vendas', 'Pós-venda'] })
  await api('PUT', `/consultor/${bruno}`, { equipes: ['Vendas'], limite: 12 })
  const week = ['seg', 'ter', 'qua', 'qui', 'sex'].map((dia) => [dia, ['08:00-12:00', '13:00-18:00']])
  const semana = { ...Object.fromEntries(week), sab: ['00:00-24:00'], dom: ['00:00-24:00'] }
  await api('PUT', `/consultor/${carla}`, { horario: { semana, folgas: ['2020-12-24'] } })
  // Online, and outside her hours on any day and at any hour.
  const inThreeDays = DAYS[(new Date().getDay() + 3) % DAYS.length]
  const rare = { semana: { [inThreeDays]: ['08:00-18:00'] } }
  await api('PUT', `/consultor/${elisa}`, { horario: rare, status_online: true })
  await api('PUT', `/consultor/${diego}/pausa`, { minutos: 45, motivo: 'almoço' })
  return people
}
