import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readSettings } from '../ajustes.js'
import { call } from '../api.js'
import type { SessaoDoPainel } from '../contrato.js'
import { Aviso } from '../pecas/basicas.js'
import { Marca } from '../pecas/icone.js'
import { AvisoDeEntrada } from '../pecas/sessao.js'
import { painel, textos } from '../textos.js'

const palavras = painel.entrada

interface EntradaProps {
  /** Somebody was signed in until now. */
  readonly acabou: boolean | undefined
  readonly aoEntrar: (sessao: SessaoDoPainel) => void
}

/** The manager's sign-in, by a key of the API. */
export function Entrada({ acabou, aoEntrar }: EntradaProps): JSX.Element {
  const [chave, setChave] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${palavras.titulo} · ${painel.nome}`
  }, [])
  const send = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const answer = await call<SessaoDoPainel>('POST', '/painel/api/entrar', { chave: chave.trim() })
    setBusy(false)
    if (answer.ok) aoEntrar(answer.dados)
    else setProblem(answer.detail)
  }
  return (
    <main class="entrada">
      <form class="cartao" onSubmit={send}>
        <p class="marca">
          <Marca />
          {painel.nome}
        </p>
        <h1>{palavras.titulo}</h1>
        <p>{palavras.explica}</p>
        {readSettings().sem_tls && <Aviso tom="atencao">{textos.semTls}</Aviso>}
        <label class="campo">
          <span>{palavras.chave}</span>
          <input
            type="password"
            value={chave}
            required
            maxLength={512}
            autocomplete="current-password"
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) => setChave(currentTarget.value)}
          />
        </label>
        <AvisoDeEntrada acabou={acabou} problema={problem} />
        <button type="submit" class="botao principal" disabled={busy}>
          {busy ? textos.umMomento : palavras.entrar}
        </button>
        <details>
          <summary>{palavras.ajuda}</summary>
          <p class="menor">{palavras.ajudaTexto}</p>
        </details>
      </form>
    </main>
  )
}
