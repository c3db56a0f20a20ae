/** QR codes (ISO/IEC 18004): bytes, error correction M, versions 1 to 10, which holds an address of 213 bytes. */

/** Of each version, from 1: all codewords, those of error correction in each block, and the number of blocks. */
const CODEWORDS = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346] as const
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26] as const
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5] as const
/** Centres of the alignment patterns. */
const ALIGNMENT = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
] as const

type Cells = (boolean | undefined)[][]

const at = (list: readonly number[], index: number): number => list[index] ?? 0

function multiply(x: number, y: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((y >>> bit) & 1) * x
  }
  return product
}

/** The generator polynomial of Reed-Solomon, without its leading 1. */
function generator(degree: number): number[] {
  const polynomial = [...Array<number>(degree - 1).fill(0), 1]
  let root = 1
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) polynomial[j] = multiply(at(polynomial, j), root) ^ at(polynomial, j + 1)
    root = multiply(root, 2)
  }
  return polynomial
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const rest = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0)
    rest.push(0)
    for (const [i, coefficient] of divisor.entries()) rest[i] = at(rest, i) ^ multiply(coefficient, factor)
  }
  return rest
}

/** Mode, length, bytes, and padding up to what the version holds. */
function toData(bytes: Uint8Array, version: number, capacity: number): number[] {
  const bits: number[] = []
  const push = (value: number, length: number) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >>> i) & 1)
  }
  push(4, 4)
  push(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) push(byte, 8)
  push(0, Math.min(4, capacity * 8 - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  const data = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
  )
  for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad)
  return data
}

/** Splits the data into blocks, corrects each, and takes a codeword of each in turn. */
function interleave(data: readonly number[], version: number): number[] {
  const [total, correction, count] = [CODEWORDS, CORRECTION, BLOCKS].map((of) => at(of, version - 1)) as [
    number,
    number,
    number,
  ]
  const short = Math.floor(total / count) - correction
  const shortBlocks = count - (total % count)
  const divisor = generator(correction)
  let from = 0
  const blocks = Array.from({ length: count }, (_, i) => {
    const length = short + (i < shortBlocks ? 0 : 1)
    const part = data.slice(from, from + length)
    from += length
    return { part, checks: remainder(part, divisor) }
  })
  const inTurn = (lists: readonly (readonly number[])[], length: number) =>
    Array.from({ length }, (_, i) => lists.flatMap((list) => (i < list.length ? [at(list, i)] : []))).flat()
  const parts = inTurn(
    blocks.map(({ part }) => part),
    short + 1,
  )
  return [
    ...parts,
    ...inTurn(
      blocks.map(({ checks }) => checks),
      correction,
    ),
  ]
}

/** Finders, alignment and timing; the places of format and version are taken, yet empty. */
function drawPatterns(version: number): Cells {
  const size = version * 4 + 17
  const cells: Cells = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined))
  const set = (x: number, y: number, dark: boolean) => {
    const row = cells[y]
    if (row && x >= 0 && x < size) row[x] = dark
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  const square = (cx: number, cy: number, radius: number, isDark: (distance: number) => boolean) => {
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, (far) => far !== 2 && far !== 4)
  const centres = ALIGNMENT[version - 1] ?? []
  const last = size - 7
  for (const x of centres)
    for (const y of centres) {
      const onFinder = (x === 6 && (y === 6 || y === last)) || (x === last && y === 6)
      if (!onFinder) square(x, y, 2, (far) => far !== 1)
    }
  drawFormat(cells, 0)
  if (version >= 7) drawVersion(cells, version)
  return cells
}

function put(cells: Cells, x: number, y: number, dark: boolean): void {
  const row = cells[y]
  if (row) row[x] = dark
}

/** The mask and the level of correction, twice. Level M is 0. */
function drawFormat(cells: Cells, mask: number): void {
  const size = cells.length
  let rest = mask
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const bits = ((mask << 10) | rest) ^ 0x5412
  const bit = (i: number) => ((bits >>> i) & 1) === 1
  for (let i = 0; i < 6; i++) put(cells, 8, i, bit(i))
  put(cells, 8, 7, bit(6))
  put(cells, 8, 8, bit(7))
  put(cells, 7, 8, bit(8))
  for (let i = 9; i < 15; i++) put(cells, 14 - i, 8, bit(i))
  for (let i = 0; i < 8; i++) put(cells, size - 1 - i, 8, bit(i))
  for (let i = 8; i < 15; i++) put(cells, 8, size - 15 + i, bit(i))
  put(cells, 8, size - 8, true)
}

function drawVersion(cells: Cells, version: number): void {
  let rest = version
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  const bits = (version << 12) | rest
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >>> i) & 1) === 1
    const [a, b] = [cells.length - 11 + (i % 3), Math.floor(i / 3)]
    put(cells, a, b, dark)
    put(cells, b, a, dark)
  }
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** Places the codewords in two columns at a time, from the right, up and down, under the mask. */
function fill(patterns: Cells, codewords: readonly number[], mask: number): boolean[][] {
  const size = patterns.length
  const cells = patterns.map((row) => [...row])
  const isMasked = MASKS[mask] ?? (() => false)
  let i = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const upward = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (patterns[y]?.[x] !== undefined) continue
        const dark = ((at(codewords, i >>> 3) >>> (7 - (i & 7))) & 1) === 1
        put(cells, x, y, dark !== isMasked(x, y))
        i++
      }
    }
  }
  drawFormat(cells, mask)
  return cells.map((row) => row.map((dark) => dark === true))
}

/** How hard it is to read: long runs, squares of one colour, what looks like a finder, too much of one colour. */
function penalty(cells: readonly boolean[][]): number {
  const size = cells.length
  let sum = 0
  const columns = cells.map((_, x) => cells.map((row) => row[x] === true))
  for (const line of [...cells, ...columns]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('')
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2
    for (const finder of ['00001011101', '10111010000'])
      for (let from = text.indexOf(finder); from >= 0; from = text.indexOf(finder, from + 1)) sum += 40
  }
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const one = cells[y]?.[x]
      if (one === cells[y]?.[x - 1] && one === cells[y - 1]?.[x] && one === cells[y - 1]?.[x - 1]) sum += 3
    }
  const dark = cells.flat().filter(Boolean).length
  return sum + Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size)) * 10
}

/** The dark cells of the code of a text, row by row; `undefined` when it is too long. */
export function qrCells(text: string): readonly (readonly boolean[])[] | undefined {
  const bytes = new TextEncoder().encode(text)
  const capacities = CODEWORDS.map((total, i) => total - at(CORRECTION, i) * at(BLOCKS, i))
  const index = capacities.findIndex((capacity, i) => bytes.length + (i < 9 ? 2 : 3) <= capacity)
  if (index < 0) return undefined
  const version = index + 1
  const codewords = interleave(toData(bytes, version, at(capacities, index)), version)
  const patterns = drawPatterns(version)
  const candidates = MASKS.map((_, mask) => fill(patterns, codewords, mask)).map((cells) => ({
    cells,
    cost: penalty(cells),
  }))
  return candidates.reduce((best, one) => (one.cost < best.cost ? one : best)).cells
}
