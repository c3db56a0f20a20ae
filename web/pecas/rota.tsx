import { useEffect, useState } from 'preact/hooks'

/** The address of this page without what stands before the path. */
const here = () => location.pathname + location.search
const MOVED = 'vez-rota'

/** Goes to another screen as a link would, without loading the page again. */
export function goTo(path: string): void {
  history.pushState(undefined, '', path)
  dispatchEvent(new Event(MOVED))
}

/** Whether the browser should be left to follow this link: another tab, another site, a file. */
function isOrdinary(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  return !plain || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin
}

/**
 * The path and query that choose the screen. Links between screens are ordinary ones; a plain click on one changes the screen
 * here, so that the stream goes on.
 */
export function useRota(below: string): URL {
  const [path, setPath] = useState(here)
  useEffect(() => {
    const follow = () => setPath(here())
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (event.defaultPrevented || !link || isOrdinary(event, link)) return
      if (link.pathname !== below && !link.pathname.startsWith(`${below}/`)) return
      event.preventDefault()
      goTo(link.pathname + link.search)
      scrollTo(0, 0)
    }
    addEventListener('popstate', follow)
    addEventListener(MOVED, follow)
    document.addEventListener('click', onClick)
    return () => {
      removeEventListener('popstate', follow)
      removeEventListener(MOVED, follow)
      document.removeEventListener('click', onClick)
    }
  }, [below])
  return new URL(path, location.origin)
}
