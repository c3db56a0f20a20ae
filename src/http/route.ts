import type { z } from 'zod'
import type { DeepReadonly } from '../lib/deep-readonly.js'

export const ESCOPOS = ['admin', 'chat', 'leitura'] as const
export type Escopo = (typeof ESCOPOS)[number]

/** Whoever calls: an API key by its id, never the key itself. */
export interface Caller {
  readonly id: string
  readonly escopos: readonly Escopo[]
  /** The session by which a page calls; absent: an API key does. */
  readonly sessao?: string
  /** Whose page it is, of a consultor's session. */
  readonly consultor_id?: number
}

type Shape = z.ZodObject | undefined
type Body = z.ZodType | undefined
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

interface Client {
  /** Absent on an open route only. */
  readonly caller: Caller
  /** From where it calls. */
  readonly address: string
  /** False once the client has gone. */
  readonly isAlive: () => boolean
}

export interface Input<P extends Shape, Q extends Shape, H extends Shape, B extends Body> extends Client {
  readonly params: Parsed<P>
  readonly query: Parsed<Q>
  readonly headers: Parsed<H>
  readonly body: Parsed<B>
}

/** Each part of a request, not yet typed: what it holds is said by the route's schemas. */
export type Parts = Readonly<Record<'params' | 'query' | 'headers' | 'body', unknown>>

export interface Answer<R extends z.ZodType> {
  readonly body: DeepReadonly<z.input<R>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Another answer than success. */
export interface Failure {
  /** When it comes. */
  readonly says: string
  /** Its body, where that has more than `detail`. */
  readonly returns?: z.ZodType
  /** Its headers: name → what it says. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A way to show who calls, by its name in the document. */
export type Credential = 'api-key' | 'metrics-token'

/** A body that works as it stands. */
export interface Example {
  readonly summary: string
  readonly value: unknown
}

/** One endpoint: the same record mounts it, validates what comes in and goes out, and documents it. */
export interface Route<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  H extends Shape = Shape,
  B extends Body = Body,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** With `:name` for a parameter. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** Who may call besides `admin`; `aberto` asks for no key. */
  readonly scopes: readonly Exclude<Escopo, 'admin'>[] | 'aberto'
  /** Of an open route that looks for itself: what it takes. */
  readonly credentials?: readonly Credential[]
  readonly params?: P
  readonly query?: Q
  readonly headers?: H
  readonly body?: B
  /** A request may come without a body. */
  readonly bodyOptional?: boolean
  /** Fields of the body that GET shows and nobody changes: left out, and named in `X-Ignorado`. */
  readonly fixed?: readonly string[]
  /** Parameters and fields that it does not know are no problem: `X-Ignorado` names them. */
  readonly ignoresUnknown?: boolean
  /** Bodies that work, each by its name; the pages show the first one. */
  readonly examples?: Readonly<Record<string, Example>>
  readonly returns: R
  /**
   * Content type of an answer that is sent piece by piece: the handler gives an iterable of its text. What fails before the first
   * piece is an error like any other; after it the connection ends.
   */
  readonly streams?: string
  /** Response headers worth documenting: name → what it says. */
  readonly returnsHeaders?: Readonly<Record<string, string>>
  /** Other answers worth documenting: status → when. The general ones (401, 403, 422, 503 …) need no mention. */
  readonly fails?: Readonly<Record<number, string | Failure>>
  /** It reads much: few of these are answered at once; `long`: for minutes, and only one of this kind. */
  readonly lists?: boolean | 'long'
  /** A GET with an effect: not for HEAD, and never cached. */
  readonly takes?: boolean
  // A method, so that a record of particular schemas is one of any schemas too.
  handler(input: Input<P, Q, H, B>): Promise<Answer<R>>
}

/** Checks a handler against the types of its own schemas; the result fits in a list with all other routes. */
export function route<P extends Shape, Q extends Shape, H extends Shape, B extends Body, R extends z.ZodType>(
  record: Route<P, Q, H, B, R>,
): AnyRoute {
  return record
}

/** A route whose types were checked where it was written; at run time its schemas parse what it is given. */
export type AnyRoute = Omit<Route, 'handler'> & {
  handler(input: Parts & Client): Promise<{ body: unknown; headers?: Readonly<Record<string, string>> }>
}
