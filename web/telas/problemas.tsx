import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Problemas, Tarefa } from '../contrato.js'
import { Aviso, Cartao, Estado, Etiqueta, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Confirmar } from '../pecas/dialogo.js'
import { useFeito } from '../pecas/feito.js'
import { Tabela } from '../pecas/tabela.js'
import { colunasDeTarefa, type TaskAction } from '../pecas/tarefa.js'
import { Hora } from '../pecas/tempo.js'
import { number } from '../tempo.js'
import { painel } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.problemas

type Asked = { readonly acao: TaskAction; readonly tarefa: Tarefa } | 'todas'

const isFine = ({ contagem, canais, pipedrive, banco }: Problemas): boolean =>
  contagem.mortas + contagem.repetindo + canais.length + banco.recusados === 0 && pipedrive === null && banco.grava

/** What did not go out, and what asks for somebody. */
export function TelaProblemas({ vez, podeMudar }: ScreenProps): JSX.Element {
  const lido = useLoaded<Problemas>('/painel/api/problemas', vez.marca)
  const [asked, setAsked] = useState<Asked>()
  const ask = podeMudar ? (acao: TaskAction, tarefa: Tarefa) => setAsked({ acao, tarefa }) : undefined
  return (
    <>
      <Titulo titulo={palavras.titulo} nota={palavras.nota} />
      <Lido de={lido}>
        {(dados) =>
          isFine(dados) ? (
            <div class="cartao">
              <Vazio titulo={palavras.nenhum} icone="online">
                {palavras.nenhumExplica}
              </Vazio>
            </div>
          ) : (
            <>
              <Avisos dados={dados} />
              <Trabalho titulo={palavras.mortas} de={dados.mortas} total={dados.contagem.mortas} ask={ask}>
                {podeMudar && dados.contagem.mortas > 1 && (
                  <button type="button" class="botao" onClick={() => setAsked('todas')}>
                    {palavras.repetirTodas}
                  </button>
                )}
              </Trabalho>
              <Trabalho titulo={palavras.repetindo} de={dados.repetindo} total={dados.contagem.repetindo} ask={ask} />
            </>
          )
        }
      </Lido>
      {asked && <Fazer asked={asked} aoMudar={lido.recarregar} aoFechar={() => setAsked(undefined)} />}
    </>
  )
}

const Avisos = ({ dados: { banco, pipedrive, canais } }: { readonly dados: Problemas }): JSX.Element => (
  <>
    {!banco.grava && <Aviso tom="perigo">{palavras.bancoNaoGrava}</Aviso>}
    {banco.recusados > 0 && <Aviso tom="perigo">{palavras.banco(banco.recusados)}</Aviso>}
    {pipedrive && (
      <Aviso tom="atencao">
        <strong>{palavras.pipedrive}</strong>
        {pipedrive.ate !== null && (
          <>
            {' '}
            {palavras.ate} <Hora em={pipedrive.ate} />
          </>
        )}
        : {pipedrive.frase} <a href="/painel/pipedrive">{palavras.ver}</a>
      </Aviso>
    )}
    {canais.length > 0 && (
      <Cartao titulo={palavras.canais} cheio>
        <ul>
          {canais.map(({ slug, nome, situacao, frase }) => (
            <li key={slug} class="linha">
              <div>
                <p class="nome">{nome}</p>
                <p class="estados">
                  <Estado icone="alerta" tom={situacao === 'desligado' ? 'atencao' : 'perigo'}>
                    {painel.canais.situacoes[situacao]}
                  </Estado>
                  <small>{frase}</small>
                </p>
              </div>
              <a class="botao" href={`/painel/canais/${encodeURIComponent(slug)}`}>
                {palavras.verCanal}
              </a>
            </li>
          ))}
        </ul>
      </Cartao>
    )}
  </>
)

interface TrabalhoProps {
  readonly titulo: string
  readonly de: readonly Tarefa[]
  readonly total: number
  readonly ask: ((acao: TaskAction, tarefa: Tarefa) => void) | undefined
  readonly children?: JSX.Element | false
}

function Trabalho({ titulo, de, total, ask, children }: TrabalhoProps): JSX.Element | null {
  if (total === 0) return null
  const title = (
    <>
      {titulo} <Etiqueta>{number(total)}</Etiqueta>
    </>
  )
  return (
    <Cartao titulo={title} lado={children} cheio>
      <Tabela legenda={titulo} linhas={de} chave={({ id }) => id} colunas={colunasDeTarefa(ask)} />
      {total > de.length && <p class="rodape-do-cartao menor">{palavras.maisDe}</p>}
    </Cartao>
  )
}

interface FazerProps {
  readonly asked: Asked
  readonly aoMudar: () => void
  readonly aoFechar: () => void
}

/** Asks before work is done again or given up: a text may reach a customer twice. */
export function Fazer({ asked, aoMudar, aoFechar }: FazerProps): JSX.Element {
  const say = useFeito()
  if (asked === 'todas') {
    const repeatAll = async () => {
      const answer = await call<{ readonly repetidas: number }>('POST', '/painel/api/tarefas/repetir', {})
      if (answer.ok) say(palavras.repetidas(answer.dados.repetidas))
      aoMudar()
      return answer
    }
    return (
      <Confirmar
        titulo={palavras.repetirTodas}
        explica={palavras.repetirTodasExplica}
        acao={palavras.repetirTodas}
        fazer={repeatAll}
        aoFechar={aoFechar}
      />
    )
  }
  const { acao, tarefa } = asked
  const repeats = acao === 'repetir'
  const change = async () => {
    const answer = await call('POST', `/painel/api/tarefas/${encodeURIComponent(tarefa.id)}/${acao}`, {})
    if (answer.ok) say(repeats ? palavras.repetida : palavras.cancelada)
    aoMudar()
    return answer
  }
  return (
    <Confirmar
      titulo={repeats ? palavras.repetirTitulo : palavras.cancelarTitulo}
      explica={
        <>
          <strong>{tarefa.titulo}</strong>
          {tarefa.protocolo !== null && ` · ${tarefa.protocolo}`}
          <br />
          {!repeats ? palavras.cancelarExplica : tarefa.incerta ? palavras.repetirIncerta : palavras.repetirExplica}
        </>
      }
      acao={repeats ? palavras.repetir : palavras.cancelarAcao}
      perigoso={!repeats || tarefa.incerta}
      fazer={change}
      aoFechar={aoFechar}
    />
  )
}
