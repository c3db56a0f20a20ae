import type { JSX } from 'preact'
import type { Politicas } from '../contrato.js'
import { Cartao, Titulo } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { painel } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.politicas

/** The rules that hold now, each with where it is set. */
export function TelaPoliticas({ vez }: ScreenProps): JSX.Element {
  const lido = useLoaded<Politicas>('/painel/api/politicas', vez.marca)
  return (
    <>
      <Titulo titulo={palavras.titulo} nota={palavras.nota} />
      <Lido de={lido}>
        {({ grupos }) => (
          <>
            {grupos.map(({ titulo, itens }) => (
              <Cartao key={titulo} titulo={titulo} cheio>
                <dl class="politicas">
                  {itens.map((item) => (
                    <div key={item.titulo}>
                      <dt>{item.titulo}</dt>
                      <dd class="nome">{item.valor}</dd>
                      <dd>
                        <small>{item.explica}</small>
                        <small>
                          {palavras.onde} <code>{item.onde}</code>
                        </small>
                      </dd>
                    </div>
                  ))}
                </dl>
              </Cartao>
            ))}
          </>
        )}
      </Lido>
    </>
  )
}
