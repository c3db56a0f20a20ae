import { VARIABLES } from '../config.js'

const KNOWN = Object.keys(VARIABLES)

/** Of the system that this one replaces, which kept its data in PostgreSQL. */
const OF_POSTGRES =
  /^(?:POSTGRES(?:QL)?_\w+|PG(?:HOST|PORT|USER|PASSWORD|DATABASE)|(?:ASYNC_)?DATABASE_URL|SQLALCHEMY_\w+)$/

/** How many letters a misspelt name may differ by, as a part of its length. */
const LIKENESS = 3

/** What the owner of a `.env` with these names should be told, one line each. */
export function hintsOf(names: readonly string[]): string[] {
  const old = names.filter((name) => OF_POSTGRES.test(name))
  return [...(old.length > 0 ? [ofPostgres(old)] : []), ...names.flatMap(misspelt)]
}

function ofPostgres(names: readonly string[]): string {
  const [verb, rest] =
    names.length === 1 ? ['não é mais necessária', 'apague a linha'] : ['não são mais necessárias', 'apague as linhas']
  return `Em .env: ${names.join(', ')} ${verb}, pois os dados agora ficam em um MongoDB; ${rest}.`
}

function misspelt(name: string): string[] {
  const bare = name.replace(/_FILE$/, '')
  if (KNOWN.includes(bare) || OF_POSTGRES.test(name)) return []
  const [nearest] = KNOWN.map((known) => ({ known, distance: distanceOf(bare.toUpperCase(), known) })).sort(
    (a, b) => a.distance - b.distance,
  )
  if (!nearest || nearest.distance > bare.length / LIKENESS) return []
  return [`Em .env: ${name} não é uma variável deste serviço. Seria ${nearest.known}?`]
}

/** How many letters must be added, left out or changed (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (const [j, wanted] of [...other].entries()) {
      const change = (row[j] ?? 0) + (letter === wanted ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
