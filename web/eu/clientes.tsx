import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Cliente, Clientes, Eu } from '../contrato.js'
import { Cartao, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Confirmar } from '../pecas/dialogo.js'
import { useFeito } from '../pecas/feito.js'
import { Icone } from '../pecas/icone.js'
import { Passar } from '../pecas/passar.js'
import { Tempo } from '../pecas/tempo.js'
import { eu, textos } from '../textos.js'

const nameOf = ({ cliente, telefone, numero }: Cliente): string => cliente ?? telefone ?? numero

type Asked = { readonly que: 'concluir' | 'passar'; readonly cliente: Cliente }

/** His open customers: the way to each conversation, and what ends it or hands it on. */
export function MeusClientes({ me }: { readonly me: Eu }): JSX.Element {
  const lido = useLoaded<Clientes>('/eu/api/clientes', me.marca)
  const [asked, setAsked] = useState<Asked>()
  return (
    <Cartao titulo={eu.clientes} lado={lido.dados && <small>{lido.dados.itens.length}</small>} cheio>
      <Lido de={lido}>
        {({ itens, ha_mais }) =>
          itens.length === 0 ? (
            <Vazio titulo={eu.semClientes} icone="conversa">
              {eu.semClientesExplica}
            </Vazio>
          ) : (
            <>
              <ul>
                {itens.map((cliente) => (
                  <UmCliente key={cliente.n} cliente={cliente} ask={setAsked} />
                ))}
              </ul>
              {ha_mais && <p class="rodape-do-cartao menor">{eu.maisClientes}</p>}
            </>
          )
        }
      </Lido>
      {asked && (
        <Pedido {...asked} colegas={me.colegas} aoMudar={lido.recarregar} aoFechar={() => setAsked(undefined)} />
      )}
    </Cartao>
  )
}

interface UmClienteProps {
  readonly cliente: Cliente
  readonly ask: (asked: Asked) => void
}

function UmCliente({ cliente, ask }: UmClienteProps): JSX.Element {
  const { numero, canal, em, descricao, recebido_de, whatsapp, conversa } = cliente
  return (
    <li class="cliente">
      <div class="linha-simples">
        <p class="nome">{nameOf(cliente)}</p>
        <small>{numero}</small>
      </div>
      <small>
        <Tempo em={em} />
        {canal !== null && ` · ${canal}`}
        {recebido_de !== null && ` · ${eu.recebidoDe(recebido_de)}`}
      </small>
      {descricao !== null && <p class="descricao">{descricao}</p>}
      <div class="botoes">
        {whatsapp !== null && (
          <a class="botao principal" href={whatsapp} target="_blank" rel="noopener noreferrer">
            <Icone nome="conversa" />
            {eu.whatsapp}
            <span class="so-leitor"> {nameOf(cliente)}</span>
          </a>
        )}
        {conversa !== null && (
          <a class="botao" href={conversa} target="_blank" rel="noopener noreferrer">
            {eu.conversa}
            <span class="so-leitor"> {nameOf(cliente)}</span>
          </a>
        )}
        <button type="button" class="botao" aria-haspopup="dialog" onClick={() => ask({ que: 'concluir', cliente })}>
          {eu.concluir}
          <span class="so-leitor"> {nameOf(cliente)}</span>
        </button>
        <button type="button" class="botao" aria-haspopup="dialog" onClick={() => ask({ que: 'passar', cliente })}>
          {textos.passar}
          <span class="so-leitor"> {nameOf(cliente)}</span>
        </button>
      </div>
    </li>
  )
}

interface PedidoProps extends Asked {
  readonly colegas: Eu['colegas']
  readonly aoMudar: () => void
  readonly aoFechar: () => void
}

function Pedido({ que, cliente, colegas, aoMudar, aoFechar }: PedidoProps): JSX.Element {
  const say = useFeito()
  const path = `/eu/api/clientes/${cliente.n}`
  const pass = async (consultor_id: number, motivo: string) => {
    const answer = await call('POST', `${path}/passar`, { consultor_id, motivo })
    if (answer.ok) say(eu.passado(colegas.find(({ id }) => id === consultor_id)?.nome ?? ''))
    aoMudar()
    return answer
  }
  const finish = async () => {
    const answer = await call('POST', `${path}/concluir`, {})
    if (answer.ok) say(eu.concluido(cliente.numero))
    aoMudar()
    return answer
  }
  return que === 'passar' ? (
    <Passar
      titulo={eu.passarTitulo(nameOf(cliente))}
      explica={textos.passarExplica}
      pessoas={colegas}
      fazer={pass}
      aoFechar={aoFechar}
    />
  ) : (
    <Confirmar
      titulo={eu.concluirTitulo(nameOf(cliente))}
      explica={eu.concluirExplica}
      acao={eu.concluir}
      fazer={finish}
      aoFechar={aoFechar}
    />
  )
}
