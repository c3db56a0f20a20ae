import type { ComponentChildren, JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, call } from '../api.js'
import { followLive, type Link, type Live } from '../live.js'
import { clockOf, setServerTime } from '../tempo.js'
import { textos } from '../textos.js'
import { Aviso, Carregando } from './basicas.js'

const REFRESH_MS = 10_000

/** The snapshots of a stream, as they come; each also tells what the time is there. */
export function useLive<T extends { readonly agora: number }>(base: string, event: string, poll: string): Live<T> {
  const [live, setLive] = useState<Live<T>>({ dados: undefined, link: { estado: 'ligando' } })
  useEffect(() => {
    let last: T | undefined
    return followLive<T>({ stream: `${base}/ao-vivo`, poll: `${base}/${poll}`, event }, (next) => {
      if (next.dados && next.dados !== last) setServerTime(next.dados.agora)
      last = next.dados
      setLive(next)
    })
  }, [base, event, poll])
  return live
}

export interface Loaded<T> {
  readonly dados: T | undefined
  /** Why the last attempt failed, in words. */
  readonly problema: string | undefined
  /** It is not there, or not any more. */
  readonly falta: boolean
  readonly recarregar: () => void
  readonly trocar: (dados: T) => void
}

/**
 * What a GET gives: asked again whenever `versao` changes and every 10 s while the page is seen. What was read before stays when
 * an attempt fails; `undefined` as the path: nothing is asked.
 */
export function useLoaded<T>(path: string | undefined, versao?: unknown): Loaded<T> {
  const [dados, setDados] = useState<T>()
  const [failure, setFailure] = useState<{ readonly detail: string; readonly status: number }>()
  const newest = useRef(0)
  const load = useCallback(async () => {
    if (path === undefined) return
    const own = ++newest.current
    const answer: Answer<T> = await call<T>('GET', path)
    // An answer that was overtaken by a later question is old.
    if (own !== newest.current) return
    if (answer.ok) setDados(answer.dados)
    setFailure(answer.ok ? undefined : answer)
  }, [path])
  const trocar = useCallback((given: T) => {
    newest.current++
    setDados(given)
  }, [])
  useEffect(() => {
    setDados(undefined)
    setFailure(undefined)
  }, [path])
  // Another version is a reason to ask again.
  useEffect(() => {
    void load()
    const timer = setInterval(() => document.hidden || void load(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [load, versao])
  return { dados, problema: failure?.detail, falta: failure?.status === 404, recarregar: () => void load(), trocar }
}

interface LidoProps<T> {
  readonly de: Loaded<T>
  readonly children: (dados: T) => ComponentChildren
}

/** What was read, or that it is under way, or in words that it could not be read. */
export function Lido<T>({ de: { dados, problema, recarregar }, children }: LidoProps<T>): JSX.Element {
  return (
    <>
      {problema !== undefined && (
        <Aviso tom="perigo" fala>
          <p>
            {textos.erros.naoLido} {problema}
          </p>
          <button type="button" class="botao leve" onClick={recarregar}>
            {textos.tentarDeNovo}
          </button>
        </Aviso>
      )}
      {dados !== undefined ? children(dados) : problema === undefined && <Carregando />}
    </>
  )
}

/** Whether what is seen is so now; read aloud when the link is lost. */
export function Ligacao({ link }: { readonly link: Link }): JSX.Element {
  const text = link.estado === 'parado' ? textos.ligacao.parado(clockOf(link.desde)) : textos.ligacao[link.estado]
  return <p class={`ligacao ${link.estado}`}>{text}</p>
}

/** The same in full, over what may be old. It stands there always, so that what appears in it is read aloud. */
export const AvisoDeLigacao = ({ link }: { readonly link: Link }): JSX.Element => (
  <div role="status" class="aviso-de-ligacao">
    {link.estado === 'parado' && <Aviso tom="perigo">{textos.ligacao.paradoExplica(clockOf(link.desde))}</Aviso>}
  </div>
)
