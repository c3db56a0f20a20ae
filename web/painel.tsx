import { type JSX, render } from 'preact'
import type { SessaoDoPainel } from './contrato.js'
import { Carregando } from './pecas/basicas.js'
import { useRota } from './pecas/rota.js'
import { SemSessao } from './pecas/sem-sessao.js'
import { useSessao } from './pecas/sessao.js'
import { Entrada } from './telas/entrada.js'
import { Gestor } from './telas/gestor.js'
import { AbrirParede, Parede } from './telas/parede.js'

function Painel(): JSX.Element {
  const rota = useRota('/painel')
  const { sessao, carregar, entrar, sair } = useSessao<SessaoDoPainel>('/painel/api/sessao')
  const wall = rota.searchParams.get('tela') === 'parede'
  if (!sessao) return <Carregando />
  if (sessao.problema !== undefined) return <SemSessao motivo={sessao.problema} tentar={carregar} />
  // A link of the wall that was opened on this screen replaces whatever session there is, once the button is used.
  if (wall && location.hash.startsWith('#p=')) return <AbrirParede aoEntrar={entrar} />
  if (!sessao.dados) return <Entrada acabou={sessao.acabou} aoEntrar={entrar} />
  if (wall || sessao.dados.tipo === 'parede') return <Parede />
  return <Gestor rota={rota} sessao={sessao.dados} aoSair={sair} />
}

const root = document.getElementById('app')
if (root) render(<Painel />, root)
