import type { JSX } from 'preact'
import { call } from '../api.js'
import type { Sessao } from '../contrato.js'
import { Etiqueta, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { useFeito } from '../pecas/feito.js'
import { type Column, Tabela } from '../pecas/tabela.js'
import { Hora, Tempo } from '../pecas/tempo.js'
import { painel, textos } from '../textos.js'

const palavras = painel.equipe

interface SessoesProps {
  readonly versao: string
  readonly podeMudar: boolean
}

/** The sessions that are open, of managers, walls and consultores; each can be ended. */
export function Sessoes({ versao, podeMudar }: SessoesProps): JSX.Element {
  const lido = useLoaded<readonly Sessao[]>('/painel/api/sessoes', versao)
  const say = useFeito()
  const end = async ({ id, esta }: Sessao) => {
    const answer = await call('DELETE', `/painel/api/sessoes/${encodeURIComponent(id)}`)
    say(answer.ok ? palavras.encerrada : answer.detail)
    // The next thing that this page asks says that its own session is over.
    if (answer.ok && esta) location.reload()
    else lido.recarregar()
  }
  const columns: readonly Column<Sessao>[] = [
    {
      titulo: palavras.nome,
      celula: ({ nome, esta }) => (
        <>
          <span class="nome">{nome}</span> {esta && <Etiqueta tom="bom">{palavras.esta}</Etiqueta>}
        </>
      ),
    },
    { titulo: palavras.onde, classe: 'justo', celula: ({ tipo }) => palavras.tipo[tipo] },
    { titulo: palavras.aparelho, celula: ({ aparelho }) => <small>{aparelho ?? '—'}</small> },
    {
      titulo: palavras.vistoEm,
      classe: 'justo',
      celula: ({ visto_em }) => (visto_em === null ? palavras.naoAberta : <Tempo em={visto_em} />),
    },
    { titulo: palavras.valeAte, classe: 'justo', celula: ({ ate }) => <Hora em={ate} /> },
    ...(podeMudar
      ? [
          {
            titulo: '',
            classe: 'direita',
            celula: (sessao: Sessao) => (
              <button type="button" class="botao" onClick={() => end(sessao)}>
                {palavras.encerrarUma}
                <span class="so-leitor"> {sessao.nome}</span>
              </button>
            ),
          } satisfies Column<Sessao>,
        ]
      : []),
  ]
  return (
    <Lido de={lido}>
      {(sessoes) =>
        sessoes.length === 0 ? (
          <Vazio titulo={palavras.semSessoes} />
        ) : (
          <Tabela legenda={palavras.sessoes} linhas={sessoes} chave={({ id }) => id} colunas={columns} />
        )
      }
    </Lido>
  )
}

/** Ends each session of the key by which this one was opened, this one too. */
export function SairDeTodos(): JSX.Element {
  const say = useFeito()
  const leave = async () => {
    const answer = await call('POST', '/painel/api/sair-de-todos', {})
    if (answer.ok) location.reload()
    else say(answer.detail)
  }
  return (
    <button type="button" class="botao leve" onClick={leave}>
      {textos.sairDeTodos}
    </button>
  )
}
