const { readFileSync, writeFileSync } = require('node:fs')
const { relative } = require('node:path')
const { utils } = require('@jest/reporters')

/** Within this, a run that is over has to end by itself. */
const EXIT_MS = 60_000

/**
 * Writes the counts of a run into TESTES_CONTAGEM whenever a file is done, so that a run that is cut off has counts too. After
 * TESTES_LIMITE_S seconds, or at SIGTERM, it ends the run: a test file that is still running then is a failure, and is named.
 */
module.exports = class Reporter {
  #running = new Set()
  #results
  #timer

  constructor(_config, _options, { startTime } = {}) {
    this.started = startTime ?? Date.now()
  }

  onRunStart(results) {
    this.#results = results
    this.#write(0)
    const seconds = Number(process.env.TESTES_LIMITE_S ?? 0)
    if (seconds > 0) this.#timer = setTimeout(() => this.#cutOff(`after ${seconds} s`), seconds * 1_000)
    process.once('SIGTERM', () => this.#cutOff('by a signal'))
  }

  onTestFileStart({ path }) {
    this.#running.add(path)
  }

  onTestFileResult({ path }, _result, results) {
    this.#running.delete(path)
    this.#results = results
    this.#write(0)
  }

  onRunComplete(_contexts, results) {
    clearTimeout(this.#timer)
    this.#results = results
    this.#write(0)
    // Fires only where something that a test left open keeps the process alive.
    setTimeout(() => process.exit(1), EXIT_MS).unref()
  }

  #cutOff(why) {
    const hanging = [...this.#running].map(nameOf)
    this.#write(Math.max(1, hanging.length))
    const summary = utils.getSummary(this.#results, { estimatedTime: 0, startTime: this.started })
    process.stderr.write(`\nThe run was ended ${why}. Still running: ${hanging.join(', ') || 'nothing'}\n`)
    process.stderr.write(`${summary}\n`)
    process.exit(1)
  }

  #write(hanging) {
    const file = process.env.TESTES_CONTAGEM
    if (!file) return
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = this.#results
    const failed = numFailedTests + numRuntimeErrorTestSuites + hanging
    writeFileSync(file, JSON.stringify({ passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests }))
  }
}

/** A group is named after the files that it runs (groups.mjs). */
function nameOf(path) {
  const name = relative(process.cwd(), path)
  if (!name.includes('.grupos')) return name
  const files = [...readFileSync(path, 'utf8').matchAll(/describe\("([^"]+)"/g)].map(([, file]) => file)
  return `one of ${files.join(' ')}`
}
