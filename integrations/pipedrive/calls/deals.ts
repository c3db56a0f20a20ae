import { NotesApi } from 'pipedrive/v1'
import { DealsApi, ItemSearchApi } from 'pipedrive/v2'
import { omitUndefined } from '../../../src/lib/omit.js'
import type { DealCalls, NewDeal } from '../api.js'
import { FieldSearchHits, idsOf, Negocios, Notas, UmaNota, UmNegocio } from '../schema.js'
import { byChange, toSeconds, type Wire } from './wire.js'

const copyOf = <D extends Partial<NewDeal>>({ label_ids, ...rest }: D) => ({
  ...rest,
  ...omitUndefined({ label_ids: label_ids && [...label_ids] }),
})

/**
 * Deals, and the notes on them. Costs in tokens: a search 20, a list 10 (notes 20), making or changing 5 (a note 10),
 * reading 1.
 */
export function dealCalls({ v1, v2, searching, call, pages }: Wire): DealCalls {
  const [deals, search, notes] = [new DealsApi(v2), new ItemSearchApi(searching), new NotesApi(v1)]
  return {
    openDeals: async (person_id, pipeline_id) => {
      const order = { sort_by: 'update_time', sort_direction: 'desc' } as const
      return (await call(Negocios, () => deals.getDeals({ person_id, pipeline_id, status: 'open', ...order }))).data
    },
    dealsSince: (since, filter = {}) =>
      pages(Negocios, (page) => deals.getDeals({ updated_since: toSeconds(since), ...byChange, ...filter, ...page })),
    deal: async (id) => (await call(UmNegocio, () => deals.getDeal({ id }))).data,
    dealsByField: async (field, term) => {
      const wanted = { term, entity_type: 'deal', field, match: 'exact' } as const
      return idsOf(await call(FieldSearchHits, () => search.searchItemByField(wanted), { isSearch: true }))
    },
    addDeal: async (deal, mark) =>
      (await call(UmNegocio, () => deals.addDeal({ AddDealRequest: copyOf(deal) }), { mark })).data.id,
    updateDeal: async (id, change) =>
      (await call(UmNegocio, () => deals.updateDeal({ id, UpdateDealRequest: copyOf(change) }))).data,
    notesOf: async (deal_id) => (await call(Notas, () => notes.getNotes({ deal_id, limit: 500 }))).data ?? [],
    addNote: async (deal_id, content, mark) =>
      (await call(UmaNota, () => notes.addNote({ AddNoteRequest: { content, deal_id } }), { mark })).data.id,
  }
}
