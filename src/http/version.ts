import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const Package = z.object({ version: z.string() })

/** The nearest `package.json` above this file: compiled, it is one folder deeper. */
function packageOf(folder: string): string {
  const path = join(folder, 'package.json')
  return existsSync(path) || dirname(folder) === folder ? path : packageOf(dirname(folder))
}

const PACKAGE = packageOf(dirname(fileURLToPath(import.meta.url)))

/** The release that runs. */
export const VERSION = Package.parse(JSON.parse(readFileSync(PACKAGE, 'utf8'))).version

/** The folder that `dist` stands in. */
export const ROOT = dirname(PACKAGE)
