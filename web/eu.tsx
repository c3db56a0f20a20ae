import { type JSX, render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from './api.js'
import type { SessaoDoEu } from './contrato.js'
import { Entrada } from './eu/entrada.js'
import { Minha } from './eu/minha.js'
import { Carregando } from './pecas/basicas.js'
import { ComFeito } from './pecas/feito.js'
import { SemSessao } from './pecas/sem-sessao.js'
import { eu } from './textos.js'

/** `undefined`: asked for; `null`: there is none; a text: why it cannot be known. */
type Session = SessaoDoEu | null | undefined | string

function Eu(): JSX.Element {
  const [session, setSession] = useState<Session>()
  const load = async () => {
    setSession(undefined)
    const answer = await call<SessaoDoEu>('GET', '/eu/api/sessao')
    setSession(answer.ok ? answer.dados : answer.status === 401 ? null : answer.detail)
  }
  // Once, when the page opens.
  useEffect(() => {
    document.title = eu.nome
    void load()
  }, [])
  if (session === undefined) return <Carregando />
  if (typeof session === 'string') return <SemSessao motivo={session} tentar={load} />
  if (session === null || location.hash.startsWith('#c=')) return <Entrada sessao={session} aoEntrar={setSession} />
  return (
    <ComFeito>
      <Minha sessao={session} aoSair={() => setSession(null)} />
    </ComFeito>
  )
}

const root = document.getElementById('app')
if (root) render(<Eu />, root)
