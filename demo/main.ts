import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startFakePipedrive, TOKEN } from '../fakes/pipedrive/server.js'
import { apiOf } from './api.js'
import { startChat } from './chat.js'
import type { Day } from './day.js'
import { DemoFailure } from './failure.js'
import { freePort } from './ports.js'
import { startService } from './service.js'
import { STORY } from './story.js'
import { StoryClock, toldHour } from './story-clock.js'
import { wrapped } from './wrapped.js'

/** For the reader, between two steps. */
const PAUSE_MS = 7_000
const MAX_PORT = 65_535
/** Of the service; chat and Pipedrive take the next two. */
const PORT = 8000
/** One waiting customer per consultor in so long. */
const ESPERA_INTERVALO_S = 2

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** What is running, in the order in which it was started; it ends in the opposite order. */
const running: (() => Promise<void>)[] = []
let ending: Promise<never> | undefined

function shutdown(code: number): Promise<never> {
  ending ??= (async () => {
    for (const end of running.reverse()) await end().catch(() => undefined)
    process.exit(code)
  })()
  return ending
}

/** One line; what fails while all ends is no news. */
function fail(error: unknown): Promise<never> {
  if (!ending) {
    const what = error instanceof DemoFailure ? error.message : `erro inesperado (${describe(error)})`
    process.stderr.write(`A demonstração parou. ${what}\n`)
  }
  return shutdown(1)
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : 'sem descrição'

async function start(): Promise<Day> {
  const folder = mkdtempSync(join(tmpdir(), 'consultor-da-vez-demo-'))
  running.push(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const clock = new StoryClock(STORY[0]?.at ?? '8:30')
  const first = await portOf(process.env.PORT)
  const ports = [first, await freePort(first + 1), await freePort(first + 2)] as const
  const [url, key] = [`http://127.0.0.1:${ports[0]}`, `demo-${randomBytes(18).toString('base64url')}`]
  const fake = await startFakePipedrive({ port: ports[2], clock }).catch(() => {
    throw new DemoFailure(`O Pipedrive de mentira não consegue a porta ${ports[2]}: tente de novo.`)
  })
  running.push(() => fake.end())
  const pipedriveUrl = `${fake.url}/__fake/ui`
  const api = apiOf(url, key)
  const chat = await startChat(ports[1], api, clock, {
    Painel: `${url}/painel`,
    Pipedrive: pipedriveUrl,
    Documentação: `${url}/docs`,
  })
  running.push(() => chat.end())
  const env = {
    PORT: String(ports[0]),
    API_URL: url,
    PASTA_DADOS: join(folder, 'dados'),
    AUTHENTICATION_API_KEY: key,
    DESTINOS_INTERNOS: '127.0.0.1',
    PIPEDRIVE_API_TOKEN: TOKEN,
    PIPEDRIVE_BASE_URL: fake.url,
    ESPERA_INTERVALO_S: String(ESPERA_INTERVALO_S),
    LOG_NIVEL: 'fatal',
  }
  const service = startService({ env, aheadMs: clock.aheadMs, notify: say, onEnd: (why) => void fail(why) })
  running.push(() => service.stop())
  await service.listening
  say('')
  say('  Abra o painel e entre com a chave: a fila de agora, por onde a história passa.')
  say('')
  say(`  painel        ${url}/painel`)
  say(`  chave         ${key}`)
  say(`  chat          ${chat.url}`)
  say(`  Pipedrive     ${pipedriveUrl}`)
  say(`  documentação  ${url}/docs`)
  const tell = (line: string): void => say(wrapped(`   ${line}`, process.stdout.columns))
  const show = (what: string, where: string): void => tell(`Veja ${what}: ${where}`)
  return {
    ...{ api, chat, fake, pipedriveUrl, tell, show },
    moveTo: (hour) => {
      clock.moveTo(hour)
      return service.setAhead(clock.aheadMs)
    },
    esperaIntervaloS: ESPERA_INTERVALO_S,
    team: [],
    latest: new Map(),
  }
}

/** PORT when it is set, which then has to be free; else 8000 or any other. */
async function portOf(set: string | undefined): Promise<number> {
  if (!set) return freePort(PORT)
  const wanted = Number(set)
  if (!/^\d+$/.test(set) || wanted > MAX_PORT) throw new DemoFailure('PORT deve ser um número de 0 a 65535.')
  const port = await freePort(wanted)
  if (wanted !== 0 && port !== wanted)
    throw new DemoFailure(`A porta ${wanted} já está em uso: escolha outra com PORT.`)
  return port
}

async function main(args: readonly string[]): Promise<void> {
  const isFast = args.includes('--rapido')
  if (args.some((one) => one !== '--rapido')) throw new DemoFailure('Só existe a opção --rapido, sem as pausas.')
  say('Um dia do consultor da vez, com um chat e um Pipedrive de mentira. Ctrl-C termina.')
  const day = await start()
  for (const [place, { at, title, run }] of STORY.entries()) {
    await day.moveTo(at)
    say(`\n── ${place + 1}/${STORY.length} ${toldHour(at)}: ${title} ──`)
    await run(day)
    if (!isFast) await wait(PAUSE_MS)
  }
  day.chat.openToAll()
  say('\nFim da história; agora é com você, até Ctrl-C:')
  day.tell(`veja quem é o próximo, e por que cada um recebeu o que recebeu, em ${day.api.url}/painel`)
  day.tell(`escreva como cliente e ponha consultores online ou offline em ${day.chat.url}`)
  day.tell(`conclua atividades, mude etapas e troque donos em ${day.pipedriveUrl}`)
}

process.on('unhandledRejection', (error) => void fail(error))
process.on('uncaughtException', (error) => void fail(error))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shutdown(0))
main(process.argv.slice(2)).catch(fail)
