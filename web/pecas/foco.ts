import { useEffect } from 'preact/hooks'

/**
 * Keeps the focus on this page. Where the element that has it goes away, as the button of a person who moves to another list does,
 * the one of the same name gets it, else the content.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: HTMLElement | undefined
    const onFocus = ({ target }: FocusEvent) => {
      last = target instanceof HTMLElement ? target : undefined
    }
    // Whoever points somewhere else has left it.
    const onPointer = () => {
      last = undefined
    }
    const look = () => {
      if (!last || last.isConnected || document.activeElement !== document.body) return
      const name = last.getAttribute('aria-label')
      last = undefined
      const same = name && document.querySelector<HTMLElement>(`[aria-label="${CSS.escape(name)}"]`)
      const next = same || document.getElementById('conteudo')
      next?.focus({ preventScroll: true })
    }
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true })
    document.addEventListener('focusin', onFocus)
    document.addEventListener('pointerdown', onPointer)
    return () => {
      observer.disconnect()
      document.removeEventListener('focusin', onFocus)
      document.removeEventListener('pointerdown', onPointer)
    }
  }, [])
}
