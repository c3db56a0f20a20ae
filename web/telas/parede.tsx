import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Fila, Pessoa, SessaoDoPainel, Vez } from '../contrato.js'
import { Aviso, Carregando, Vazio } from '../pecas/basicas.js'
import { AvisoDeLigacao, Ligacao, useLive } from '../pecas/dados.js'
import { byUrgency } from '../pecas/fila.js'
import { Icone, Marca } from '../pecas/icone.js'
import { Duracao, useNow } from '../pecas/tempo.js'
import { clockOf, languageName } from '../tempo.js'
import { foraEmPalavras, painel, textos } from '../textos.js'

const palavras = painel.parede
/** Who stands behind the next one and is seen, per line. */
const AFTER = 3
/** Lines of people who are out that are seen. */
const MAX_OUT = 12

function useDark(): void {
  useEffect(() => {
    document.title = painel.nome
    document.documentElement.dataset.tela = 'parede'
    return () => {
      delete document.documentElement.dataset.tela
    }
  }, [])
}

/** The list on the wall: large, dark, nothing to press. */
export function Parede(): JSX.Element {
  useDark()
  const { dados: vez, link } = useLive<Vez>('/painel/api', 'vez', 'vez')
  if (!vez)
    return (
      <main class="parede">
        <AvisoDeLigacao link={link} />
        <Carregando />
      </main>
    )
  const people = new Map(vez.pessoas.map((one) => [one.id, one]))
  return (
    <main class={`parede ${link.estado}`}>
      <header>
        <h1>{painel.vez.titulo}</h1>
        <Ligacao link={link} />
        <Relogio />
      </header>
      <AvisoDeLigacao link={link} />
      <div class="vivo-so quadro">
        {vez.filas.length === 0 ? (
          <Vazio titulo={palavras.nenhuma} icone="equipe" />
        ) : (
          [...vez.filas]
            .sort(byUrgency)
            .map((fila) => <FilaNaParede key={`${fila.idioma} ${fila.equipe ?? ''}`} fila={fila} people={people} />)
        )}
      </div>
      <ForaNaParede pessoas={vez.pessoas} />
    </main>
  )
}

const Relogio = (): JSX.Element => <span class="relogio">{clockOf(useNow())}</span>

interface FilaProps {
  readonly fila: Fila
  readonly people: ReadonlyMap<number, Pessoa>
}

function FilaNaParede({ fila, people }: FilaProps): JSX.Element {
  const { idioma, equipe, ordem, esperando, espera_desde } = fila
  const [next, ...rest] = ordem.flatMap((id) => people.get(id) ?? [])
  const language = languageName(idioma)
  return (
    <section class={next ? 'na-parede' : 'na-parede ninguem'}>
      <h2>
        {language}
        {equipe !== undefined && ` · ${equipe}`}
      </h2>
      {esperando > 0 && (
        <p class="esperam">
          <Icone nome="espera" />
          <span>
            {palavras.esperam(esperando)}
            {espera_desde !== undefined && (
              <>
                {` ${palavras.ha} `}
                <Duracao desde={espera_desde} />
              </>
            )}
          </span>
        </p>
      )}
      {next ? (
        <p class="agora">
          <span class="so-leitor">{palavras.vezDe} </span>
          {next.nome}
        </p>
      ) : (
        <p class="agora">
          <Icone nome="alerta" />
          <span>{painel.vez.ninguem(language)}</span>
        </p>
      )}
      <ol start={2}>
        {rest.slice(0, AFTER).map(({ id, nome }, place) => (
          <li key={id}>
            <span>{place + 2}º</span>
            <b>{nome}</b>
          </li>
        ))}
      </ol>
      {rest.length > AFTER && <p class="resto">{painel.vez.mais(rest.length - AFTER)}</p>}
    </section>
  )
}

function ForaNaParede({ pessoas }: { readonly pessoas: readonly Pessoa[] }): JSX.Element | null {
  const out = pessoas.flatMap(({ id, nome, fora }) => (fora?.[0] ? [{ id, nome, fora: fora[0] }] : []))
  if (out.length === 0) return null
  return (
    <section class="fora-na-parede vivo-so">
      <h2>{palavras.fora}</h2>
      <ul>
        {out.slice(0, MAX_OUT).map(({ id, nome, fora }) => (
          <li key={id}>
            {nome} <small>{foraEmPalavras[fora]}</small>
          </li>
        ))}
        {out.length > MAX_OUT && <li>{painel.vez.mais(out.length - MAX_OUT)}</li>}
      </ul>
    </section>
  )
}

/** What a wall's link opens: the token is spent by the button only, so that a preview of the link spends nothing. */
export function AbrirParede({ aoEntrar }: { readonly aoEntrar: (sessao: SessaoDoPainel) => void }): JSX.Element {
  useDark()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const open = async () => {
    if (busy) return
    setBusy(true)
    const answer = await call<SessaoDoPainel>('POST', '/painel/api/parede/entrar', { token: location.hash.slice(3) })
    setBusy(false)
    if (!answer.ok) return setProblem(answer.detail)
    // The token must not stay in the address of a screen that everybody sees.
    history.replaceState(undefined, '', '/painel?tela=parede')
    aoEntrar(answer.dados)
  }
  return (
    <main class="entrada">
      <div class="cartao">
        <p class="marca">
          <Marca />
          {painel.nome}
        </p>
        <h1>{palavras.titulo}</h1>
        <p>{palavras.abrirExplica}</p>
        {problem && (
          <Aviso tom="perigo" fala>
            {problem}
          </Aviso>
        )}
        <button type="button" class="botao principal" disabled={busy} onClick={open}>
          {busy ? textos.umMomento : palavras.abrir}
        </button>
      </div>
    </main>
  )
}
