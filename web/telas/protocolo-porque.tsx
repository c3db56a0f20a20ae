import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Porque, ProtocoloDetalhe, Vez } from '../contrato.js'
import { Aviso, Cartao } from '../pecas/basicas.js'
import { Hora } from '../pecas/tempo.js'
import { foraEmPalavras, painel, textos } from '../textos.js'

const palavras = painel.detalhe

const reason = (motivo: string): string => (foraEmPalavras as Readonly<Record<string, string>>)[motivo] ?? motivo

/** Why he got it, and why somebody else did not. */
export function PorQue({ dados, vez }: { readonly dados: ProtocoloDetalhe; readonly vez: Vez }): JSX.Element {
  const [asked, setAsked] = useState<Porque['perguntado']>(null)
  const [problem, setProblem] = useState<string>()
  const { porque } = dados
  const ask = async (id: string) => {
    setProblem(undefined)
    if (id === '') return setAsked(null)
    const answer = await call<Porque>('GET', `/painel/api/protocolos/${dados.n}/porque?consultor_id=${id}`)
    if (answer.ok) setAsked(answer.dados.perguntado)
    else setProblem(answer.detail)
  }
  return (
    <Cartao titulo={palavras.porque}>
      <div class="pilha">
        <p>{porque.frase}</p>
        {porque.antes.length > 0 && (
          <div>
            <h3>{palavras.antes}</h3>
            <ul class="motivos">
              {porque.antes.map(({ consultor_id, nome, motivo, desde }) => (
                <li key={consultor_id}>
                  <span class="nome">{nome ?? `${consultor_id}`}</span>
                  <small>
                    {reason(motivo)}
                    {desde !== null && (
                      <>
                        {` ${textos.desde} `}
                        <Hora em={desde} />
                      </>
                    )}
                  </small>
                </li>
              ))}
            </ul>
          </div>
        )}
        {porque.mais !== null && (
          <p class="menor">
            {palavras.maisPor}:{' '}
            {Object.entries(porque.mais)
              .map(([motivo, many]) => `${many} ${reason(motivo)}`)
              .join(', ')}
          </p>
        )}
        <label class="campo">
          <span>{palavras.pergunta}</span>
          <select onChange={({ currentTarget }) => ask(currentTarget.value)}>
            <option value="">{textos.escolha}</option>
            {vez.pessoas.map(({ id, nome }) => (
              <option key={id} value={id}>
                {nome}
              </option>
            ))}
          </select>
        </label>
        <div role="status">
          {asked && <Aviso tom="neutro">{asked.frase}</Aviso>}
          {problem && <Aviso tom="perigo">{problem}</Aviso>}
        </div>
      </div>
    </Cartao>
  )
}
