import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { ParedeCriada } from '../contrato.js'
import { painel } from '../textos.js'
import { Codigo, Copiar } from './codigo.js'
import { Confirmar, Pronto } from './dialogo.js'

const palavras = painel.parede

/** Makes the link of a screen on the wall. */
export function NovaParede({ aoFechar }: { readonly aoFechar: () => void }): JSX.Element {
  const [nome, setNome] = useState<string>(palavras.sugestao)
  const [made, setMade] = useState<ParedeCriada>()
  if (made)
    return (
      <Pronto key="pronto" titulo={palavras.titulo} aoFechar={aoFechar}>
        <p>{palavras.pronto}</p>
        <div class="codigo">
          <Codigo texto={made.link} rotulo={palavras.link} />
          <Copiar texto={made.link} rotulo={palavras.link} />
        </div>
      </Pronto>
    )
  const create = async () => {
    const answer = await call<ParedeCriada>('POST', '/painel/api/parede', { nome: nome.trim() })
    if (answer.ok) setMade(answer.dados)
    return answer
  }
  return (
    <Confirmar
      titulo={palavras.titulo}
      explica={palavras.explica}
      acao={palavras.criar}
      fazer={create}
      aoFechar={aoFechar}
      ficaAberto
    >
      <label class="campo">
        <span>{palavras.nome}</span>
        <input value={nome} required maxLength={80} onInput={({ currentTarget }) => setNome(currentTarget.value)} />
      </label>
    </Confirmar>
  )
}
