import { isSame } from './named.js'
import type { EtapaDoPipedrive, FunilDoPipedrive } from './schema.js'

/** A stage and its pipeline. */
export interface Place {
  readonly etapa: EtapaDoPipedrive
  readonly funil: FunilDoPipedrive | undefined
}

/** Where new deals shall begin, as people said it. */
export interface WantedPlace {
  /** Id or name of a pipeline; absent: the first one. */
  readonly funil?: number | string
  /** Id or name of a stage, or `pipeline/stage`; absent: the first one of the pipeline. */
  readonly etapa?: number | string
  /** Which of the two was said for fewer customers: where they contradict each other it counts. Absent: both together. */
  readonly primeiro?: 'funil' | 'etapa'
  /** A chat account says so, not the environment. */
  readonly daConta?: boolean
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

/** Where pipelines and stages are read. */
export interface StageLists {
  pipelines(): Promise<readonly FunilDoPipedrive[]>
  stages(): Promise<readonly EtapaDoPipedrive[]>
}

const NOWHERE: FoundStage = { lugar: undefined, vaga: undefined, alhures: [], iguais: 0 }

const byOrder = <T extends { readonly order_nr?: number | null | undefined }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.order_nr ?? 0) - (b.order_nr ?? 0))

/**
 * Where new deals begin: the stage of this id, `pipeline/stage`, the stage of this name in the pipeline, or the first stage of
 * the pipeline. A name that only another pipeline has is no answer: deals of ours are looked for in one pipeline.
 */
export async function findStage(
  lists: StageLists,
  { funil: wantedFunil, etapa: wanted, primeiro }: WantedPlace,
): Promise<FoundStage> {
  const pipelines = byOrder(await lists.pipelines())
  const stages = byOrder(await lists.stages())
  const placeOf = (etapa: EtapaDoPipedrive): Place => ({
    etapa,
    funil: pipelines.find(({ id }) => id === etapa.pipeline_id),
  })
  const chosen = wantedFunil === undefined ? undefined : pipelines.find((one) => isIt(one, wantedFunil))
  if (wantedFunil !== undefined && !chosen && primeiro !== 'etapa') return NOWHERE
  const inFirst = chosen && stages.find(({ pipeline_id }) => pipeline_id === chosen.id)
  /** The stage was said for more customers than this pipeline, which does not have it. */
  const elsewhere: FoundStage =
    primeiro === 'funil' && inFirst ? { ...NOWHERE, lugar: placeOf(inFirst), iguais: 1 } : NOWHERE
  const isElsewhere = (pipeline: number): boolean =>
    chosen !== undefined && primeiro !== 'etapa' && pipeline !== chosen.id
  if (typeof wanted === 'number') {
    const etapa = stages.find(({ id }) => id === wanted)
    return !etapa || isElsewhere(etapa.pipeline_id) ? elsewhere : { ...NOWHERE, lugar: placeOf(etapa), iguais: 1 }
  }
  const named = wanted === undefined ? undefined : namedIn(pipelines, wanted)
  if (named && isElsewhere(named.funil.id)) return elsewhere
  const funil = named?.funil ?? chosen ?? pipelines[0]
  const nome = named ? named.nome : wanted
  const inIt = stages.filter(({ pipeline_id }) => pipeline_id === funil?.id)
  const found = nome === undefined ? inIt : inIt.filter(({ name }) => isSame(name, nome))
  if (!found[0] && elsewhere.lugar) return elsewhere
  const namesakes = nome === undefined || named || chosen ? [] : stages.filter(({ name }) => isSame(name, nome))
  return {
    lugar: found[0] && placeOf(found[0]),
    vaga: funil && nome !== undefined && !found[0] ? { funil, nome } : undefined,
    alhures: namesakes.filter((one) => !inIt.includes(one)).map(placeOf),
    iguais: nome === undefined ? 1 : found.length,
  }
}

const isIt = ({ id, name }: FunilDoPipedrive, wanted: number | string): boolean =>
  typeof wanted === 'number' ? id === wanted : isSame(name, wanted)

/** The pipeline and the stage's name of `pipeline/stage`; `undefined` for a text without a known pipeline before a slash. */
function namedIn(
  pipelines: readonly FunilDoPipedrive[],
  wanted: string,
): { readonly funil: FunilDoPipedrive; readonly nome: string } | undefined {
  for (const funil of pipelines) {
    const { length } = funil.name?.trim() ?? ''
    const nome = wanted.slice(length).trimStart()
    if (length > 0 && isSame(funil.name, wanted.slice(0, length)) && nome.startsWith('/'))
      return { funil, nome: nome.slice(1).trim() }
  }
  return undefined
}
