import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../api.js'
import type { BuscaDeProtocolos, ProtocoloNaLista, ProtocolosAchados, Vez } from '../contrato.js'
import { Aviso, Carregando, Etiqueta, EtiquetaDeStatus, Titulo, Vazio } from '../pecas/basicas.js'
import { type Column, Tabela } from '../pecas/tabela.js'
import { Hora } from '../pecas/tempo.js'
import { painel, textos } from '../textos.js'
import { DetalheDoProtocolo } from './protocolo.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.protocolos
const REFRESH_MS = 10_000

export const TelaProtocolos = (props: ScreenProps): JSX.Element =>
  props.alvo === undefined ? <Lista {...props} /> : <DetalheDoProtocolo {...props} n={props.alvo} />

const COLUMNS: readonly Column<ProtocoloNaLista>[] = [
  {
    titulo: palavras.numero,
    classe: 'justo',
    celula: ({ n, numero, continua }) => (
      <>
        <a href={`/painel/protocolos/${n}`}>{numero}</a> {continua !== null && <Etiqueta>{palavras.voltou}</Etiqueta>}
      </>
    ),
  },
  { titulo: palavras.quando, classe: 'justo', celula: ({ em }) => <Hora em={em} /> },
  {
    titulo: palavras.cliente,
    celula: ({ cliente, telefone }) => (
      <>
        {cliente ?? telefone ?? textos.semNome}
        {cliente !== null && telefone !== null && (
          <>
            <br />
            <small class="telefone">{telefone}</small>
          </>
        )}
      </>
    ),
  },
  {
    titulo: palavras.comQuem,
    celula: ({ consultor, responsavel }) => (
      <>
        <span class="nome">{responsavel?.nome ?? '—'}</span>
        {consultor !== null && responsavel?.consultor_id !== consultor.consultor_id && (
          <>
            <br />
            <small>{palavras.eraDe(consultor.nome ?? '—')}</small>
          </>
        )}
      </>
    ),
  },
  {
    titulo: palavras.canal,
    celula: ({ canal, plataforma }) => <small>{canal ?? plataforma ?? painel.justica.semCanal}</small>,
  },
  { titulo: palavras.status, classe: 'justo', celula: ({ status }) => <EtiquetaDeStatus status={status} /> },
]

type Search = Omit<BuscaDeProtocolos, 'continua' | 'limit'>

/** Without what was left empty: an empty text would be looked for. */
const withoutEmpty = (search: Search): Search =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''))

/** Finds protocols by a telephone, a name or a number, and by what narrows it. */
function Lista({ vez }: ScreenProps): JSX.Element {
  const [search, setSearch] = useState<Search>({})
  const [found, setFound] = useState<ProtocolosAchados>()
  const [problem, setProblem] = useState<string>()
  // Another version is a reason to look again.
  useEffect(() => {
    let over = false
    const look = async () => {
      const answer = await call<ProtocolosAchados>('POST', '/painel/api/protocolos/busca', search)
      if (over) return
      setProblem(answer.ok ? undefined : answer.detail)
      // Who has asked for more reads them: nothing moves under his eyes.
      if (answer.ok)
        setFound((known) => (known && known.itens.length > answer.dados.itens.length ? known : answer.dados))
    }
    void look()
    const timer = setInterval(() => document.hidden || void look(), REFRESH_MS)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [search, vez.marca])
  const more = async () => {
    const from = found?.continua
    if (from == null) return
    const answer = await call<ProtocolosAchados>('POST', '/painel/api/protocolos/busca', { ...search, continua: from })
    if (answer.ok) setFound((known) => ({ ...answer.dados, itens: [...(known?.itens ?? []), ...answer.dados.itens] }))
    else setProblem(answer.detail)
  }
  const change = (next: Search) => {
    setFound(undefined)
    setSearch(withoutEmpty(next))
  }
  return (
    <>
      <Titulo titulo={palavras.titulo} nota={found && palavras.achados(found.total, found.limitado)} />
      <Filtro vez={vez} aoBuscar={change} />
      {problem && (
        <Aviso tom="perigo" fala>
          {problem}
        </Aviso>
      )}
      {found ? (
        <div class="cartao">
          {found.itens.length === 0 ? (
            <Vazio titulo={palavras.nenhum} icone="protocolo">
              {Object.keys(search).length > 0 ? palavras.nenhumExplica : painel.vez.semTurnosExplica}
            </Vazio>
          ) : (
            <Tabela legenda={palavras.titulo} linhas={found.itens} chave={({ n }) => n} colunas={COLUMNS} compacta />
          )}
          {found.continua !== null && (
            <p class="rodape-do-cartao">
              <button type="button" class="botao" onClick={more}>
                {palavras.mais}
              </button>
            </p>
          )}
        </div>
      ) : (
        problem === undefined && <Carregando />
      )}
    </>
  )
}

interface FiltroProps {
  readonly vez: Vez
  readonly aoBuscar: (search: Search) => void
}

function Filtro({ vez, aoBuscar }: FiltroProps): JSX.Element {
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const text = (name: string): string => String(form.get(name) ?? '').trim()
    const status = Object.keys(textos.status).find((one) => one === text('status'))
    aoBuscar({
      q: text('q'),
      desde: text('desde'),
      ate: text('ate'),
      ...(status && { status: status as NonNullable<Search['status']> }),
      ...(text('responsavel') && { responsavel_id: Number(text('responsavel')) }),
    })
  }
  return (
    <form class="filtro" onSubmit={send}>
      <label class="campo largo">
        <span>{palavras.busca}</span>
        <input name="q" type="search" maxLength={128} autocomplete="off" />
      </label>
      <label class="campo">
        <span>{palavras.responsavel}</span>
        <select name="responsavel">
          <option value="">{palavras.todos}</option>
          {[...vez.pessoas]
            .sort((a, b) => a.nome.localeCompare(b.nome))
            .map(({ id, nome }) => (
              <option key={id} value={id}>
                {nome}
              </option>
            ))}
        </select>
      </label>
      <label class="campo">
        <span>{palavras.status}</span>
        <select name="status">
          <option value="">{palavras.todos}</option>
          {Object.entries(textos.status).map(([status, words]) => (
            <option key={status} value={status}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label class="campo">
        <span>{palavras.desde}</span>
        <input name="desde" type="date" />
      </label>
      <label class="campo">
        <span>{palavras.ate}</span>
        <input name="ate" type="date" />
      </label>
      <button type="submit" class="botao principal">
        {palavras.buscar}
      </button>
    </form>
  )
}
