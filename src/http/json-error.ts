const SIGNS = '{}[],:'
const TEXT = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end' | 'end'
type Piece = 'text' | 'plain' | '{' | '}' | '[' | ']' | ',' | ':'

/** At which character a text stops being JSON; `undefined` when it is JSON. One pass, whatever it holds. */
export function brokenAt(text: string): number | undefined {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let place = 0; place < text.length; ) {
    const first = text[place] ?? ''
    if (' \t\r\n'.includes(first)) {
      place += 1
      continue
    }
    const [piece, end] = pieceAt(text, place, first)
    const next: Expected | undefined = piece && after(expected, piece, open)
    if (!next) return place
    expected = next
    place = end
  }
  return expected === 'end' ? undefined : text.length
}

/** A sign, a string, or a number or word, and where it ends. */
function pieceAt(text: string, place: number, first: string): [piece: Piece | undefined, end: number] {
  if (isSign(first)) return [first, place + 1]
  const form = first === '"' ? TEXT : PLAIN
  form.lastIndex = place
  return form.test(text) ? [first === '"' ? 'text' : 'plain', form.lastIndex] : [undefined, place]
}

const isSign = (character: string): character is Exclude<Piece, 'text' | 'plain'> => SIGNS.includes(character)

/** What may follow this piece; `undefined` when it may not stand here. */
function after(expected: Expected, piece: Piece, open: string[]): Expected | undefined {
  const isValue = expected === 'value' || expected === 'value or ]'
  if (isValue && (piece === 'text' || piece === 'plain')) return behind(open)
  if (isValue && (piece === '{' || piece === '[')) {
    open.push(piece)
    return piece === '{' ? 'name or }' : 'value or ]'
  }
  if (piece === 'text') return expected === 'name' || expected === 'name or }' ? ':' : undefined
  if (piece === ':') return expected === ':' ? 'value' : undefined
  if (piece === ',' && expected === ', or end') return open.at(-1) === '{' ? 'name' : 'value'
  const opened = piece === '}' ? '{' : piece === ']' ? '[' : undefined
  const mayClose = expected === ', or end' || expected === 'name or }' || expected === 'value or ]'
  if (opened === undefined || !mayClose || open.at(-1) !== opened) return undefined
  open.pop()
  return behind(open)
}

/** After a value. */
const behind = (open: readonly string[]): Expected => (open.length === 0 ? 'end' : ', or end')

/** Where a body that is no JSON is broken and what may help, in Portuguese; nothing of what it holds. */
export function describeBroken(text: string): string {
  const place = brokenAt(text)
  if (place === undefined)
    return /^\s*[[{]/.test(text)
      ? 'O JSON tem um campo com um nome que não se aceita, como __proto__'
      : 'O corpo deve ser um objeto JSON, como {"idioma": "pt"}'
  const lines = text.slice(0, place).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  return `JSON inválido na posição ${place} (linha ${lines.length}, coluna ${column}): ${hint(text, place)}`
}

function hint(text: string, place: number): string {
  const found = text[place]
  if (found === undefined) return 'o texto acaba antes do fim; falta fechar aspas, colchete ou chave'
  if (found === "'" || found === '“' || found === '”') return 'use aspas duplas retas'
  if (found === '"') return 'falta uma vírgula antes, ou o texto não fecha ou tem quebra de linha ou barra invertida'
  if (text.slice(place - 1, place + 1) === '{{') return 'uma variável do fluxo ficou sem valor'
  if ('}]'.includes(found)) return 'falta um valor antes, ou há uma vírgula a mais'
  return 'confira aspas, vírgulas e dois-pontos; nomes e textos vão entre aspas duplas'
}
