import { chmodSync, mkdirSync } from 'node:fs'

const OWNER_ONLY = 0o700

/**
 * Makes a folder, and those above it, that no other user of the machine can look into; one that is there already is closed to
 * them, unless it is another user's (a mounted volume). Throws as `mkdirSync` does.
 */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY })
  try {
    chmodSync(path, OWNER_ONLY)
  } catch (error) {
    if (Object(error).code !== 'EPERM') throw error
  }
}

/** Runs this while new files and folders are made for their owner only, those of a child process that it starts too. */
export function withPrivateFiles<T>(run: () => T): T {
  const before = process.umask(0o077)
  try {
    return run()
  } finally {
    process.umask(before)
  }
}
