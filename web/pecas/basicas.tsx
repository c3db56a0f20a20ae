import type { ComponentChildren, JSX } from 'preact'
import { textos } from '../textos.js'
import { Icone, type IconName } from './icone.js'

export type Tone = 'bom' | 'atencao' | 'perigo' | 'neutro'

interface WithChildren {
  readonly children: ComponentChildren
}

/** A state: an icon, a word and a colour, so that none of them says it alone. */
export const Estado = ({
  icone,
  tom,
  children,
}: WithChildren & { readonly icone: IconName; readonly tom: Tone }): JSX.Element => (
  <span class={`estado ${tom}`}>
    <Icone nome={icone} />
    {children}
  </span>
)

export const Etiqueta = ({ tom = 'neutro', children }: WithChildren & { readonly tom?: Tone }): JSX.Element => (
  <span class={`etiqueta ${tom}`}>{children}</span>
)

const ICON_OF: Readonly<Record<Tone, IconName>> = {
  bom: 'feito',
  atencao: 'alerta',
  perigo: 'alerta',
  neutro: 'relogio',
}

/** Something to know, in place. `fala`: it is read aloud when it appears. */
export const Aviso = ({
  tom,
  fala,
  children,
}: WithChildren & { readonly tom: Tone; readonly fala?: boolean }): JSX.Element => (
  <div class={`aviso ${tom}`} role={fala ? 'alert' : undefined}>
    <Icone nome={ICON_OF[tom]} />
    <div>{children}</div>
  </div>
)

/** What stands where a list has nothing. */
export const Vazio = ({
  titulo,
  icone = 'vazio',
  children,
}: {
  readonly titulo: string
  readonly icone?: IconName
  readonly children?: ComponentChildren
}): JSX.Element => (
  <div class="vazio">
    <Icone nome={icone} />
    <strong>{titulo}</strong>
    {children && <p>{children}</p>}
  </div>
)

interface NumeroProps {
  readonly rotulo: string
  readonly valor: ComponentChildren
  readonly nota?: ComponentChildren
  readonly tom?: Tone
}

export const Numeros = ({ children }: WithChildren): JSX.Element => <dl class="numeros">{children}</dl>

export const Numero = ({ rotulo, valor, nota, tom = 'neutro' }: NumeroProps): JSX.Element => (
  <div class={`numero ${tom}`}>
    <dt>{rotulo}</dt>
    <dd>{valor}</dd>
    {nota && <dd>{nota}</dd>}
  </div>
)

interface CartaoProps extends WithChildren {
  readonly titulo: ComponentChildren
  readonly lado?: ComponentChildren
  /** Its content has a padding of its own, as a table has. */
  readonly cheio?: boolean
  readonly classe?: string
}

export const Cartao = ({ titulo, lado, cheio, classe = '', children }: CartaoProps): JSX.Element => (
  <section class={`cartao ${classe}`}>
    <header>
      <h2>{titulo}</h2>
      {lado}
    </header>
    {cheio ? children : <div class="corpo">{children}</div>}
  </section>
)

/** The title of a screen, with what can be done on it. */
export const Titulo = ({
  titulo,
  nota,
  children,
}: {
  readonly titulo: string
  readonly nota?: ComponentChildren
  readonly children?: ComponentChildren
}): JSX.Element => (
  <header>
    <div>
      <h1>{titulo}</h1>
      {nota && <p>{nota}</p>}
    </div>
    {children && <div class="botoes">{children}</div>}
  </header>
)

export const Carregando = (): JSX.Element => <Vazio titulo={textos.carregando} icone="relogio" />

interface BarraProps {
  readonly valor: number
  readonly maximo: number
  /** Marked by a line. */
  readonly media?: number
  /** What is drawn, in words. */
  readonly rotulo: string
}

/** One bar, drawn across the width that it is given. */
export function Barra({ valor, maximo, media, rotulo }: BarraProps): JSX.Element {
  const part = (of: number) => (maximo > 0 ? `${Math.min(100, (of / maximo) * 100)}%` : '0')
  return (
    <svg class="barra" role="img" aria-label={rotulo}>
      <rect class="fundo" width="100%" height="100%" rx="4" />
      <rect class="valor" width={part(valor)} height="100%" rx="4" />
      {media !== undefined && <line class="media" x1={part(media)} x2={part(media)} y1="0" y2="100%" />}
    </svg>
  )
}

/** As `1º`. */
export const Ordem = ({ lugar }: { readonly lugar: number }): JSX.Element => (
  <span class={lugar === 1 ? 'ordem primeiro' : 'ordem'}>{lugar}º</span>
)

/** Two or three letters of a name stand for a picture; its full name stands beside it. */
export function Iniciais({ nome }: { readonly nome: string }): JSX.Element {
  const words = nome.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return (
    <span class="iniciais" aria-hidden="true">
      {letters.join('').toUpperCase()}
    </span>
  )
}

/** The status of a protocol. */
export const EtiquetaDeStatus = ({ status }: { readonly status: string }): JSX.Element => (
  <Etiqueta tom={status === 'aberto' ? 'atencao' : status === 'em_andamento' ? 'bom' : 'neutro'}>
    {textos.status[status] ?? status}
  </Etiqueta>
)
