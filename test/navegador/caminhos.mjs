import { check, say } from './checagem.mjs'
import { apiOf } from './dados.mjs'
import { openPage } from './navegador.mjs'

/** How soon what any process did shows at a page of another: the promise is 2 s, and this machine may be busy. */
const LIVE_MS = 10_000

/** Signs in by the key, and gives what a browser keeps of it. */
export async function signIn({ browser, url, key }) {
  const context = await browser.newContext()
  const { page } = await openPage(context, url)
  await page.goto(`${url}/painel`)
  await page.locator('input[type=password]').fill(key)
  await page.locator('button[type=submit]').click()
  await page.locator('.navegacao').waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}

/** Opens a consultor's own page as he does: by the link that a manager made, and its button. */
export async function openEu({ browser, url, state, id }) {
  const manager = await browser.newContext({ storageState: state })
  const made = await manager.request.post(`${url}/painel/api/consultores/${id}/acesso`, {
    headers: { 'sec-fetch-site': 'same-origin', origin: url },
    data: {},
  })
  const { link } = await made.json()
  await manager.close()
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'pt-BR' })
  const opened = await openPage(context, url, /status of 401/)
  await opened.page.goto(url + link.slice(link.indexOf('/eu')))
  await opened.page.locator('.botao.grande').waitFor()
  // Whoever only opens the link, as a preview does, spends nothing: a second one finds it as it was.
  await opened.page.reload()
  await opened.page.locator('.botao.grande').click()
  await opened.page.locator('.interruptor').waitFor()
  check(!opened.page.url().includes('#'), 'a link is spent by its button only, and its token leaves the address')
  return { context, ...opened }
}

/** Takes somebody out of the line and back, by keys alone; the focus stays where it is while snapshots arrive. */
export async function useKeyboard({ browser, url, key, state }) {
  const context = await browser.newContext({
    storageState: state,
    viewport: { width: 1280, height: 900 },
    locale: 'pt-BR',
  })
  const { page } = await openPage(context, url)
  await page.goto(`${url}/painel`)
  await page.locator('.proximo').first().waitFor()
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement
      return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent
    })
  const tabTo = async (text) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab')
      if ((await focused())?.includes(text)) return true
    }
    return false
  }
  check(await tabTo('Mudar Bruno Carvalho'), 'Tab reaches the button of a person')
  await apiOf(url, key)('POST', '/vez', { idioma: 'es' })
  await page.locator('.historico, .tabela td', { hasText: 'espanhol' }).first().waitFor({ timeout: LIVE_MS })
  check((await focused()) === 'Mudar Bruno Carvalho', 'the focus stays while a snapshot arrives')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open]').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  check((await focused()) === 'Mudar Bruno Carvalho', 'Esc closes the dialog and the focus goes back')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open]').waitFor()
  check((await focused())?.includes('Pausa'), 'the dialog begins at its first choice')
  await page.keyboard.press('ArrowDown')
  check(await tabTo('Motivo'), 'Tab reaches the reason')
  await page.keyboard.type('Saiu mais cedo')
  check(await tabTo('Offline'), 'Tab reaches the button')
  await page.keyboard.press('Enter')
  await page.locator('.feito', { hasText: 'Bruno Carvalho está offline' }).waitFor()
  const out = page
    .locator('.pessoa', { hasText: 'Bruno Carvalho' })
    .filter({ has: page.locator('.estados', { hasText: 'offline' }) })
  await out.waitFor({ timeout: LIVE_MS })
  check((await focused()) === 'Mudar Bruno Carvalho', 'the focus goes along with a person who moves to another list')
  check(await tabTo('Desfazer'), 'Tab reaches the way back')
  await page.keyboard.press('Enter')
  await page.locator('.feito', { hasText: 'Desfeito' }).waitFor()
  await out.waitFor({ state: 'detached', timeout: LIVE_MS })
  check(true, 'somebody goes offline and comes back by keys alone')
  await context.close()
}

/** A turn that one process gives shows at a page of the other, and at the page of the person that got it. */
export async function seeBothProcesses({ browser, url, other, key, state, eu }) {
  const context = await browser.newContext({ storageState: state, locale: 'pt-BR' })
  const { page } = await openPage(context, url)
  await page.goto(`${url}/painel`)
  await page.locator('.proximo').first().waitFor()
  const { protocolo } = await apiOf(other, key)('POST', '/vez', {
    idioma: 'es',
    contato: { nome: 'Cliente do outro processo' },
  })
  await page.locator('td', { hasText: protocolo }).first().waitFor({ timeout: LIVE_MS })
  check(true, 'a turn of one process shows at a page of the other')
  await eu.page.locator('.novidade', { hasText: protocolo }).waitFor({ timeout: LIVE_MS })
  await eu.page.locator('.cliente', { hasText: 'Cliente do outro processo' }).waitFor({ timeout: LIVE_MS })
  check((await eu.page.title()).includes(protocolo), 'the page of who got it says so, in its title too')
  await context.close()
}

/** Whoever is signed out while he looks is told so at the next thing that he asks for, and can sign in again. */
export async function seeSessionEnd({ browser, url, state, folder }) {
  const context = await browser.newContext({ storageState: state, locale: 'pt-BR' })
  const { page } = await openPage(context, url, /status of 401/)
  await page.goto(`${url}/painel`)
  await page.locator('.ligacao.vivo').waitFor()
  // As another tab of this browser, or whoever ends the session, does.
  await context.request.post(`${url}/painel/api/sair`, {
    headers: { 'sec-fetch-site': 'same-origin', origin: url },
    data: {},
  })
  await page.locator('.navegacao a', { hasText: 'Equipe' }).click()
  await page.locator('.entrada .aviso', { hasText: 'A sessão terminou. Entre de novo.' }).waitFor()
  check(
    await page.locator('input[type=password]').isVisible(),
    'whoever is signed out is told so, and can sign in again',
  )
  await page.screenshot({ path: `${folder}/sessao-terminou.png` })
  await context.close()
}

/** How long a new browser takes to the first picture that says something. A figure to read: the machine may be busy. */
export async function timeFirstPicture({ browser, url, state, screens }) {
  for (const [name, path, ready] of screens) {
    const context = await browser.newContext({ storageState: state, viewport: { width: 390, height: 844 } })
    const { page } = await openPage(context, url)
    await page.goto(url + path, { waitUntil: 'commit' })
    await page.locator(ready).first().waitFor()
    const ms = await page.evaluate(() => performance.now())
    say(`figure: first picture of ${name} after ${Math.round(ms)} ms (promise: 1,000 ms on a quiet machine)`)
    await context.close()
  }
}

/** Whoever is online and outside his hours did nothing himself: the list says when he is back. */
export async function seeOutsideHours({ browser, url, state }) {
  const context = await browser.newContext({ storageState: state, locale: 'pt-BR' })
  const { page } = await openPage(context, url)
  await page.goto(`${url}/painel`)
  const row = page.locator('.pessoa', { hasText: 'Elisa Prado' }).filter({ hasText: 'fora do horário' })
  const told = await row.locator('.estados').textContent()
  check(/^fora do horáriovolta \d\d\/\d\d 08:00$/.test(told ?? ''), `who is outside his hours: ${told}`)
  await context.close()
}

/** A service that is gone is told in words, and what is seen turns grey; it comes back by itself. */
export async function seeLostLink({ browser, url, state, folder, stop }) {
  const context = await browser.newContext({
    storageState: state,
    viewport: { width: 1280, height: 900 },
    locale: 'pt-BR',
  })
  const { page } = await openPage(context, url, /./)
  await page.goto(`${url}/painel`)
  await page.locator('.ligacao.vivo').waitFor()
  await stop()
  await page.locator('.aviso-de-ligacao', { hasText: 'Sem conexão desde' }).waitFor()
  const filter = await page
    .locator('.vivo-so')
    .first()
    .evaluate((element) => getComputedStyle(element).filter)
  check(filter.includes('grayscale'), 'a lost link is told in words and grey')
  await page.screenshot({ path: `${folder}/sem-conexao.png` })
  await page.locator('.navegacao a', { hasText: 'Equipe' }).click()
  await page.locator('.aviso', { hasText: 'Não foi possível ler os dados. O serviço não respondeu' }).first().waitFor()
  check(true, 'a screen that cannot be read says so, and lets one try again')
  await page.screenshot({ path: `${folder}/sem-resposta.png` })
  await context.close()
}
