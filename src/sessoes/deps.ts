import { z } from 'zod'
import type { Authenticate } from '../http/auth.js'
import type { Caller } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import type { Vez } from '../vez/document.js'
import type { Acessos } from './acesso.js'
import type { Attempts } from './attempts.js'
import type { Cookie, Pagina } from './cookie.js'
import type { Guardada } from './model.js'
import type { Sessao as SessaoDaApi } from './schema.js'
import type { Sessoes } from './sessoes.js'

/** What the calls of sign-in work with. */
export interface SessionDeps {
  readonly sessoes: Sessoes
  readonly acessos: Acessos
  readonly cookies: Readonly<Record<Pagina, Cookie>>
  readonly attempts: Readonly<Record<'key' | 'link' | 'code', Attempts>>
  readonly authenticate: Authenticate
  /** What a key is called. */
  readonly descriptionOf: (chave_id: string) => Promise<string>
  readonly clock: Clock
  readonly readVez: () => Promise<Vez>
  /**
   * Where people open the pages.
   *
   * @param origin of the page that asks, which is one of ours
   */
  readonly addressOfPages: (origin: string | undefined) => string
  /** Writes to a telephone by a chat account; throws an AppError that says what is wrong. */
  readonly textPhone: (slug: string, telefone: string, text: string) => Promise<void>
}

/** What a browser tells of itself. */
export const Agent = z.object({ 'user-agent': z.string().optional(), origin: z.string().optional() })

/** Sessions as people see them; links and codes are none. */
export async function toList(
  { readVez }: Pick<SessionDeps, 'readVez'>,
  found: readonly Guardada[],
  caller: Caller,
): Promise<SessaoDaApi[]> {
  const { consultores } = await readVez()
  return found.flatMap(({ _id: id, tipo, consultor_id, nome, aparelho, criada_em, visto_em, vence_em }) => {
    if (tipo === 'link' || tipo === 'codigo') return []
    const who = consultor_id === undefined ? nome : consultores.get(consultor_id)?.nome
    return {
      id,
      tipo,
      nome: who ?? '',
      consultor_id: consultor_id ?? null,
      aparelho: aparelho ?? null,
      criada_em: criada_em.toISOString(),
      visto_em: visto_em?.toISOString() ?? null,
      ate: vence_em.toISOString(),
      esta: id === caller.sessao,
    }
  })
}
