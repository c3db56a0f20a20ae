import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Espera } from '../contrato.js'
import { Etiqueta, Ordem, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Confirmar } from '../pecas/dialogo.js'
import { useFeito } from '../pecas/feito.js'
import { type Column, Tabela } from '../pecas/tabela.js'
import { Duracao, Hora } from '../pecas/tempo.js'
import { languageName } from '../tempo.js'
import { painel, textos } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.espera
type Esperando = Espera['itens'][number]

const nameOf = ({ cliente, telefone }: Esperando): string => cliente ?? telefone ?? textos.semNome

/** The customers whom nobody could serve yet, in the order in which they are served. */
export function TelaEspera({ vez, podeMudar }: ScreenProps): JSX.Element {
  const lido = useLoaded<Espera>('/painel/api/espera', vez.marca)
  const [leaving, setLeaving] = useState<Esperando>()
  const say = useFeito()
  const remove = async (one: Esperando, motivo: string) => {
    const answer = await call('POST', `/painel/api/espera/${encodeURIComponent(one.id)}/tirar`, { motivo })
    if (answer.ok) {
      say(palavras.tirado(nameOf(one)))
      lido.recarregar()
    }
    return answer
  }
  const columns: readonly Column<Esperando>[] = [
    { titulo: palavras.posicao, classe: 'justo', celula: ({ posicao }) => <Ordem lugar={posicao} /> },
    {
      titulo: palavras.cliente,
      celula: (one) => (
        <>
          <span class="nome">{nameOf(one)}</span>
          {one.cliente !== null && one.telefone !== null && (
            <>
              <br />
              <small class="telefone">{one.telefone}</small>
            </>
          )}
        </>
      ),
    },
    {
      titulo: palavras.idioma,
      celula: ({ idioma, equipe }) => (
        <>
          {languageName(idioma)} {equipe !== null && <Etiqueta>{equipe}</Etiqueta>}
        </>
      ),
    },
    { titulo: palavras.canal, celula: ({ canal }) => canal ?? '—' },
    { titulo: palavras.desde, classe: 'justo', celula: ({ desde }) => <Duracao desde={desde} /> },
    { titulo: palavras.ate, classe: 'justo', celula: ({ ate }) => <Hora em={ate} /> },
    { titulo: palavras.porque, celula: ({ frase }) => <small>{frase ?? '—'}</small> },
    ...(podeMudar
      ? [
          {
            titulo: '',
            classe: 'direita',
            celula: (one) => (
              <button type="button" class="botao" onClick={() => setLeaving(one)}>
                {palavras.tirar}
                <span class="so-leitor"> {nameOf(one)}</span>
              </button>
            ),
          } satisfies Column<Esperando>,
        ]
      : []),
  ]
  return (
    <>
      <Titulo titulo={palavras.titulo} nota={palavras.nota} />
      <Lido de={lido}>
        {({ itens, total }) => (
          <div class="cartao">
            {itens.length === 0 ? (
              <Vazio titulo={palavras.ninguem} icone="espera">
                {palavras.ninguemExplica}
              </Vazio>
            ) : (
              <Tabela legenda={palavras.titulo} linhas={itens} chave={({ id }) => id} colunas={columns} />
            )}
            {total > itens.length && <p class="rodape-do-cartao menor">{palavras.mais(total - itens.length)}</p>}
          </div>
        )}
      </Lido>
      {leaving && (
        <Confirmar
          titulo={palavras.tirarTitulo(nameOf(leaving))}
          explica={palavras.tirarExplica}
          acao={palavras.tirarAcao}
          perigoso
          motivo={{ exigido: true, sugestoes: palavras.motivos }}
          fazer={(motivo) => remove(leaving, motivo)}
          aoFechar={() => setLeaving(undefined)}
        />
      )}
    </>
  )
}
