import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPython } from './python.js'
import { type PythonPackages, virtualEnvironment } from './venv.js'
import type { Way } from './way.js'

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

/** Settings of WiredTiger for which the engine has none of its own: docs/vendors/database.md#a-full-cache. */
const WIREDTIGER = 'eviction_dirty_trigger=60,eviction_updates_trigger=50'

const ENGINE: PythonPackages = {
  folder: `secantusdb-${VERSION}`,
  packages: [`SecantusDB==${VERSION}`],
  constraints: CONSTRAINTS,
  programs: ['secantusd-py'],
  nome: `o banco local, SecantusDB ${VERSION}`,
  senao: '; ou defina MONGODB_URI',
}

/** SecantusDB in a Python environment in the user's cache, shared by all folders. */
export const secantus: Way = async (options, why) => {
  const { env, folder } = options
  const python = await findPython(env)
  if (!python) {
    why('nenhum Python 3.10 a 3.13')
    return undefined
  }
  const home = await virtualEnvironment(ENGINE, python, options)
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
    env: { WIREDTIGER_CONFIG: WIREDTIGER, ...env },
    uri: (port) => `mongodb://127.0.0.1:${port}/consultor_da_vez?directConnection=true`,
  }
}
