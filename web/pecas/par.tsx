import type { ComponentChildren, JSX } from 'preact'

/** A name and its value in a `<dl class="pares">`. */
export const Par = ({
  nome,
  children,
}: {
  readonly nome: string
  readonly children: ComponentChildren
}): JSX.Element => (
  <>
    <dt>{nome}</dt>
    <dd>{children}</dd>
  </>
)

/** Where something opens elsewhere; the service says only addresses that begin with https. */
export const LinkFora = ({
  href,
  children,
}: {
  readonly href: string
  readonly children: ComponentChildren
}): JSX.Element => (
  <a class="botao" href={href} target="_blank" rel="noopener noreferrer">
    {children}
  </a>
)
