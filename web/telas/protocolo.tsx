import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Contato, ProtocoloDetalhe, Tarefa, Vez } from '../contrato.js'
import { Aviso, Cartao, EtiquetaDeStatus, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, type Loaded, useLoaded } from '../pecas/dados.js'
import { useFeito } from '../pecas/feito.js'
import { Icone } from '../pecas/icone.js'
import { LinkFora, Par } from '../pecas/par.js'
import { Passar } from '../pecas/passar.js'
import { Tabela } from '../pecas/tabela.js'
import { colunasDeTarefa, type TaskAction } from '../pecas/tarefa.js'
import { Hora } from '../pecas/tempo.js'
import { duration, languageName, toMs } from '../tempo.js'
import { painel, textos } from '../textos.js'
import { Fazer } from './problemas.js'
import { Historia, NoPipedrive } from './protocolo-historia.js'
import { PorQue } from './protocolo-porque.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.detalhe

/** All of one protocol: who, why, what happened, the work that it made, what it is at Pipedrive. */
export function DetalheDoProtocolo({ n, vez, podeMudar }: ScreenProps & { readonly n: string }): JSX.Element {
  const lido = useLoaded<ProtocoloDetalhe>(`/painel/api/protocolos/${encodeURIComponent(n)}`, vez.marca)
  return (
    <>
      <a class="volta" href="/painel/protocolos">
        <Icone nome="seta" />
        {palavras.voltar}
      </a>
      <Lido de={lido}>{(dados) => <Detalhe dados={dados} lido={lido} vez={vez} podeMudar={podeMudar} />}</Lido>
    </>
  )
}

interface DetalheProps {
  readonly dados: ProtocoloDetalhe
  readonly lido: Loaded<ProtocoloDetalhe>
  readonly vez: Vez
  readonly podeMudar: boolean
}

function Detalhe({ dados, lido, vez, podeMudar }: DetalheProps): JSX.Element {
  const [passing, setPassing] = useState(false)
  const [asked, setAsked] = useState<{ readonly acao: TaskAction; readonly tarefa: Tarefa }>()
  const say = useFeito()
  const pass = async (consultor_id: number, motivo: string) => {
    const answer = await call<ProtocoloDetalhe>('POST', `/painel/api/protocolos/${dados.n}/passar`, {
      consultor_id,
      motivo,
    })
    if (answer.ok) {
      lido.trocar(answer.dados)
      say(palavras.passado(answer.dados.responsavel?.nome ?? ''))
    }
    return answer
  }
  const others = vez.pessoas.filter(({ id }) => id !== dados.responsavel?.consultor_id)
  return (
    <>
      <Titulo
        titulo={textos.protocolo(dados.numero)}
        nota={
          <>
            <EtiquetaDeStatus status={dados.status} /> <Hora em={dados.em} />
          </>
        }
      >
        {dados.conversa !== null && <LinkFora href={dados.conversa}>{palavras.conversa}</LinkFora>}
        {podeMudar && <MudarStatus dados={dados} lido={lido} />}
        {podeMudar && (
          <button type="button" class="botao principal" aria-haspopup="dialog" onClick={() => setPassing(true)}>
            <Icone nome="passar" />
            {textos.passar}
          </button>
        )}
      </Titulo>
      {dados.anonimizado_em !== null && <Aviso tom="neutro">{palavras.anonimizado}</Aviso>}
      <div class="dois">
        <Quem dados={dados} />
        <PorQue dados={dados} vez={vez} />
        <Historia dados={dados} />
        <NoPipedrive dados={dados} />
      </div>
      <Cartao titulo={palavras.trabalho} cheio>
        {dados.trabalho.length === 0 ? (
          <Vazio titulo={palavras.semTrabalho} icone="feito" />
        ) : (
          <Tabela
            legenda={palavras.trabalho}
            linhas={dados.trabalho}
            chave={({ id }) => id}
            colunas={colunasDeTarefa(podeMudar ? (acao, tarefa) => setAsked({ acao, tarefa }) : undefined)}
          />
        )}
      </Cartao>
      {passing && (
        <Passar
          titulo={palavras.passarTitulo(dados.numero)}
          explica={textos.passarExplica}
          pessoas={others}
          fazer={pass}
          aoFechar={() => setPassing(false)}
        />
      )}
      {asked && <Fazer asked={asked} aoMudar={lido.recarregar} aoFechar={() => setAsked(undefined)} />}
    </>
  )
}

/** Changes the status where it stands; what the service says stays when it refuses. */
function MudarStatus({ dados, lido }: Pick<DetalheProps, 'dados' | 'lido'>): JSX.Element {
  const say = useFeito()
  const set = async (status: string) => {
    const answer = await call<ProtocoloDetalhe>('POST', `/painel/api/protocolos/${dados.n}/status`, { status })
    if (answer.ok) lido.trocar(answer.dados)
    else lido.recarregar()
    const before = dados.status
    const undo = () => call('POST', `/painel/api/protocolos/${dados.n}/status`, { status: before })
    if (answer.ok) say(palavras.estadoMudado, undo)
    else say(answer.detail)
  }
  return (
    <label class="campo em-linha">
      <span class="so-leitor">{palavras.mudarStatus}</span>
      <select value={dados.status} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {Object.entries(textos.status).map(([status, words]) => (
          <option key={status} value={status}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}

function Quem({ dados }: { readonly dados: ProtocoloDetalhe }): JSX.Element {
  const [contact, setContact] = useState<Contato>()
  const [problem, setProblem] = useState<string>()
  const show = async () => {
    const answer = await call<Contato>('POST', `/painel/api/protocolos/${dados.n}/contato`, {})
    if (answer.ok) setContact(answer.dados)
    else setProblem(answer.detail)
  }
  const { cliente, telefone, email, consultor, responsavel, idioma, canal, plataforma, descricao, continua } = dados
  return (
    <Cartao titulo={cliente ?? telefone ?? textos.semNome}>
      <dl class="pares">
        {(telefone !== null || contact) && (
          <Par nome={palavras.telefone}>
            {contact?.telefone ?? telefone}{' '}
            {!contact && dados.tem_telefone && (
              <button type="button" class="botao leve junto" onClick={show}>
                {palavras.mostrar}
              </button>
            )}
            {problem && <small>{problem}</small>}
          </Par>
        )}
        {email !== null && <Par nome={palavras.email}>{contact?.email ?? email}</Par>}
        <Par nome={painel.protocolos.consultor}>{consultor?.nome ?? '—'}</Par>
        <Par nome={painel.protocolos.comQuem}>
          <strong>{responsavel?.nome ?? '—'}</strong>
        </Par>
        {idioma !== null && <Par nome={painel.espera.idioma}>{languageName(idioma)}</Par>}
        <Par nome={painel.protocolos.canal}>{canal ?? plataforma ?? painel.justica.semCanal}</Par>
        {dados.esperou_desde !== null && (
          <Par nome={palavras.esperou}>{duration(toMs(dados.em) - toMs(dados.esperou_desde))}</Par>
        )}
        <Par nome={palavras.ultimoContato}>
          <Hora em={dados.ultimo_contato_em} />
        </Par>
        {continua !== null && (
          <Par nome={palavras.continua}>
            <a href={`/painel/protocolos/${continua}`}>#{String(continua).padStart(5, '0')}</a>
          </Par>
        )}
        {descricao !== null && <Par nome={palavras.descricao}>{descricao}</Par>}
      </dl>
      {contact?.whatsapp != null && <LinkFora href={contact.whatsapp}>{palavras.whatsapp}</LinkFora>}
    </Cartao>
  )
}
