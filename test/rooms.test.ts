import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { describe, expect, it } from '@jest/globals'

type Graph = ReadonlyMap<string, ReadonlyMap<string, string>>

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))

const IMPORT = /\bfrom '(\.{1,2}\/[^']+)'|\bimport\(?\s*'(\.{1,2}\/[^']+)'/g

/** What a file imports of ours, types included. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, one, other]) =>
    normalize(join(dirname(file), one ?? other ?? '')),
  )

/**
 * A folder of src is a room; a file at its root is one of its own (`config` serves all rooms, `start` is served by all), and so
 * is each integration. The `main` of a room is a program: it may use what uses the room, and nobody imports it.
 */
function roomOf(path: string): string {
  const [top = '', second = '', third] = path.replace(/\.(ts|js)$/, '').split(sep)
  if (top === 'src') return third === 'main' ? `${second}/main` : second
  return third === undefined ? `${top}/${second}` : `${top}/${second}/`
}

/** From room to room, with one import that makes it so. */
function graphOf(files: readonly string[]): Graph {
  const graph = new Map<string, Map<string, string>>()
  for (const file of files) {
    const from = roomOf(file)
    const to = graph.get(from) ?? new Map<string, string>()
    graph.set(from, to)
    for (const path of importsOf(file)) if (roomOf(path) !== from) to.set(roomOf(path), `${file} → ${path}`)
  }
  return graph
}

/** The imports along a cycle; `undefined` when there is none. */
function cycleIn(graph: Graph): readonly string[] | undefined {
  const cleared = new Set<string>()
  const visit = (room: string, path: readonly string[], imports: readonly string[]): readonly string[] | undefined => {
    const start = path.indexOf(room)
    if (start >= 0) return imports.slice(start)
    if (cleared.has(room)) return undefined
    for (const [next, how] of graph.get(room) ?? []) {
      const found = visit(next, [...path, room], [...imports, how])
      if (found) return found
    }
    cleared.add(room)
    return undefined
  }
  for (const room of graph.keys()) {
    const found = visit(room, [], [])
    if (found) return found
  }
  return undefined
}

describe('the rooms', () => {
  it('import each other in no circle, types included', () => {
    const graph = graphOf([...filesIn('src'), ...filesIn('integrations')])
    expect([...graph.keys()]).toEqual(expect.arrayContaining(['vez', 'tarefas', 'canais', 'integrations/pipedrive/']))
    expect(cycleIn(graph)).toBeUndefined()
  })

  it('of the integrations know of src only lib', () => {
    const imports = filesIn('integrations').flatMap((file) => importsOf(file).map((path) => [file, path] as const))
    expect(imports.length).toBeGreaterThan(10)
    expect(imports.filter(([, path]) => path.startsWith(`src${sep}`) && roomOf(path) !== 'lib')).toEqual([])
  })

  it('would be told of a circle, with the imports that make it', () => {
    const edges = (...to: string[]): Map<string, string> => new Map(to.map((room) => [room, `import of ${room}`]))
    const chain = new Map([
      ['a', edges('b', 'c')],
      ['b', edges('c')],
    ])
    expect(cycleIn(chain)).toBeUndefined()
    expect(cycleIn(new Map([...chain, ['c', edges('b')]]))).toEqual(['import of c', 'import of b'])
  })
})
