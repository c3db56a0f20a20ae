import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'

const TESTS = join(import.meta.dirname, '..')
/** Where the groups of this run are; gone after it. Another run may go on beside it. */
const NAME = join('.grupos', String(process.pid))
const FOLDER = join(TESTS, NAME)
const SEQUENCER = join(import.meta.dirname, 'sequencer.cjs')
/** A file that starts services takes so many times as long as one of its size that does not. */
const [STARTS, TIMES] = [/dist\/|startProcess|startLocalDatabase/, 3]
/** For each worker: how large each of its groups is beside the others. The small ones come last, so that none waits long. */
const SIZES = [5, 1]

/**
 * Writes test files that each run several: Jest loads packages and modules anew for each test file, which costs about a second
 * of CPU. Each file stays a `describe` of its own, named after it.
 *
 * @param keeps of the paths of all test files, those that shall run
 * @returns what Jest needs to run the groups, and how to remove them
 */
export function writeGroups(keeps) {
  const all = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('.grupos'))
    .map((name) => join(TESTS, name))
  mkdirSync(FOLDER, { recursive: true })
  for (const [place, paths] of spread(keeps(all)).entries()) {
    const name = `${String(place + 1).padStart(2, '0')}.test.ts`
    writeFileSync(join(FOLDER, name), paths.map(describeOf).join(''))
  }
  return {
    args: [`--testMatch=**/${NAME}/*.test.ts`, `--testSequencer=${SEQUENCER}`],
    remove: () => rmSync(FOLDER, { recursive: true, force: true }),
  }
}

function describeOf(path) {
  const name = relative(TESTS, path)
  return `describe(${JSON.stringify(name)}, () => { require(${JSON.stringify(path)}) })\n`
}

/** Into groups, the longest first: the largest file first, each into the group that has least of its share. */
function spread(paths) {
  const shares = SIZES.flatMap((share) => Array.from({ length: availableParallelism() }, () => share))
  const groups = shares.map((share) => ({ share, size: 0, paths: [] }))
  const files = paths.map((path) => ({ path, size: sizeOf(path) })).sort((a, b) => b.size - a.size)
  for (const { path, size } of files) {
    const least = groups.reduce((best, one) => (one.size / one.share < best.size / best.share ? one : best))
    least.size += size
    least.paths.push(path)
  }
  return groups
    .filter((one) => one.size > 0)
    .sort((a, b) => b.size - a.size)
    .map((one) => one.paths)
}

function sizeOf(path) {
  const text = readFileSync(path, 'utf8')
  return text.length * (STARTS.test(text) ? TIMES : 1)
}
