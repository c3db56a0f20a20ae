import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** The last commit of release 1.0. */
const COMMIT = 'aa9c32dad4568787726bdb892e2e217cf4210493'
/** Below our own `node_modules`: Node finds the dependencies there, where those of both releases are the same. */
const FOLDER = resolve('node_modules/.cache/consultor-da-vez', COMMIT)
const MAX_ARCHIVE_BYTES = 500_000_000
/** Only there to end a hang. */
const BUILD_MS = 300_000
const INSTALL_MS = 600_000

/** Is its commit in this clone? A shallow clone and an unpacked archive have only the newest. */
export const hasPreviousRelease = spawnSync('git', ['cat-file', '-e', `${COMMIT}^{commit}`]).status === 0

/** Builds the previous release, once for a clone; returns the folder that its program is started in. */
export function buildPreviousRelease(): string {
  if (!existsSync(FOLDER)) {
    const made = `${FOLDER}.${process.pid}`
    mkdirSync(made, { recursive: true })
    try {
      const archive = execFileSync('git', ['archive', '--format=tar', COMMIT], { maxBuffer: MAX_ARCHIVE_BYTES })
      execFileSync('tar', ['-x', '-C', made], { input: archive })
      installDependencies(made)
      execFileSync('npm', ['run', '--silent', 'build'], { cwd: made, timeout: BUILD_MS })
      renameSync(made, FOLDER)
    } finally {
      rmSync(made, { recursive: true, force: true })
    }
  }
  installDependencies(FOLDER)
  return FOLDER
}

/** Gives it dependencies of its own, unless it has them, or ours are the same. */
function installDependencies(folder: string): void {
  const areSame = isDeepStrictEqual(dependenciesOf(folder), dependenciesOf('.'))
  if (areSame || existsSync(join(folder, 'node_modules'))) return
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, timeout: INSTALL_MS })
}

/** What is installed by its lock file: all packages but the project itself, whose path is empty. */
function dependenciesOf(folder: string): Record<string, unknown> {
  const { '': _project, ...dependencies } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  return dependencies
}
