import type { JSX } from 'preact'
import { textos } from '../textos.js'
import { Vazio } from './basicas.js'

/** A whole page, where it cannot be known who looks: why, and a button that asks again. */
export const SemSessao = ({
  motivo,
  tentar,
}: {
  readonly motivo: string
  readonly tentar: () => void
}): JSX.Element => (
  <main class="entrada">
    <Vazio titulo={motivo} icone="alerta">
      <button type="button" class="botao" onClick={tentar}>
        {textos.tentarDeNovo}
      </button>
    </Vazio>
  </main>
)
