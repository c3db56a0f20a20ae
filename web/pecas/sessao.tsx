import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, whenSessionEnds } from '../api.js'
import { textos } from '../textos.js'
import { Aviso } from './basicas.js'

/** Who is signed in at this page: nobody without `dados`, with `acabou` nobody any more, with `problema` it cannot be known. */
export interface Sessao<S> {
  readonly dados?: S
  readonly acabou?: boolean
  readonly problema?: string
}

/** The session of this browser, by the path that tells it; `undefined` while it is asked for. */
export function useSessao<S>(path: string) {
  const [sessao, setSessao] = useState<Sessao<S>>()
  const carregar = async () => {
    setSessao(undefined)
    const answer = await call<S>('GET', path)
    setSessao(answer.ok ? { dados: answer.dados } : answer.status === 401 ? {} : { problema: answer.detail })
  }
  // Once, when the page opens.
  useEffect(() => {
    void carregar()
    return whenSessionEnds(() => setSessao((known) => (known?.dados ? { acabou: true } : known)))
  }, [])
  return {
    sessao,
    carregar,
    entrar: (dados: S) => setSessao({ dados }),
    sair: () => setSessao({}),
  }
}

interface AvisoDeEntradaProps {
  readonly acabou: boolean | undefined
  readonly problema: string | undefined
}

/** Why somebody is to sign in once more: what was wrong with the last try, else that his session has ended. */
export function AvisoDeEntrada({ acabou, problema }: AvisoDeEntradaProps): JSX.Element | null {
  const said = problema || (acabou && textos.erros.sessaoEncerrada)
  return said ? (
    <Aviso tom={problema ? 'perigo' : 'atencao'} fala>
      {said}
    </Aviso>
  ) : null
}
