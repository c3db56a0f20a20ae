import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Answer } from '../api.js'
import { textos } from '../textos.js'
import { Aviso } from './basicas.js'

interface DialogoProps {
  readonly titulo: string
  readonly aoFechar: () => void
  readonly children: ComponentChildren
}

/** A modal dialog. Esc closes it, and the focus goes back to what opened it: both are the browser's. */
function Dialogo({ titulo, aoFechar, children }: DialogoProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={title} onClose={aoFechar}>
      <h2 id={title} class="titulo-do-dialogo">
        {titulo}
      </h2>
      {children}
    </dialog>
  )
}

/** What came of something, with a button that closes it. */
export const Pronto = ({ titulo, aoFechar, children }: DialogoProps): JSX.Element => (
  <Dialogo titulo={titulo} aoFechar={aoFechar}>
    <div class="dentro">
      {children}
      <div class="botoes">
        <button type="button" class="botao principal" onClick={aoFechar}>
          {textos.fechar}
        </button>
      </div>
    </div>
  </Dialogo>
)

interface ConfirmarProps {
  readonly titulo: string
  /** What it does, in words. */
  readonly explica?: ComponentChildren
  readonly acao: string
  readonly perigoso?: boolean
  /** Without it no reason is asked for. */
  readonly motivo?: { readonly exigido: boolean; readonly sugestoes?: readonly string[] }
  /** Further fields; whether it can be done without them is theirs to say. */
  readonly children?: ComponentChildren
  readonly fazer: (motivo: string) => Promise<Answer<unknown>>
  readonly aoFechar: () => void
  /** What comes next takes its place. */
  readonly ficaAberto?: boolean
}

/** Asks before something is done, with a reason where there must be one. Stays open, and says why, when it is refused. */
export function Confirmar(props: ConfirmarProps): JSX.Element {
  const { titulo, explica, acao, perigoso, motivo, children, fazer, aoFechar, ficaAberto } = props
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const send = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const answer = await fazer(reason.trim())
    setBusy(false)
    if (!answer.ok) setProblem(answer.detail)
    else if (!ficaAberto) aoFechar()
  }
  return (
    <Dialogo titulo={titulo} aoFechar={aoFechar}>
      <form onSubmit={send}>
        {explica && <p>{explica}</p>}
        {children}
        {motivo && <CampoMotivo {...motivo} valor={reason} aoMudar={setReason} />}
        {problem && (
          <Aviso tom="perigo" fala>
            {problem}
          </Aviso>
        )}
        <div class="botoes">
          <button type="button" class="botao" onClick={aoFechar}>
            {textos.cancelar}
          </button>
          <button type="submit" class={perigoso ? 'botao perigoso' : 'botao principal'} disabled={busy}>
            {busy ? textos.umMomento : acao}
          </button>
        </div>
      </form>
    </Dialogo>
  )
}

interface CampoMotivoProps {
  readonly exigido: boolean
  readonly sugestoes?: readonly string[]
  readonly valor: string
  readonly aoMudar: (motivo: string) => void
}

/** A reason, with those at hand that are given most. */
const CampoMotivo = ({ exigido, sugestoes = [], valor, aoMudar }: CampoMotivoProps): JSX.Element => (
  <div class="campo">
    <label class="campo">
      <span>{exigido ? textos.motivo : textos.motivoOpcional}</span>
      <input
        value={valor}
        maxLength={200}
        required={exigido}
        autocomplete="off"
        onInput={({ currentTarget }) => aoMudar(currentTarget.value)}
      />
    </label>
    {sugestoes.length > 0 && (
      <div class="sugestoes">
        {sugestoes.map((one) => (
          <button key={one} type="button" class="botao" aria-pressed={valor === one} onClick={() => aoMudar(one)}>
            {one}
          </button>
        ))}
      </div>
    )}
  </div>
)
