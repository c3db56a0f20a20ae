import { StartError } from '../lib/start-error.js'
import { loadEnvFile } from './load.js'

/**
 * Loaded before a program (`node --import`) by the scripts of package.json that people run. Tests, bench and demonstration
 * start the same programs without it: what stands in somebody's `.env` is not theirs.
 */
try {
  for (const line of loadEnvFile('.env', process.env)) process.stderr.write(`${line}\n`)
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
