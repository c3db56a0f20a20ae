import { PersonsApi } from 'pipedrive/v2'
import { omitUndefined } from '../../../src/lib/omit.js'
import type { ContactWay, PersonCalls } from '../api.js'
import { idsOf, Pessoas, SearchHits, UmaPessoa } from '../schema.js'
import { toSeconds, type Wire } from './wire.js'

const copies = (ways: readonly ContactWay[]) => ways.map((one) => ({ ...one }))

/** Costs in tokens: a search 20, a list 10, making or changing 5, reading 1. */
export function personCalls({ v2, searching, call, pages }: Wire): PersonCalls {
  const [persons, search] = [new PersonsApi(v2), new PersonsApi(searching)]
  return {
    searchPersons: async (term, fields) =>
      idsOf(await call(SearchHits, () => search.searchPersons({ term, fields, limit: 100 }), { isSearch: true })),
    person: async (id) => (await call(UmaPessoa, () => persons.getPerson({ id }))).data,
    personsSince: (since) => pages(Pessoas, (page) => persons.getPersons({ updated_since: toSeconds(since), ...page })),
    addPerson: async ({ phones, emails, ...rest }, mark) => {
      const ways = omitUndefined({ phones: phones && copies(phones), emails: emails && copies(emails) })
      const AddPersonRequest = { ...rest, ...ways }
      return (await call(UmaPessoa, () => persons.addPerson({ AddPersonRequest }), { mark })).data.id
    },
    setPhones: async (id, phones) => {
      const UpdatePersonRequest = { phones: copies(phones) }
      await call(UmaPessoa, () => persons.updatePerson({ id, UpdatePersonRequest }))
    },
  }
}
