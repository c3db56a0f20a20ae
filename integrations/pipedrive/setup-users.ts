import { isActiveUser } from './account.js'
import type { UsuarioDoPipedrive } from './schema.js'
import { found, make, type SetupConsultor, type SetupContext, type StepResult, warning } from './setup-step.js'

/** The consultores without an active user, whose deals would have no owner, each with the user of the same e-mail address. */
export function withoutUser<C extends SetupConsultor>(
  consultores: readonly C[],
  users: readonly UsuarioDoPipedrive[],
): { readonly consultor: C; readonly sugestao: number | undefined }[] {
  const idOf = (email: string | undefined): number | undefined =>
    email === undefined
      ? undefined
      : users.find((one) => one.email?.toLowerCase() === email.toLowerCase() && isActiveUser([one], one.id))?.id
  return consultores
    .filter(({ id_pipedrive }) => id_pipedrive === undefined || !isActiveUser(users, id_pipedrive))
    .map((consultor) => ({ consultor, sugestao: idOf(consultor.email) }))
}

/** Users that several consultores have, with these: there nobody can tell them apart. */
export function sharedUsers<C extends SetupConsultor>(
  consultores: readonly C[],
): { readonly usuario: number; readonly consultores: readonly C[] }[] {
  const byUser = new Map<number, C[]>()
  for (const one of consultores) {
    const { id_pipedrive: id } = one
    if (id !== undefined) byUser.set(id, [...(byUser.get(id) ?? []), one])
  }
  return [...byUser].flatMap(([usuario, all]) => (all.length > 1 ? [{ usuario, consultores: all }] : []))
}

/** Who has no user, and which user several have. */
export async function users(deps: SetupContext, consultores: readonly SetupConsultor[]): Promise<StepResult> {
  const all = await deps.users()
  const lacking = withoutUser(consultores, all)
  const left = deps.map ? lacking.filter((one) => !isMappable(one, consultores)) : lacking
  const lines = left.map(({ consultor: { id, nome, id_pipedrive }, sugestao }) => {
    const why = id_pipedrive === undefined ? 'sem id_pipedrive' : `o usuário ${id_pipedrive} não está ativo`
    return `${nome} (${id}): ${why}${sugestao === undefined ? '' : `; pelo e-mail seria ${sugestao}`}`
  })
  const shared = sharedUsers(consultores).map(({ usuario, consultores: those }) => {
    const names = those.map(({ id, nome }) => `${nome} (${id})`).join(' e ')
    return `O usuário ${usuario} é de ${names}: o que se muda lá conta para o primeiro`
  })
  const told = [
    ...(lines.length > 0 ? [`Negócios deles ficam com o usuário do token. ${lines.join('. ')}`] : []),
    ...(left.some(({ sugestao }) => sugestao !== undefined) && !deps.map
      ? ['--mapear grava os usuários propostos']
      : []),
    ...shared,
  ]
  if (told.length > 0) return warning(told.join('. '))
  return found(`Os ${consultores.length} consultores têm um usuário ativo, cada um o seu`)
}

interface Proposal {
  readonly consultor: SetupConsultor
  readonly sugestao: number | undefined
}

/** A user is given only to who is alone with it. */
const isMappable = ({ sugestao }: Proposal, consultores: readonly SetupConsultor[]): boolean =>
  sugestao !== undefined && !consultores.some(({ id_pipedrive }) => id_pipedrive === sugestao)

/** Gives the consultores without a user the one with their e-mail address. */
export async function mapUsers(deps: SetupContext, consultores: readonly SetupConsultor[]): Promise<StepResult> {
  const { map } = deps
  const all = await deps.users()
  const proposals = withoutUser(consultores, all).filter((one) => isMappable(one, consultores))
  if (!map || proposals.length === 0) return found('Nenhum consultor sem usuário tem o e-mail de um usuário livre')
  const lines = proposals.map(({ consultor: { id, nome }, sugestao }) => {
    const user = all.find((one) => one.id === sugestao)
    return `${nome} (${id}) → usuário ${sugestao}${user?.name == null ? '' : ` (${user.name})`}`
  })
  return make(deps, lines.join('; '), async () => {
    for (const { consultor, sugestao } of proposals) if (sugestao !== undefined) await map(consultor, sugestao)
  })
}
