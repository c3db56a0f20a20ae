import { type ComponentChildren, createContext, type JSX } from 'preact'
import { useCallback, useContext, useEffect, useState } from 'preact/hooks'
import type { Answer } from '../api.js'
import { textos } from '../textos.js'
import { Icone } from './icone.js'

/** How long it is said, and can be undone, in milliseconds. */
const SHOWN_MS = 10_000

type Undo = () => Promise<Answer<unknown>>
type Say = (text: string, undo?: Undo) => void

const Context = createContext<Say>(() => undefined)

/** Says what was done, with the way back where there is one. */
export const useFeito = (): Say => useContext(Context)

/** Shows at the foot of the page what was done last. */
export function ComFeito({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [done, setDone] = useState<{ readonly text: string; readonly undo?: Undo }>()
  const say = useCallback<Say>((text, undo) => setDone({ text, ...(undo && { undo }) }), [])
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [done])
  const takeBack = async (undo: Undo) => {
    const answer = await undo()
    setDone({ text: answer.ok ? textos.desfeito : answer.detail })
  }
  const undo = done?.undo
  return (
    <Context.Provider value={say}>
      {children}
      <div role="status">
        {done && (
          <div class="feito">
            <span>{done.text}</span>
            <span class="botoes">
              {undo && (
                <button type="button" class="botao" onClick={() => takeBack(undo)}>
                  {textos.desfazer}
                </button>
              )}
              <button type="button" class="botao redondo" aria-label={textos.fechar} onClick={() => setDone(undefined)}>
                <Icone nome="fechar" />
              </button>
            </span>
          </div>
        )}
      </div>
    </Context.Provider>
  )
}
