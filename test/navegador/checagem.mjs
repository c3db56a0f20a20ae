const problems = []

export const say = (line) => process.stdout.write(`${line}\n`)

/** Says whether something holds; what does not makes the run fail. */
export function check(holds, what) {
  say(`${holds ? 'ok' : 'NOT'}: ${what}`)
  if (!holds) problems.push(what)
}

export const hasFailed = () => problems.length > 0
