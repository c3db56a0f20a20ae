const { default: Sequencer } = require('@jest/test-sequencer')

/** Runs the groups in the order of their names, the longest first (groups.mjs). Jest's own knows them by earlier runs only. */
module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => a.path.localeCompare(b.path))
  }

  cacheResults() {
    // Their names are this run's own.
  }
}
