import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { readSettings } from '../ajustes.js'
import { call } from '../api.js'
import type { SessaoDoEu } from '../contrato.js'
import { Aviso } from '../pecas/basicas.js'
import { Marca } from '../pecas/icone.js'
import { AvisoDeEntrada } from '../pecas/sessao.js'
import { eu, textos } from '../textos.js'

const palavras = eu.entrada
const MARK = '#c='

interface EntradaProps {
  /** Who is signed in already and opened a link all the same. */
  readonly sessao: SessaoDoEu | undefined
  /** He was signed in until now. */
  readonly acabou: boolean | undefined
  readonly aoEntrar: (sessao: SessaoDoEu) => void
}

/**
 * The way in: by a link, whose token stands behind `#c=`, or by eight digits. Only the button spends the token: a preview or a
 * scanner that opens the link spends nothing.
 */
export function Entrada({ sessao, acabou, aoEntrar }: EntradaProps): JSX.Element {
  const [token, setToken] = useState(location.hash.startsWith(MARK) ? location.hash.slice(MARK.length) : '')
  const [codigo, setCodigo] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const enter = async (body: { readonly token: string } | { readonly codigo: string }) => {
    if (busy) return
    setBusy(true)
    const answer = await call<SessaoDoEu>('POST', '/eu/api/entrar', body)
    setBusy(false)
    if (answer.ok || answer.status === 401 || answer.status === 404) history.replaceState(undefined, '', '/eu')
    if (answer.ok) return aoEntrar(answer.dados)
    setProblem(answer.detail)
    // A token that was refused is worth nothing: what is left is the code.
    if (answer.status !== 0 && answer.status !== 429) setToken('')
  }
  const stay = () => {
    history.replaceState(undefined, '', '/eu')
    if (sessao) aoEntrar({ ...sessao })
  }
  return (
    <main class="entrada">
      <div class="cartao">
        <p class="marca">
          <Marca />
          {eu.nome}
        </p>
        <h1>{palavras.titulo}</h1>
        {readSettings().sem_tls && <Aviso tom="atencao">{textos.semTls}</Aviso>}
        <AvisoDeEntrada acabou={acabou} problema={problem} />
        {token !== '' ? (
          <>
            <p>{palavras.link}</p>
            <button type="button" class="botao principal grande" disabled={busy} onClick={() => enter({ token })}>
              {busy ? textos.umMomento : palavras.entrar}
            </button>
            {sessao && (
              <button type="button" class="botao" onClick={stay}>
                {palavras.continuar(sessao.nome)}
              </button>
            )}
          </>
        ) : (
          <form
            class="pilha"
            onSubmit={(event) => {
              event.preventDefault()
              void enter({ codigo })
            }}
          >
            <p>{palavras.semLink}</p>
            <label class="campo">
              <span>{palavras.codigo}</span>
              <input
                class="digitos"
                value={codigo}
                required
                inputMode="numeric"
                autocomplete="one-time-code"
                pattern="\s*[0-9]{4}[\s\-]?[0-9]{4}\s*"
                maxLength={11}
                placeholder="0000 0000"
                onInput={({ currentTarget }) => setCodigo(currentTarget.value)}
              />
            </label>
            <button type="submit" class="botao principal grande" disabled={busy}>
              {busy ? textos.umMomento : palavras.entrar}
            </button>
          </form>
        )}
      </div>
    </main>
  )
}
