import { accessSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const LIMIT_MS = 15_000
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const ARGS = ['--no-sandbox', ...QUIET, '--disable-component-update', '--disable-sync']

/** The Chromium of this machine, or `undefined`. */
export function findBrowser() {
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

export const launch = (executablePath) => chromium.launch({ executablePath, args: ARGS })

/**
 * A page that keeps what it asks of others, and what its console complains about. A status that the page asked for itself, as the
 * 401 of who is not signed in, is no complaint where `expected` names it.
 */
export async function openPage(context, origin, expected = /^$/) {
  const page = await context.newPage()
  page.setDefaultTimeout(LIMIT_MS)
  const foreign = []
  const complaints = []
  page.on('request', (request) => {
    const asked = new URL(request.url())
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== origin) foreign.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, foreign, complaints }
}
