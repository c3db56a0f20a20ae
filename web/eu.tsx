import { type JSX, render } from 'preact'
import { useEffect } from 'preact/hooks'
import type { SessaoDoEu } from './contrato.js'
import { Entrada } from './eu/entrada.js'
import { Minha } from './eu/minha.js'
import { Carregando } from './pecas/basicas.js'
import { ComFeito } from './pecas/feito.js'
import { SemSessao } from './pecas/sem-sessao.js'
import { useSessao } from './pecas/sessao.js'
import { eu } from './textos.js'

function Eu(): JSX.Element {
  const { sessao, carregar, entrar, sair } = useSessao<SessaoDoEu>('/eu/api/sessao')
  useEffect(() => {
    document.title = eu.nome
  }, [])
  if (!sessao) return <Carregando />
  if (sessao.problema !== undefined) return <SemSessao motivo={sessao.problema} tentar={carregar} />
  if (!sessao.dados || location.hash.startsWith('#c='))
    return <Entrada sessao={sessao.dados} acabou={sessao.acabou} aoEntrar={entrar} />
  return (
    <ComFeito>
      <Minha sessao={sessao.dados} aoSair={sair} />
    </ComFeito>
  )
}

const root = document.getElementById('app')
if (root) render(<Eu />, root)
