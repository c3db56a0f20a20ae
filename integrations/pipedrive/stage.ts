import type { Pipedrive } from './client.js'
import { isSame } from './named.js'
import type { EtapaDoPipedrive, FunilDoPipedrive } from './schema.js'

/** A stage and its pipeline. */
export interface Place {
  readonly etapa: EtapaDoPipedrive
  readonly funil: FunilDoPipedrive | undefined
}

export interface FoundStage {
  /** Where new deals begin. */
  readonly lugar: Place | undefined
  /** Where the stage may be made under this name, when there is none. */
  readonly vaga: { readonly funil: FunilDoPipedrive; readonly nome: string } | undefined
  /** Stages of that name in other pipelines, where none was named. */
  readonly alhures: readonly Place[]
  /** How many of that name the pipeline has. */
  readonly iguais: number
}

const byOrder = <T extends { readonly order_nr?: number | null | undefined }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.order_nr ?? 0) - (b.order_nr ?? 0))

/**
 * Where new deals begin: the stage of this id, `pipeline/stage`, the stage of this name in the first pipeline, or the first
 * stage of the first pipeline. A name that only another pipeline has is no answer: deals of ours are looked for in one pipeline.
 */
export async function findStage(
  pipedrive: Pick<Pipedrive, 'pipelines' | 'stages'>,
  wanted: number | string | undefined,
): Promise<FoundStage> {
  const pipelines = byOrder(await pipedrive.pipelines())
  const stages = byOrder(await pipedrive.stages())
  const placeOf = (etapa: EtapaDoPipedrive): Place => ({
    etapa,
    funil: pipelines.find(({ id }) => id === etapa.pipeline_id),
  })
  if (typeof wanted === 'number') {
    const etapa = stages.find(({ id }) => id === wanted)
    return { lugar: etapa && placeOf(etapa), vaga: undefined, alhures: [], iguais: etapa ? 1 : 0 }
  }
  const meant = meantBy(pipelines, wanted)
  const nome = meant?.nome
  const inIt = stages.filter(({ pipeline_id }) => pipeline_id === meant?.funil.id)
  const found = nome === undefined ? inIt : inIt.filter(({ name }) => isSame(name, nome))
  const namesakes = nome === undefined || meant?.isNamed ? [] : stages.filter(({ name }) => isSame(name, nome))
  return {
    lugar: found[0] && placeOf(found[0]),
    vaga: meant && nome !== undefined && !found[0] ? { funil: meant.funil, nome } : undefined,
    alhures: namesakes.filter((one) => !inIt.includes(one)).map(placeOf),
    iguais: nome === undefined ? 1 : found.length,
  }
}

/** The pipeline and the stage's name; of a text without a known pipeline before a slash, the first pipeline and the whole text. */
function meantBy(
  pipelines: readonly FunilDoPipedrive[],
  wanted: string | undefined,
): { readonly funil: FunilDoPipedrive; readonly nome: string | undefined; readonly isNamed: boolean } | undefined {
  const [first] = pipelines
  for (const funil of wanted === undefined ? [] : pipelines) {
    const { length } = funil.name?.trim() ?? ''
    const nome = wanted?.slice(length).trimStart()
    if (length > 0 && isSame(funil.name, wanted?.slice(0, length) ?? '') && nome?.startsWith('/'))
      return { funil, nome: nome.slice(1).trim(), isNamed: true }
  }
  return first && { funil: first, nome: wanted, isNamed: false }
}
