import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from './checagem.mjs'
import { openPage } from './navegador.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const WIDTHS = { 390: 844, 1280: 900 }
const SCHEMES = ['light', 'dark']

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
export const ENTRADA = [['entrada', '/painel', 'input[type=password]']]
export const EU = [['eu', '/eu', '.lugar .grande']]
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

/** Draws each screen light and dark, on a phone and on a desk, keeps a picture of it, and looks for what is wrong with it. */
export async function seeScreens({ browser, url, folder, state, screens }) {
  for (const colorScheme of SCHEMES) {
    for (const [width, height] of Object.entries(WIDTHS)) {
      const viewport = { width: Number(width), height }
      const context = await browser.newContext({ viewport, colorScheme, storageState: state, locale: 'pt-BR' })
      for (const [name, path, ready] of screens) {
        const { page, foreign, complaints } = await openPage(context, url, state ? undefined : NOT_SIGNED_IN)
        await page.goto(url + path)
        const isDrawn = await page
          .locator(ready)
          .first()
          .waitFor()
          .then(
            () => true,
            () => false,
          )
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
}
