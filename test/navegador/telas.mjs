import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from './checagem.mjs'
import { openPage } from './navegador.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const WIDTHS = { 390: 844, 1280: 900 }
const LOOKS = ['light', 'dark'].flatMap((colorScheme) => Object.keys(WIDTHS).map((width) => ({ colorScheme, width })))
/** Each scheme and each width once. */
const FEW_LOOKS = [LOOKS[0], LOOKS[3]]

/** Each screen by its name, its address and what shows that it is drawn. */
export const PAINEL = [
  ['vez', '/painel', '.proximo'],
  ['espera', '/painel/espera', '.tabela td'],
  ['protocolos', '/painel/protocolos', '.tabela td'],
  ['protocolo', '/painel/protocolos/1', '.historia'],
  ['problemas', '/painel/problemas', '.tela > header + *'],
  ['equipe', '/painel/equipe', '.tabela td'],
  ['canais', '/painel/canais', '.tabela td'],
  ['canal', '/painel/canais/vendas', '.numeros'],
  ['pipedrive', '/painel/pipedrive', '.tela > header + *'],
  ['justica', '/painel/justica', '.dias'],
  ['politicas', '/painel/politicas', '.politicas'],
  ['parede', '/painel?tela=parede', '.na-parede'],
]
/** What a screen says where there is nothing to show: on the first day, before there is a team, an account or a customer. */
export const VAZIAS = [
  ['vez', '/painel', 'Ainda não há consultores'],
  ['espera', '/painel/espera', 'Ninguém espera'],
  ['protocolos', '/painel/protocolos', 'O primeiro cliente que pedir uma pessoa aparece aqui.'],
  ['problemas', '/painel/problemas', 'Nenhum problema'],
  ['equipe', '/painel/equipe', 'Cadastre o primeiro: nome e idiomas bastam.'],
  ['canais', '/painel/canais', 'Ainda não há canais'],
  ['pipedrive', '/painel/pipedrive', 'O Pipedrive não está ligado'],
  ['justica', '/painel/justica', 'Nenhum cliente neste período'],
  ['parede', '/painel?tela=parede', 'Ainda não há fila'],
  ['sem-tela', '/painel/nada', 'Esta tela não existe'],
].map(([name, path, words]) => [`vazia-${name}`, path, `.vazio:has-text("${words}")`])
export const ENTRADA = [['entrada', '/painel', 'input[type=password]']]
export const EU = [['eu', '/eu', '.lugar .grande']]
/** Of somebody who is offline and has no customers. */
export const EU_VAZIA = [['vazia-eu', '/eu', '.vazio']]
export const EU_ENTRADA = [
  ['eu-entrada', '/eu', '.digitos'],
  ['eu-link', '/eu#c=0123456789012345678901234567890123456789', '.botao.grande'],
]
/** What a page that is not signed in asks all the same. */
const NOT_SIGNED_IN = /status of 401/

async function axe(page) {
  // A script element would be refused by the policy of the page; this is not one.
  await page.evaluate(AXE)
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: 'tag', values } }), RULES)
  return violations.map(
    ({ id, nodes }) =>
      `${id} ${nodes
        .map(({ target }) => target.join(' '))
        .slice(0, 3)
        .join(', ')}`,
  )
}

/** Waits until a screen shows this, and nothing of it is still being loaded. */
async function drawn(page, ready) {
  try {
    await page.locator(ready).first().waitFor()
    await page.locator('.vazio:has-text("Carregando")').first().waitFor({ state: 'detached' })
    return true
  } catch {
    return false
  }
}

/**
 * Draws each screen light and dark, on a phone and on a desk, keeps a picture of it, and looks for what is wrong with it. `few`:
 * light on the phone and dark on the desk only.
 */
export async function seeScreens({ browser, url, folder, state, screens, few = false }) {
  for (const { colorScheme, width } of few ? FEW_LOOKS : LOOKS) {
    const viewport = { width: Number(width), height: WIDTHS[width] }
    const context = await browser.newContext({ viewport, colorScheme, storageState: state, locale: 'pt-BR' })
    for (const [name, path, ready] of screens) {
      const { page, foreign, complaints } = await openPage(context, url, state ? undefined : NOT_SIGNED_IN)
      await page.goto(url + path)
      const isDrawn = await drawn(page, ready)
      const where = `${name} ${colorScheme} ${width}`
      const wrong = await axe(page)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true })
      const faults = [
        ...(isDrawn ? [] : ['not drawn']),
        ...wrong,
        ...foreign.map((one) => `asks ${one}`),
        ...complaints,
        ...(over > 0 ? [`${over} px too wide`] : []),
      ]
      check(faults.length === 0, `${where} ${faults.join(' | ')}`)
      await page.close()
    }
    await context.close()
  }
}
