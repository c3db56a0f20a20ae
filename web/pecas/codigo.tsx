import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { textos } from '../textos.js'
import { qrCells } from './qr.js'

/** Modules of white around a code, which readers need. */
const QUIET = 4

/** An address as a QR code; nothing when it is too long for one. */
export function Codigo({ texto, rotulo }: { readonly texto: string; readonly rotulo: string }): JSX.Element | null {
  const cells = qrCells(texto)
  if (!cells) return null
  const size = cells.length + 2 * QUIET
  const path = cells.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])))
  return (
    <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={rotulo} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path.join('')} fill="#000" />
    </svg>
  )
}

/** A text to be copied by one button. */
export function Copiar({ texto, rotulo }: { readonly texto: string; readonly rotulo: string }): JSX.Element {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    // A page without TLS has no clipboard: the text stands there to be taken by hand.
    navigator.clipboard?.writeText(texto).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div class="copiar">
      <input readOnly value={texto} aria-label={rotulo} onFocus={({ currentTarget }) => currentTarget.select()} />
      <button type="button" class="botao" onClick={copy}>
        {copied ? textos.copiado : textos.copiar}
      </button>
    </div>
  )
}
