import type { ComponentChildren, JSX } from 'preact'
import { textos } from '../textos.js'

export interface Column<T> {
  /** What stands over it, and on a phone before each of its cells; `''`: buttons, which need no word. */
  readonly titulo: string
  readonly celula: (row: T) => ComponentChildren
  readonly classe?: 'direita' | 'justo' | 'inteira'
}

interface TabelaProps<T> {
  /** What the table is, for who does not see it. */
  readonly legenda: string
  readonly colunas: readonly Column<T>[]
  readonly linhas: readonly T[]
  readonly chave: (row: T) => string | number
  /** On a phone its cells stand side by side, without their names: for what explains itself. */
  readonly compacta?: boolean
}

/** A table; on a phone a list of small cards. The roles stay with it when the style sheet makes blocks of its rows. */
export function Tabela<T>({ legenda, colunas, linhas, chave, compacta }: TabelaProps<T>): JSX.Element {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: a table whose rows are drawn as blocks loses its roles
    <table class={compacta ? 'tabela compacta' : 'tabela'} role="table">
      <caption class="so-leitor">{legenda}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {colunas.map(({ titulo, classe }) => (
            <th key={titulo} role="columnheader" scope="col" class={classe}>
              {titulo || <span class="so-leitor">{textos.acoes}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {linhas.map((row) => (
          <tr key={chave(row)} role="row">
            {colunas.map(({ titulo, celula, classe = '' }) => (
              <td key={titulo} role="cell" data-rotulo={titulo} class={titulo ? classe : `${classe} sem-rotulo`}>
                <div>{celula(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: as above
  )
}
