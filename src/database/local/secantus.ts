import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../../lib/clock.js'
import { StartError } from '../../lib/start-error.js'
import { findPython, output } from './python.js'
import type { LocalOptions, Way } from './way.js'

const VERSION = '0.7.0b3'

/** The engine and all it needs, as tried: pip may install nothing else. The second line of a pair is for Python 3.10. */
const CONSTRAINTS = `SecantusDB==${VERSION}
dnspython==2.9.2; python_version >= "3.11"
dnspython==2.8.0; python_version < "3.11"
future==1.0.0
numpy==2.4.6; python_version >= "3.11"
numpy==2.2.6; python_version < "3.11"
pymongo==4.20.0; python_version >= "3.11"
pymongo==4.18.3; python_version < "3.11"
python-dateutil==4.0.0; python_version >= "3.11"
python-dateutil==3.0.0; python_version < "3.11"
s2sphere==0.2.5
shapely==2.2.0; python_version >= "3.11"
shapely==2.1.2; python_version < "3.11"
six==1.17.0
tzdata==2026.6
`

const VENV_MS = 120_000
const INSTALL_MS = 300_000
/** How often somebody who waits for an installation is told that it goes on. */
const TELL_MS = 10_000
const LOCK_LOOK_MS = 500
const LOCK_WRITTEN_MS = 2_000

/** SecantusDB in a Python environment in the user's cache, shared by all folders. */
export const secantus: Way = async (options, why) => {
  const { env, folder } = options
  const python = await findPython(env)
  if (!python) {
    why('nenhum Python 3.10 a 3.13')
    return undefined
  }
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  const home = join(cache, 'consultor-da-vez', `secantusdb-${VERSION}-py${python.version}`)
  if (!isComplete(home)) {
    const silence = tellOn(options)
    await install(home, python.command, options).finally(silence)
  }
  const config = join(folder, 'secantusd.toml')
  writeFileSync(config, '', { mode: 0o600 })
  const data = join(folder, 'secantus')
  return {
    name: `SecantusDB ${VERSION}`,
    command: join(home, 'bin', 'python'),
    args: (port) => [
      join(home, 'bin', 'secantusd-py'),
      ...['--config', config, '--host', '127.0.0.1', '--port', String(port)],
      ...['--storage-path', data, '--log-level', 'WARNING', '--sync-on-commit'],
    ],
    env,
    uri: (port) => `mongodb://127.0.0.1:${port}/consultor_da_vez?directConnection=true`,
  }
}

const isComplete = (home: string): boolean =>
  existsSync(join(home, 'pronto')) &&
  existsSync(join(home, 'bin', 'python')) &&
  existsSync(join(home, 'bin', 'secantusd-py'))

/** Makes the environment unless it is there; a half-made one is made again. One process does it, the others wait. */
async function install(home: string, python: string, options: LocalOptions): Promise<void> {
  const { clock = systemClock, notify } = options
  const lock = `${home}.lock`
  prepareCache(dirname(home))
  const deadline = clock.elapsed() + VENV_MS + INSTALL_MS
  while (!takeLock(lock, clock.now().getTime())) {
    if (isComplete(home)) return
    if (clock.elapsed() > deadline)
      throw new StartError(`Outra instalação não termina: apague ${lock} e tente de novo.`)
    await clock.wait(LOCK_LOOK_MS)
  }
  try {
    if (!isComplete(home)) await make(home, python, options)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
  notify('Banco local instalado.')
}

/** Says every ten seconds that the installation goes on, until what it returns is called. */
function tellOn({ clock = systemClock, notify }: LocalOptions): () => void {
  const began = clock.elapsed()
  const again = (): (() => void) =>
    clock.after(TELL_MS, () => {
      notify(`  ainda instalando (${Math.round((clock.elapsed() - began) / 1_000)} s) …`)
      cancel = again()
    })
  let cancel = again()
  return () => cancel()
}

function prepareCache(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch {
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

async function make(home: string, python: string, { env, notify }: LocalOptions): Promise<void> {
  notify(`Instalando o banco local, SecantusDB ${VERSION} (só na primeira vez, alguns segundos) …`)
  // The pip of an installation that was cut off may still be writing there.
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  await output(python, ['-m', 'venv', home], env, VENV_MS).catch(() => {
    rmSync(home, { recursive: true, force: true })
    throw new StartError(
      'O Python não tem o módulo venv. No Debian ou Ubuntu: sudo apt install python3-venv; ou defina MONGODB_URI.',
    )
  })
  const constraints = join(home, 'constraints.txt')
  writeFileSync(constraints, CONSTRAINTS)
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:']
  const args = [...pip, '--retries', '2', '--timeout', '10', '-c', constraints, `SecantusDB==${VERSION}`]
  await output(join(home, 'bin', 'python'), args, env, INSTALL_MS).catch(() => {
    throw new StartError(
      'Não foi possível instalar o banco local: sem acesso ao PyPI. Conecte-se à internet e tente de novo, ou defina MONGODB_URI.',
    )
  })
  await output(join(home, 'bin', 'python'), [join(home, 'bin', 'secantusd-py'), '--help'], env, VENV_MS)
  writeFileSync(join(home, 'pronto'), '')
}
