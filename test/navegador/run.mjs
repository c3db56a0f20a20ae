// Draws /docs and /redoc in headless Chromium, makes a call there, and sees that a browser asks nobody else for anything.
import { accessSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import { startService } from '../runner/service.mjs'

const KEY = 'browser-key-0123456789'
const LIMIT_MS = 30_000
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const ARGS = ['--no-sandbox', ...QUIET, '--disable-component-update', '--disable-sync']

const say = (line) => process.stdout.write(`${line}\n`)

function findBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const candidates = [process.env.CHROMIUM, ...folders.flatMap((folder) => names.map((name) => join(folder, name)))]
  return candidates.find((path) => {
    try {
      accessSync(path)
      return true
    } catch {
      return false
    }
  })
}

const problems = []
const check = (holds, what) => {
  say(`${holds ? 'ok' : 'NOT'}: ${what}`)
  if (!holds) problems.push(what)
}

async function look(url, browser, folder) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
  page.setDefaultTimeout(LIMIT_MS)
  const foreign = []
  const complaints = []
  page.on('request', (request) => {
    const asked = new URL(request.url())
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== url) foreign.push(request.url())
  })
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))

  await page.goto(`${url}/docs`)
  await page.locator('.opblock').first().waitFor()
  await page.screenshot({ path: join(folder, 'docs.png') })
  check((await page.locator('.opblock').count()) >= 20, '/docs shows every call')
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const form = page.locator('.auth-container form').filter({ hasText: 'api-key' })
  await form.locator('input').fill(KEY)
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
}

const executablePath = findBrowser()
if (!executablePath) {
  say('No Chromium on this machine: the pages were not drawn.')
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'vez-navegador-'))
const service = await startService(join(folder, 'data'), { AUTHENTICATION_API_KEY: KEY })
const browser = await chromium.launch({ executablePath, args: ARGS })
try {
  await look(service.url, browser, process.env.IMAGENS ?? folder)
} finally {
  await browser.close()
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = problems.length > 0 ? 1 : 0
