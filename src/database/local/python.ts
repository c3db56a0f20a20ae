import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from './way.js'

const run = promisify(execFile)
const ASK_MS = 10_000

/** Versions for which the engine has wheels, the newest first. */
const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python']

/** Runs a program to its end and returns what it wrote; throws when it fails or takes longer than so many ms. */
export async function output(command: string, args: readonly string[], env: Environment, ms: number): Promise<string> {
  const { stdout } = await run(command, args, { env, timeout: ms, maxBuffer: 16 * 1_024 * 1_024 })
  return stdout
}

/** A Python 3.10–3.13 on the PATH: its command and version (`3.11`). */
export async function findPython(env: Environment): Promise<{ command: string; version: string } | undefined> {
  for (const command of NAMES) {
    const version = await output(
      command,
      ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
      env,
      ASK_MS,
    ).catch(() => '')
    const [, minor] = /^3\.(\d+)\s*$/.exec(version) ?? []
    if (minor !== undefined && Number(minor) >= 10 && Number(minor) <= 13) return { command, version: version.trim() }
  }
  return undefined
}
