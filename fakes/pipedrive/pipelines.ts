import { z } from 'zod'
import { checked, type Endpoint, idText, is, notFound, order, page, paging, takesNone } from './request.js'

const LIST = z.strictObject({
  ...paging,
  sort_by: z.enum(['id', 'add_time', 'update_time', 'order_nr']).optional(),
  sort_direction: order.sort_direction,
  pipeline_id: idText.optional(),
})
const PIPELINES = LIST.omit({ pipeline_id: true })

/** The few there are come in their order, whatever they shall be sorted by. */
const ordered = <T extends { order_nr: number }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => a.order_nr - b.order_nr)

function one<T extends { id: number }>(all: readonly T[], wanted: number): T {
  const found = all.find(({ id }) => id === wanted)
  if (!found) throw notFound()
  return found
}

export const SETUP: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/pipelines$/,
    tokens: 5,
    answer: ({ state, query }) => {
      const { limit, cursor } = checked(PIPELINES, query)
      return page(ordered(state.pipelines), { limit, cursor }, (pipeline) => ({ ...pipeline, is_deleted: false }))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/pipelines\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id, query }) => {
      takesNone(query)
      return { data: one(state.pipelines, id) }
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/stages$/,
    tokens: 5,
    answer: ({ state, query }) => {
      const { limit, cursor, pipeline_id } = checked(LIST, query)
      const stages = state.stages.filter((stage) => is(pipeline_id, stage.pipeline_id))
      return page(ordered(stages), { limit, cursor }, (stage) => ({ ...stage, is_deleted: false }))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/stages\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id, query }) => {
      takesNone(query)
      return { data: one(state.stages, id) }
    },
  },
]
