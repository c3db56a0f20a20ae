import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { CodigoCriado } from '../contrato.js'
import { Aviso } from '../pecas/basicas.js'
import { Icone } from '../pecas/icone.js'
import { clockTime } from '../tempo.js'
import { eu, textos } from '../textos.js'

interface AparelhosProps {
  readonly som: boolean
  readonly mudarSom: (on: boolean) => void
  readonly aoSair: () => void
}

/** Sound, a code for another device, and leaving. */
export function Aparelhos({ som, mudarSom, aoSair }: AparelhosProps): JSX.Element {
  const [code, setCode] = useState<CodigoCriado>()
  const [problem, setProblem] = useState<string>()
  const ask = async () => {
    const answer = await call<CodigoCriado>('POST', '/eu/api/codigo', {})
    setCode(answer.ok ? answer.dados : undefined)
    setProblem(answer.ok ? undefined : answer.detail)
  }
  const leave = async (path: string) => {
    const answer = await call('POST', path, {})
    if (answer.ok || answer.status === 401) aoSair()
    else setProblem(answer.detail)
  }
  return (
    <details class="cartao dobra">
      <summary>
        <Icone nome="seta" />
        <h2>{eu.aparelhos}</h2>
      </summary>
      <div class="corpo pilha">
        <label class="escolha">
          <input type="checkbox" checked={som} onChange={({ currentTarget }) => mudarSom(currentTarget.checked)} />
          {eu.som}
        </label>
        <p class="menor">{eu.instalar}</p>
        <div role="status" class="pilha">
          {code && (
            <Aviso tom="neutro">
              <strong class="digitos">{`${code.codigo.slice(0, 4)} ${code.codigo.slice(4)}`}</strong>
              <p>{eu.codigoExplica(clockTime(code.ate))}</p>
            </Aviso>
          )}
          {problem && <Aviso tom="perigo">{problem}</Aviso>}
        </div>
        <div class="botoes">
          <button type="button" class="botao" onClick={ask}>
            {eu.outroAparelho}
          </button>
          <button type="button" class="botao" onClick={() => leave('/eu/api/sair')}>
            {textos.sair}
          </button>
          <button type="button" class="botao" onClick={() => leave('/eu/api/sair-de-todos')}>
            {textos.sairDeTodos}
          </button>
        </div>
      </div>
    </details>
  )
}
