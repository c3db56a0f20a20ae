const { existsSync, readFileSync } = require('node:fs')
const { dirname, join, resolve } = require('node:path')

const ROOT = resolve(__dirname, '..', '..')
/** Whatever imports one of these, directly or not, needs an engine or a compiled service. */
const NEEDS_ENGINE = ['test/support/database.ts', 'test/support/processes.ts', 'src/database/local.ts'].map((name) =>
  join(ROOT, name),
)
/** These start compiled programs or a build of their own without importing one of the above. */
const RUNS_PROGRAMS = /['"](?:\.\/)?dist\/|execFileSync\('npm'/

const seen = new Map()

function needsEngine(path) {
  if (NEEDS_ENGINE.includes(path)) return true
  if (seen.has(path)) return seen.get(path)
  // Until it is known: imports may go round in a circle.
  seen.set(path, false)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const imports = [...text.matchAll(/(?:from|import|import\() ?'(\.{1,2}\/[^']+)'/g)].map(([, to]) =>
    resolve(dirname(path), to.replace(/\.js$/, '.ts')),
  )
  const needs = (path.startsWith(join(ROOT, 'test')) && RUNS_PROGRAMS.test(text)) || imports.some(needsEngine)
  seen.set(path, needs)
  return needs
}

/** Jest's `--filter`: of the test files that it found, those that need no engine. */
module.exports = (paths) => ({ filtered: paths.filter((path) => !needsEngine(path)) })
