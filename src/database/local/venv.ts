import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../../lib/clock.js'
import { diskFaultOf, explainDisk, isNearlyFull } from '../../lib/disk.js'
import { StartError } from '../../lib/start-error.js'
import { output } from './python.js'
import type { LocalOptions } from './way.js'

const VENV_MS = 120_000
const INSTALL_MS = 300_000
/** How often somebody who waits for an installation is told that it goes on. */
const TELL_MS = 10_000
const LOCK_LOOK_MS = 500
const LOCK_WRITTEN_MS = 2_000

/** What is installed in a Python environment of its own. */
export interface PythonPackages {
  /** The name of its folder in the user's cache; the version of Python is appended. */
  readonly folder: string
  readonly packages: readonly string[]
  /** The packages and all they need, as tried: pip may install nothing else. */
  readonly constraints: string
  /** Its programs that are used; the first one is asked for its help once it is installed. */
  readonly programs: readonly [string, ...string[]]
  /** How people are told of it (Portuguese). */
  readonly nome: string
  /** What else they can do when it cannot be installed (Portuguese). */
  readonly senao: string
}

type Options = Pick<LocalOptions, 'env' | 'notify' | 'clock'>

/**
 * The folder of a Python environment in the user's cache, shared by all data folders. It is made unless it is there; a half-made
 * one is made again. One process does it, the others wait.
 *
 * @throws StartError when it cannot be made
 */
export async function virtualEnvironment(
  what: PythonPackages,
  python: { readonly command: string; readonly version: string },
  options: Options,
): Promise<string> {
  const { env } = options
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  const home = join(cache, 'consultor-da-vez', `${what.folder}-py${python.version}`)
  if (isComplete(home, what)) return home
  const silence = tellOn(options)
  return install(home, what, python.command, options).finally(silence)
}

/** Says every ten seconds that the installation goes on, until what it returns is called. */
function tellOn({ clock = systemClock, notify }: Options): () => void {
  const began = clock.elapsed()
  const again = (): (() => void) =>
    clock.after(TELL_MS, () => {
      notify(`  ainda instalando (${Math.round((clock.elapsed() - began) / 1_000)} s) …`)
      cancel = again()
    })
  let cancel = again()
  return () => cancel()
}

async function install(home: string, what: PythonPackages, python: string, options: Options): Promise<string> {
  const { clock = systemClock, notify } = options
  const lock = `${home}.lock`
  prepareCache(dirname(home))
  const deadline = clock.elapsed() + VENV_MS + INSTALL_MS
  while (!takeLock(lock, clock.now().getTime())) {
    if (isComplete(home, what)) return home
    if (clock.elapsed() > deadline)
      throw new StartError(`Outra instalação não termina: apague ${lock} e tente de novo.`)
    await clock.wait(LOCK_LOOK_MS)
  }
  try {
    if (!isComplete(home, what)) await make(home, what, python, options)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
  notify(`Pronto: ${what.nome}.`)
  return home
}

const isComplete = (home: string, { programs }: PythonPackages): boolean =>
  existsSync(join(home, 'pronto')) && ['python', ...programs].every((name) => existsSync(join(home, 'bin', name)))

function prepareCache(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const fault = diskFaultOf(error)
    if (fault) throw new StartError(explainDisk(fault, folder, 'XDG_CACHE_HOME'))
    throw new StartError(`Não foi possível criar ${folder}. Confira a permissão ou defina XDG_CACHE_HOME.`)
  }
}

/** Takes the lock if it is free; removes one whose process has ended, or that is older than an installation can take. */
function takeLock(lock: string, now: number): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? now
    if (now - made > VENV_MS + INSTALL_MS || (now - made > LOCK_WRITTEN_MS && !isAlive(lock)))
      rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    return Object(error).code === 'EPERM'
  }
}

async function make(
  home: string,
  { packages, constraints: pinned, programs, nome, senao }: PythonPackages,
  python: string,
  { env, notify }: Options,
): Promise<void> {
  notify(`Instalando ${nome} (só na primeira vez, alguns segundos) …`)
  // The pip of an installation that was cut off may still be writing there.
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  const fullDisk = (): StartError => new StartError(explainDisk('full', home, 'XDG_CACHE_HOME'))
  await output(python, ['-m', 'venv', home], env, VENV_MS).catch(() => {
    const isFull = isNearlyFull(home)
    rmSync(home, { recursive: true, force: true })
    if (isFull) throw fullDisk()
    throw new StartError(`O Python não tem o módulo venv. No Debian ou Ubuntu: sudo apt install python3-venv${senao}.`)
  })
  const constraints = join(home, 'constraints.txt')
  writeFileSync(constraints, pinned)
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:']
  const args = [...pip, '--retries', '2', '--timeout', '10', '-c', constraints, ...packages]
  await output(join(home, 'bin', 'python'), args, env, INSTALL_MS).catch(() => {
    if (isNearlyFull(home)) throw fullDisk()
    throw new StartError(
      `Não foi possível instalar ${nome}: sem acesso ao PyPI. Conecte-se à internet e tente de novo${senao}.`,
    )
  })
  await output(join(home, 'bin', 'python'), [join(home, 'bin', programs[0]), '--help'], env, VENV_MS)
  writeFileSync(join(home, 'pronto'), '')
}
