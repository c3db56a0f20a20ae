import type { VezService } from '../vez/service.js'

/** Which consultor has each user of Pipedrive; of two with one user the first. */
export async function consultoresByUser(vez: VezService): Promise<ReadonlyMap<number, number>> {
  const { consultores } = vez.latest() ?? (await vez.readFresh())
  return new Map(
    [...consultores]
      .reverse()
      .flatMap(([id, { id_pipedrive }]) => (id_pipedrive === undefined ? [] : [[id_pipedrive, id]])),
  )
}

/** The user of Pipedrive whom this consultor has; `undefined` when nobody is named, he is unknown, or has none. */
export async function userOf(vez: VezService, consultor: number | null | undefined): Promise<number | undefined> {
  if (consultor == null) return undefined
  const { consultores } = vez.latest() ?? (await vez.readFresh())
  return consultores.get(consultor)?.id_pipedrive
}
