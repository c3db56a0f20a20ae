/**
 * The pages in headless Chromium, on two processes of the service over one database: the documentation, each screen of the list
 * light and dark on a phone and on a desk (accessibility, console, foreign requests, width), and what people do there. Pictures
 * stay in `artifacts/`, or in the folder that IMAGENS names.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalDatabase } from '../../dist/src/database/local.js'
import { startService } from '../runner/service.mjs'
import {
  openEu,
  seeBothProcesses,
  seeLostLink,
  seeOutsideHours,
  seeSessionEnd,
  signIn,
  timeFirstPicture,
  useKeyboard,
} from './caminhos.mjs'
import { hasFailed, say } from './checagem.mjs'
import { fill } from './dados.mjs'
import { seeDocs } from './docs.mjs'
import { findBrowser, launch } from './navegador.mjs'
import { ENTRADA, EU, EU_ENTRADA, EU_VAZIA, PAINEL, seeScreens, VAZIAS } from './telas.mjs'

const key = 'browser-key-0123456789'

const executablePath = findBrowser()
if (!executablePath) {
  say('No Chromium on this machine: the pages were not drawn.')
  process.exit(0)
}
const folder = process.env.IMAGENS ?? join('artifacts', 'navegador')
mkdirSync(folder, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'vez-navegador-'))
const database = await startLocalDatabase({
  folder: data,
  env: process.env,
  notify: say,
  onGiveUp: ({ message }) => say(message),
})
const settings = {
  AUTHENTICATION_API_KEY: key,
  MONGODB_URI: database.uri,
  // Of both: each opens the secrets of the chat accounts that the other made.
  CHAVE_MESTRA: randomBytes(32).toString('hex'),
}
const services = []
for (const place of ['um', 'outro']) services.push(await startService(join(data, place), settings))
const [{ url }, { url: other, stop }] = services
const browser = await launch(executablePath)
try {
  await seeDocs({ browser, url, key, folder })
  const state = await signIn({ browser, url, key })
  await seeScreens({ browser, url, folder, state, screens: VAZIAS, few: true })
  const people = await fill(url, key)
  await seeScreens({ browser, url, folder, screens: [...ENTRADA, ...EU_ENTRADA] })
  await seeScreens({ browser, url, folder, state, screens: PAINEL })
  const idle = await openEu({ browser, url, state, id: people.at(-1).id })
  await seeScreens({ browser, url, folder, state: await idle.context.storageState(), screens: EU_VAZIA, few: true })
  await idle.context.close()
  const eu = await openEu({ browser, url, state, id: people[0].id })
  await seeScreens({ browser, url, folder, state: await eu.context.storageState(), screens: EU })
  await seeOutsideHours({ browser, url, state })
  await timeFirstPicture({ browser, url, state, screens: [PAINEL[0]] })
  await timeFirstPicture({ browser, url, state: await eu.context.storageState(), screens: EU })
  await useKeyboard({ browser, url, key, state })
  await seeBothProcesses({ browser, url, other, key, state, eu })
  await seeSessionEnd({ browser, url, state: await signIn({ browser, url, key }), folder })
  await seeLostLink({ browser, url: other, state: await signIn({ browser, url: other, key }), folder, stop })
} finally {
  await browser.close()
  for (const service of services) await service.stop()
  await database.stop()
  rmSync(data, { recursive: true, force: true })
}
process.exitCode = hasFailed() ? 1 : 0
