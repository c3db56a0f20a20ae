import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Canal, CanalDetalhe, TesteDoCanal } from '../contrato.js'
import { Aviso, Cartao, Estado, Etiqueta, Numero, Numeros, Titulo, type Tone, Vazio } from '../pecas/basicas.js'
import { Copiar } from '../pecas/codigo.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Icone, type IconName } from '../pecas/icone.js'
import { Tabela } from '../pecas/tabela.js'
import { Hora, Tempo } from '../pecas/tempo.js'
import { languageName, number } from '../tempo.js'
import { painel, textos } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.canais

const LOOKS: Readonly<Record<Canal['situacao'], readonly [IconName, Tone]>> = {
  bem: ['online', 'bom'],
  silencioso: ['alerta', 'atencao'],
  recusando: ['alerta', 'perigo'],
  desligado: ['offline', 'neutro'],
}

function Situacao({ situacao }: Pick<Canal, 'situacao'>): JSX.Element {
  const [icone, tom] = LOOKS[situacao]
  return (
    <Estado icone={icone} tom={tom}>
      {palavras.situacoes[situacao]}
    </Estado>
  )
}

export const TelaCanais = (props: ScreenProps): JSX.Element =>
  props.alvo === undefined ? <Lista {...props} /> : <Detalhe {...props} slug={props.alvo} />

/** The chat accounts and whether each of them works. They are made by the API: its documentation is linked. */
function Lista({ vez }: ScreenProps): JSX.Element {
  const lido = useLoaded<readonly Canal[]>('/painel/api/canais', vez.marca)
  return (
    <>
      <Titulo titulo={palavras.titulo}>
        <a class="botao" href="/docs" target="_blank" rel="noopener">
          {palavras.novo}
        </a>
      </Titulo>
      <Lido de={lido}>
        {(canais) => (
          <div class="cartao">
            {canais.length === 0 ? (
              <Vazio titulo={palavras.nenhum} icone="canal">
                {palavras.nenhumExplica}
                <br />
                <a href="/docs" target="_blank" rel="noopener">
                  {palavras.novo}
                </a>
              </Vazio>
            ) : (
              <Tabela
                legenda={palavras.titulo}
                linhas={canais}
                chave={({ slug }) => slug}
                colunas={[
                  {
                    titulo: palavras.nome,
                    celula: ({ slug, nome, plataforma_nome }) => (
                      <>
                        <a class="nome" href={`/painel/canais/${encodeURIComponent(slug)}`}>
                          {nome}
                        </a>
                        <br />
                        <small>{plataforma_nome}</small>
                      </>
                    ),
                  },
                  {
                    titulo: palavras.situacao,
                    celula: ({ situacao, frase }) => (
                      <span class="estados">
                        <Situacao situacao={situacao} />
                        <small>{frase}</small>
                      </span>
                    ),
                  },
                  { titulo: palavras.idioma, classe: 'justo', celula: ({ idioma }) => languageName(idioma) },
                  {
                    titulo: palavras.ultimo,
                    classe: 'justo',
                    celula: ({ ultimo_evento_em }) =>
                      ultimo_evento_em === null ? palavras.nunca : <Tempo em={ultimo_evento_em} />,
                  },
                  {
                    titulo: palavras.esperando,
                    classe: 'justo',
                    celula: ({ esperando }) => (esperando > 0 ? <Etiqueta tom="atencao">{esperando}</Etiqueta> : '—'),
                  },
                ]}
              />
            )}
          </div>
        )}
      </Lido>
    </>
  )
}

/** One account: what came last and what became of it, how much in a day, and a test that changes nothing. */
function Detalhe({ vez, podeMudar, slug }: ScreenProps & { readonly slug: string }): JSX.Element {
  const path = `/painel/api/canais/${encodeURIComponent(slug)}`
  const lido = useLoaded<CanalDetalhe>(path, vez.marca)
  return (
    <>
      <a class="volta" href="/painel/canais">
        <Icone nome="seta" />
        {palavras.todos}
      </a>
      <Lido de={lido}>
        {(canal) => (
          <>
            <Titulo
              titulo={canal.nome}
              nota={
                <>
                  <Situacao situacao={canal.situacao} /> <small>{canal.frase}</small>
                </>
              }
            />
            <Numeros>
              <Numero rotulo={palavras.plataforma} valor={canal.plataforma_nome} nota={slug} />
              <Numero
                rotulo={palavras.gatilho}
                valor={palavras.gatilhos[canal.gatilho] ?? canal.gatilho}
                nota={languageName(canal.idioma)}
              />
              <Numero rotulo={palavras.esperando} valor={canal.esperando} />
            </Numeros>
            <div class="dois">
              <Cartao titulo={palavras.dia}>
                <EmUmDia contagem={canal.ultimas_24h} />
              </Cartao>
              <Cartao titulo={palavras.webhook}>
                <Copiar texto={canal.webhook_url} rotulo={palavras.webhook} />
              </Cartao>
            </div>
            {podeMudar && (
              <Cartao titulo={palavras.testar}>
                <Teste path={path} />
              </Cartao>
            )}
            <Cartao titulo={palavras.eventos} cheio>
              <Eventos eventos={canal.eventos} />
            </Cartao>
          </>
        )}
      </Lido>
    </>
  )
}

function EmUmDia({ contagem }: { readonly contagem: CanalDetalhe['ultimas_24h'] }): JSX.Element {
  const entries = Object.entries(contagem).sort(([, a], [, b]) => b - a)
  if (entries.length === 0) return <p class="menor">{palavras.semDia}</p>
  return (
    <dl class="pares">
      {entries.map(([situacao, many]) => (
        <>
          <dt>{textos.situacoes[situacao] ?? situacao}</dt>
          <dd>{number(many)}</dd>
        </>
      ))}
    </dl>
  )
}

const Eventos = ({ eventos }: Pick<CanalDetalhe, 'eventos'>): JSX.Element =>
  eventos.length === 0 ? (
    <Vazio titulo={palavras.semEventos} icone="canal" />
  ) : (
    <Tabela
      legenda={palavras.eventos}
      linhas={eventos.map((evento, place) => ({ ...evento, place }))}
      chave={({ em, place }) => `${em} ${place}`}
      colunas={[
        { titulo: palavras.quando, classe: 'justo', celula: ({ em }) => <Hora em={em} /> },
        { titulo: palavras.evento, celula: ({ especie }) => especie },
        { titulo: palavras.resultado, celula: ({ situacao }) => textos.situacoes[situacao] ?? situacao },
        { titulo: palavras.motivo, celula: ({ motivo, detalhe }) => <small>{detalhe ?? motivo ?? '—'}</small> },
      ]}
    />
  )

/** What a message would do: nobody's turn is taken and nobody is written to. */
function Teste({ path }: { readonly path: string }): JSX.Element {
  const [texto, setTexto] = useState<string>(palavras.testarPadrao)
  const [result, setResult] = useState<TesteDoCanal>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const send = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const answer = await call<TesteDoCanal>('POST', `${path}/teste`, texto.trim() === '' ? {} : { texto: texto.trim() })
    setBusy(false)
    setResult(answer.ok ? answer.dados : undefined)
    setProblem(answer.ok ? undefined : answer.detail)
  }
  return (
    <form class="pilha" onSubmit={send}>
      <p class="menor">{palavras.testarExplica}</p>
      <div class="filtro">
        <label class="campo largo">
          <span>{palavras.testarTexto}</span>
          <input value={texto} maxLength={1_000} onInput={({ currentTarget }) => setTexto(currentTarget.value)} />
        </label>
        <button type="submit" class="botao principal" disabled={busy}>
          {busy ? textos.umMomento : palavras.testar}
        </button>
      </div>
      <div role="status" class="pilha">
        {problem && <Aviso tom="perigo">{problem}</Aviso>}
        {result && <Resultado teste={result} />}
      </div>
    </form>
  )
}

const CREDENTIALS: Readonly<Record<TesteDoCanal['credenciais'], Tone>> = {
  boas: 'bom',
  recusadas: 'perigo',
  nao_verificadas: 'neutro',
}

const Resultado = ({ teste }: { readonly teste: TesteDoCanal }): JSX.Element => (
  <>
    <Aviso tom={teste.chamaria ? 'bom' : 'neutro'}>
      <strong>{teste.chamaria ? palavras.chamaria : palavras.naoChamaria}</strong>
      {teste.consultor !== null && ` · ${palavras.seria} ${teste.consultor}`}
      {teste.motivo !== null && ` · ${textos.situacoes[teste.motivo] ?? teste.motivo}`}
      {teste.texto !== '' && (
        <p>
          {palavras.responderia}: “{teste.texto}”
        </p>
      )}
    </Aviso>
    <Aviso tom={CREDENTIALS[teste.credenciais]}>
      {palavras.credenciais[teste.credenciais]}
      {teste.credenciais_motivo !== null && `: ${teste.credenciais_motivo}`}
      {teste.detalhe !== null && <p>{teste.detalhe}</p>}
    </Aviso>
  </>
)
