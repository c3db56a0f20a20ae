import { type JSX, render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from './api.js'
import type { SessaoDoPainel } from './contrato.js'
import { Carregando } from './pecas/basicas.js'
import { useRota } from './pecas/rota.js'
import { SemSessao } from './pecas/sem-sessao.js'
import { Entrada } from './telas/entrada.js'
import { Gestor } from './telas/gestor.js'
import { AbrirParede, Parede } from './telas/parede.js'

/** `undefined`: asked for; `null`: there is none; a text: why it cannot be known. */
type Session = SessaoDoPainel | null | undefined | string

function Painel(): JSX.Element {
  const rota = useRota('/painel')
  const [session, setSession] = useState<Session>()
  const load = async () => {
    const answer = await call<SessaoDoPainel>('GET', '/painel/api/sessao')
    setSession(answer.ok ? answer.dados : answer.status === 401 ? null : answer.detail)
  }
  // Once, when the page opens.
  useEffect(() => {
    void load()
  }, [])
  const wall = rota.searchParams.get('tela') === 'parede'
  if (session === undefined) return <Carregando />
  if (typeof session === 'string') return <SemSessao motivo={session} tentar={load} />
  // A link of the wall that was opened on this screen replaces whatever session there is, once the button is used.
  if (wall && location.hash.startsWith('#p=')) return <AbrirParede aoEntrar={setSession} />
  const leave = () => setSession(null)
  if (session === null) return <Entrada aoEntrar={setSession} />
  if (wall || session.tipo === 'parede') return <Parede aoSair={leave} />
  return <Gestor rota={rota} sessao={session} aoSair={leave} />
}

const root = document.getElementById('app')
if (root) render(<Painel />, root)
