import type { ComponentChildren, JSX } from 'preact'

export interface Column<T> {
  /** What stands over it, and on a phone before each of its cells; `''`: buttons, which need no word. */
  readonly titulo: string
  readonly celula: (row: T) => ComponentChildren
  readonly classe?: 'direita' | 'justo'
}

interface TabelaProps<T> {
  /** What the table is, for who does not see it. */
  readonly legenda: string
  readonly colunas: readonly Column<T>[]
  readonly linhas: readonly T[]
  readonly chave: (row: T) => string | number
  readonly escolhida?: (row: T) => boolean
}

/** A table; on a phone a list of small cards. The roles stay with it when the style sheet makes blocks of its rows. */
export function Tabela<T>({ legenda, colunas, linhas, chave, escolhida }: TabelaProps<T>): JSX.Element {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: a table whose rows are drawn as blocks loses its roles
    <table class="tabela" role="table">
      <caption class="so-leitor">{legenda}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {colunas.map(({ titulo, classe }) => (
            <th key={titulo} role="columnheader" scope="col" class={classe}>
              {titulo || <span class="so-leitor">Ações</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {linhas.map((row) => (
          <tr key={chave(row)} role="row" class={escolhida?.(row) ? 'escolhida' : undefined}>
            {colunas.map(({ titulo, celula, classe = '' }) => (
              <td key={titulo} role="cell" data-rotulo={titulo} class={titulo ? classe : `${classe} sem-rotulo`}>
                {celula(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: as above
  )
}
