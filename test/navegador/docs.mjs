import { join } from 'node:path'
import { check } from './checagem.mjs'
import { openPage } from './navegador.mjs'

/** /docs and /redoc are drawn, a call is made there, and nobody else is asked for anything. */
export async function seeDocs({ browser, url, key, folder }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } })
  const { page, foreign, complaints } = await openPage(context, url)
  await page.goto(`${url}/docs`)
  await page.locator('.opblock').first().waitFor()
  await page.screenshot({ path: join(folder, 'docs.png') })
  check((await page.locator('.opblock').count()) >= 20, '/docs shows every call')
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const form = page.locator('.auth-container form').filter({ hasText: 'api-key' })
  await form.locator('input').fill(key)
  await form.locator('.authorize').click()
  await form.locator('.btn-done').click()
  const queue = page.locator('#operations-vez-getVez')
  await queue.locator('.opblock-summary-control').click()
  await queue.locator('.execute').click()
  await queue.locator('.live-responses-table .response-col_status').first().waitFor()
  const status = await queue.locator('.live-responses-table tbody .response-col_status').first().textContent()
  check(status?.startsWith('200'), '/docs makes a call that is answered with 200')
  await page.screenshot({ path: join(folder, 'docs-call.png') })

  await page.goto(`${url}/redoc`)
  await page.locator('h1').first().waitFor()
  await page.getByRole('heading', { name: 'Pega a vez' }).first().waitFor()
  await page.screenshot({ path: join(folder, 'redoc.png') })
  check(true, '/redoc shows the calls')
  check(foreign.length === 0, `nobody else is asked for anything ${foreign.join(' ')}`)
  check(complaints.length === 0, `the policy holds and no script complains ${complaints.join(' | ')}`)
  await context.close()
}
