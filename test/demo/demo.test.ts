import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { StoryClock, toldHour } from '../../demo/story-clock.js'
import { wrapped } from '../../demo/wrapped.js'
import { systemClock } from '../../src/lib/clock.js'
import { isWhole } from '../support/sample.js'
import { call } from '../support/service.js'
import { until } from '../support/until.js'

const LIMIT_MS = 90_000

interface Demo {
  readonly child: ChildProcess
  /** For its temporary files. */
  readonly folder: string
  readonly port: number
  readonly out: () => string
  readonly err: () => string
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  /** Whether it called somebody's own database, which it must not. */
  readonly calledTheirs: () => boolean
  /** Ends it where it still runs, and takes away what was made for it. */
  end(): Promise<void>
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const free = await listening(server)
  await new Promise((done) => server.close(done))
  return free
}

/** As `npm run demo -- --rapido` starts it, in a folder where somebody has a `.env`. */
async function startDemo(): Promise<Demo> {
  const [folder, root] = [mkdtempSync(join(tmpdir(), 'vez-demo-test-')), mkdtempSync(join(tmpdir(), 'vez-demo-root-'))]
  let wasCalled = false
  const theirs = createServer((socket) => {
    wasCalled = true
    socket.destroy()
  })
  const { PATH, HOME, XDG_CACHE_HOME } = process.env
  // Somebody's own settings: the demonstration may not touch what they name.
  const MONGODB_URI = `mongodb://127.0.0.1:${await listening(theirs)}/own`
  writeFileSync(join(root, '.env'), `MONGODB_URI=${MONGODB_URI}\nPIPEDRIVE_API_TOKEN=a-token-of-the-file\n`)
  const port = await freePort()
  const own = { MONGODB_URI, PIPEDRIVE_BASE_URL: 'http://127.0.0.1:1', PORT: String(port) }
  const child = spawn(process.execPath, [resolve('dist/demo/main.js'), '--rapido'], {
    cwd: root,
    env: { PATH, HOME, XDG_CACHE_HOME, TMPDIR: folder, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1))
  })
  const end = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    theirs.close()
    for (const one of [folder, root]) rmSync(one, { recursive: true, force: true, maxRetries: 5 })
  }
  return { child, folder, port, out: () => out, err: () => err, ended, calledTheirs: () => wasCalled, end }
}

/** Waits until the demonstration says this, or ends. */
async function told({ child, out, err }: Demo, text: string): Promise<void> {
  await until(() => out().includes(text) || child.exitCode !== null, LIMIT_MS, text)
  expect(err()).toBe('')
  expect(out()).toContain(text)
}

const page = (demo: Demo, name: string): string =>
  new RegExp(`^ {2}${name} +(http:\\S+)`, 'm').exec(demo.out())?.[1] ?? ''

/** Processes that descend from the demonstration, the nearest first. */
function descendants({ child }: Demo): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
  const found = [child.pid]
  for (const parent of found) for (const [pid, ppid] of rows) if (ppid === parent) found.push(pid)
  return found.slice(1).filter((pid) => pid !== undefined)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const ZONE = { timeZone: 'America/Sao_Paulo' }
const dateOf = (iso: string): string => new Date(iso).toLocaleDateString('sv-SE', ZONE)
const hourOf = (iso: string): string => new Date(iso).toLocaleTimeString('sv-SE', ZONE).slice(0, 5)

/** What chat, service and Pipedrive say of the time is what the story says, all of one day. */
async function expectOneDay(
  chat: string,
  state: Record<'activities' | 'deals', Record<string, string>[]>,
): Promise<void> {
  const { body } = await call(new URL(chat).origin, 'GET', '/estado')
  const first = new Map<string, string>()
  const texts: { em: string }[] = []
  for (const { cliente, mensagens } of body.conversas) {
    first.set(cliente.nome, mensagens[0].em)
    texts.push(...mensagens)
  }
  const due = state.activities.map(({ due_date, due_time }) => `${due_date}T${due_time}Z`)
  const times = [...texts.map(({ em }) => em), ...due, ...state.deals.map(({ add_time = '' }) => add_time)]
  expect(new Set(times.map(dateOf)).size).toBe(1)
  for (const [nome, from, to] of [
    ['Mariana Alves', '09:00', '09:10'],
    ['Pedro Lima', '09:10', '09:30'],
    ['Rafael Costa', '10:00', '10:20'],
    ['Tiago Nunes', '12:30', '13:30'],
  ]) {
    const at = hourOf(first.get(nome ?? '') ?? '')
    const made = state.deals.find(({ title }) => title?.includes(nome ?? ''))?.add_time ?? ''
    expect([nome, at >= (from ?? '') && at < (to ?? '')]).toEqual([nome, true])
    // Who waited has a deal once somebody served him.
    expect([nome, hourOf(made) >= at]).toEqual([nome, true])
  }
  // A quarter of an hour to act.
  expect(hourOf(due.sort()[0] ?? '') >= '09:15').toBe(true)
  expect(hourOf(due.sort()[0] ?? '') < '09:25').toBe(true)
}

describe('the clock of the story', () => {
  it.each(['2026-11-27T02:59:00Z', '2026-11-27T12:00:00Z', '2026-11-28T02:59:00Z'])(
    'tells the hours of one day in Brazil when it begins at %s, runs on, and never goes back',
    (began) => {
      let now = Date.parse(began)
      const clock = new StoryClock('8:30', { ...systemClock, now: () => new Date(now) })
      const told = (): string => `${dateOf(clock.now().toISOString())} ${hourOf(clock.now().toISOString())}`
      const date = dateOf(began)
      expect(told()).toBe(`${date} 08:30`)
      now += 60_000
      expect(told()).toBe(`${date} 08:31`)
      clock.moveTo('13:05')
      expect([told(), hourOf(clock.asBefore().toISOString())]).toEqual([`${date} 13:05`, '08:31'])
      clock.moveTo('9:00')
      expect(told()).toBe(`${date} 13:05`)
    },
  )

  it('is told as people say it', () => {
    expect(['9:00', '9:10', '13:30'].map(toldHour)).toEqual(['9h', '9h10', '13h30'])
  })
})

describe('a line of the story', () => {
  it('fits the terminal, and stays whole where there is none', () => {
    const line = `   ${'palavra '.repeat(40).trim()}`
    expect(wrapped(line, undefined)).toBe(line)
    for (const columns of [40, 80, 200]) {
      const lines = wrapped(line, columns).split('\n')
      expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(Math.min(columns, 100))
      expect(lines.join(' ').replace(/\s+/g, ' ')).toBe(line.replace(/\s+/g, ' '))
    }
    expect(wrapped('   https://127.0.0.1:8000/a/long/address', 10)).toContain('https://127.0.0.1:8000/a/long/address')
  })
})

describe('the demonstration', () => {
  let demo: Demo
  let other: Demo
  let otherEnds: Promise<void>
  // Both at once: each waits for long.
  beforeAll(async () => {
    demo = await startDemo()
    other = await startDemo()
    otherEnds = endsWithItsService(other)
    otherEnds.catch(() => undefined)
  })
  afterAll(() => Promise.all([demo.end(), other.end()]))

  async function endsWithItsService(one: Demo): Promise<void> {
    await told(one, '── 1/')
    const processes = descendants(one)
    process.kill(processes[0] ?? 0, 'SIGKILL')
    expect(await one.ended).toBe(1)
    expect(one.err()).toMatch(/^A demonstração parou\. O serviço .*\n$/)
    await until(() => !processes.some(isAlive), LIMIT_MS, 'the end of the engine')
  }

  it('tells the day as it happens, leaves one person, deal, activity and note each, and ends at Ctrl-C without a trace', async () => {
    await told(demo, 'Fim da história')
    const out = demo.out()
    const steps = [...out.matchAll(/^── (\d+)\/(\d+) (.+) ──$/gm)]
    expect(steps.map(([, place]) => Number(place))).toEqual(steps.map((_step, place) => place + 1))
    expect(steps).toHaveLength(Number(steps[0]?.[2]))
    for (const line of [
      /Mariana Alves escreve.*\n.*→ Ana Souza atende, protocolo #00001\./,
      /Pedro Lima escreve.*\n.*→ Bia Lima atende, protocolo #00002\./,
      /Lucía Gómez escreve.*\n.*→ Ana Souza atende, protocolo #00003\./,
      /Emily Carter escreve.*\n.*→ Caio Prado atende, protocolo #00004\./,
      /Em português seria a vez de Caio Prado/,
      /→ Uma vez só: Bia Lima, protocolo #00005, e o último protocolo dado é #00005\./,
      /Pedro Lima escreve de novo\. → Continua com Bia Lima, protocolo #00002/,
      /→ O protocolo #00002 está concluido \(atividade_concluida\)/,
      /O negócio aberto fica com Bia .* a atividade é de quem atende/,
      /leva o negócio \d+ à etapa Proposta/,
      /→ O responsável de #00001 agora é Bia Lima; o turno continua contado para Ana Souza\./,
      /→ GET \/espera: 1º Carla Dias, 2º Tiago Nunes\./,
      /→ Bia Lima atende Carla Dias, protocolo #00007\.\n.*→ Bia Lima atende Tiago Nunes, protocolo #00008\./,
      /→ O protocolo #00001 está concluido \(negocio_ganho\)/,
    ]) {
      expect(out).toMatch(line)
    }

    const fake = new URL(page(demo, 'Pipedrive')).origin
    const { body: state } = await call(fake, 'GET', '/__fake/state')
    const { body: calls } = await call(fake, 'GET', '/__fake/calls')
    expect(state.unplanned).toEqual([])
    expect(calls.filter(({ status }: { status: number }) => status === 429)).toEqual([])
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `#0000${n}`)
    const subjects = state.activities.map(({ subject }: { subject: string }) => subject)
    expect(subjects.sort()).toEqual(numbers.map((numero) => `Atender ${numero}`))
    expect(state.notes).toHaveLength(numbers.length)
    const names = [
      'Carla Dias',
      'Emily Carter',
      'Lucía Gómez',
      'Mariana Alves',
      'Pedro Lima',
      'Rafael Costa',
      'Tiago Nunes',
    ]
    expect(state.persons.map(({ name }: { name: string }) => name).sort()).toEqual(names)
    expect(state.deals).toHaveLength(names.length)
    for (const { id, title, person_id } of state.deals) {
      expect(out).toContain(`pessoa ${person_id}, negócio novo ${id} “${title}”`)
    }

    expect(out).toContain(`http://127.0.0.1:${demo.port}/painel\n`)
    expect(out).toMatch(/a página de Ana Souza:\s+http:\/\/127\.0\.0\.1:\d+\/eu/)
    expect(demo.calledTheirs()).toBe(false)
    const chat = page(demo, 'chat')
    await expectOneDay(chat, state)
    expect(await (await fetch(chat)).text()).toContain('Escrever como cliente')
    const processes = descendants(demo)
    expect(processes.length).toBeGreaterThanOrEqual(2)
    demo.child.kill('SIGINT')
    expect(await demo.ended).toBe(0)
    expect(demo.err()).toBe('')
    // The engine's watcher ends by itself, when its pipe is closed.
    await until(() => !processes.some(isAlive), undefined, 'the end of all processes')
    expect(readdirSync(demo.folder)).toEqual([])
  })

  it('ends with one line when the service dies, and leaves nothing', () => otherEnds)

  // In `npm test` the leash stands for it, below: an engine that loses its service is a case of the database's own tests.
  const onlyWhole = isWhole ? it : it.skip
  onlyWhole('takes service and engine along when it is killed itself', async () => {
    const third = await startDemo()
    await told(third, '── 1/')
    const processes = descendants(third)
    third.child.kill('SIGKILL')
    await third.ended
    await until(() => !processes.some(isAlive), LIMIT_MS, 'the end of service and engine')
    await third.end()
  })
})

describe('the leash', () => {
  it('ends what is on it when its holder is killed', async () => {
    const leash = pathToFileURL('dist/demo/leash.js').href
    const child = ['--import', leash, '-e', 'console.log(process.pid); setInterval(() => {}, 1_000)']
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `require('node:child_process').spawn(process.execPath, ${JSON.stringify(child)}, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const pid = await new Promise<number>((resolve) => holder.stdout.once('data', (text) => resolve(Number(text))))
    expect(isAlive(pid)).toBe(true)
    holder.kill('SIGKILL')
    await until(() => !isAlive(pid), undefined, 'the end of what is on the leash')
  })
})
