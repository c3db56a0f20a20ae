import type { Account, Actor } from './account.js'
import { addDeal, changeDeal } from './deals.js'
import { changeLead, convertLead, livingLead } from './leads.js'
import type { Limits } from './limits.js'
import { mergeDeals, mergePersons } from './merges.js'
import { living } from './request.js'
import { type Atividade, type Negocio, PAGE_USER, type Pessoa } from './state.js'

/**
 * What people do in the service's own pages: heard with `change_source: 'app'`. Each throws for a record that is not
 * there. `by` is the user who does it (default: Ana, 11).
 */
export interface AsPerson {
  finishActivity(id: number, by?: number): void
  reopenActivity(id: number, by?: number): void
  moveActivity(id: number, ownerId: number, by?: number): void
  deleteActivity(id: number, by?: number): void
  changeOwner(dealId: number, ownerId: number, by?: number): void
  giveDealTo(dealId: number, personId: number, by?: number): void
  moveStage(dealId: number, stageId: number, by?: number): void
  setField(dealId: number, code: string, value: unknown, by?: number): void
  close(dealId: number, status: 'won' | 'lost', reason?: string, by?: number): void
  reopen(dealId: number, by?: number): void
  archive(dealId: number, by?: number): void
  unarchive(dealId: number, by?: number): void
  delete(dealId: number, by?: number): void
  changePersonOwner(personId: number, ownerId: number, by?: number): void
  deletePerson(personId: number, by?: number): void
  /** The second stays. */
  mergePersons(from: number, into: number, by?: number): void
  mergeDeals(from: number, into: number, by?: number): void
  deactivate(userId: number, by?: number): void
  activate(userId: number, by?: number): void
  deleteUser(userId: number, by?: number): void
  /** Turns a lead into a deal; answers its id. */
  convertLead(uuid: string, by?: number): number
  changeLeadOwner(uuid: string, ownerId: number, by?: number): void
  archiveLead(uuid: string, isArchived?: boolean, by?: number): void
  deleteLead(uuid: string, by?: number): void
  /** Its key is refused from now on. */
  deleteField(code: string): void
  addDeal(deal: { title: string; owner_id?: number; person_id?: number; stage_id?: number }, by?: number): Negocio
  addPerson(person: { name: string; phone?: string; email?: string; owner_id?: number }, by?: number): Pessoa
}

export function asPerson(account: Account, limits: Limits): AsPerson {
  const { state } = account
  const actor = (userId = PAGE_USER): Actor => ({ userId, source: 'app' })
  const deal = (id: number): Negocio => living(state.deals, id)
  const activity = (id: number, change: Partial<Atividade>, by?: number): void =>
    account.change('activities', living(state.activities, id), change, actor(by))
  const contact = (value: string | undefined) => (value === undefined ? [] : [{ value, label: 'work', primary: true }])
  return {
    finishActivity: (id, by) => activity(id, { done: true, marked_as_done_time: account.time }, by),
    reopenActivity: (id, by) => activity(id, { done: false, marked_as_done_time: null }, by),
    moveActivity: (id, owner_id, by) => activity(id, { owner_id }, by),
    deleteActivity: (id, by) => account.remove('activities', living(state.activities, id), actor(by)),
    changeOwner: (id, owner_id, by) => void changeDeal(account, id, { owner_id }, actor(by)),
    giveDealTo: (id, person_id, by) => void changeDeal(account, id, { person_id }, actor(by)),
    moveStage: (id, stage_id, by) => void changeDeal(account, id, { stage_id }, actor(by)),
    setField: (id, code, value, by) => void changeDeal(account, id, { custom_fields: { [code]: value } }, actor(by)),
    close: (id, status, lost_reason, by) => {
      const reason = status === 'lost' && lost_reason !== undefined ? { lost_reason } : {}
      changeDeal(account, id, { status, ...reason }, actor(by))
    },
    reopen: (id, by) => void changeDeal(account, id, { status: 'open' }, actor(by)),
    archive: (id, by) => void changeDeal(account, id, { is_archived: true }, actor(by)),
    unarchive: (id, by) => account.change('deals', deal(id), { is_archived: false }, actor(by)),
    delete: (id, by) => account.remove('deals', deal(id), actor(by)),
    changePersonOwner: (id, owner_id, by) =>
      account.change('persons', living(state.persons, id), { owner_id }, actor(by)),
    deletePerson: (id, by) => account.remove('persons', living(state.persons, id), actor(by)),
    mergePersons: (from, into, by) => void mergePersons(account, from, into, actor(by)),
    mergeDeals: (from, into, by) => void mergeDeals(account, from, into, actor(by)),
    deactivate: (id, by) => account.changeUser(id, { active_flag: false }, actor(by)),
    activate: (id, by) => account.changeUser(id, { active_flag: true }, actor(by)),
    deleteUser: (id, by) => account.changeUser(id, { active_flag: false, is_deleted: true }, actor(by)),
    convertLead: (uuid, by) => convertLead(account, limits, uuid, {}, actor(by)),
    changeLeadOwner: (uuid, owner_id, by) => void changeLead(account, uuid, { owner_id }, actor(by)),
    archiveLead: (uuid, is_archived = true, by) => void changeLead(account, uuid, { is_archived }, actor(by)),
    deleteLead: (uuid, by) => account.remove('leads', livingLead(account.state, uuid), actor(by)),
    deleteField: (code) => {
      state.fields = state.fields.filter((one) => one.field_code !== code)
      state.personFields = state.personFields.filter((one) => one.field_code !== code)
    },
    addDeal: (sent, by) => {
      const made = addDeal(account, limits, sent, actor(by))
      account.settle()
      return made
    },
    addPerson: ({ name, phone, email, owner_id }, by) =>
      account.create(
        'persons',
        {
          ...{ name, owner_id: owner_id ?? by ?? PAGE_USER, org_id: null, visible_to: 3, label_ids: [] },
          ...{ phones: contact(phone), emails: contact(email), marketing_status: 'no_consent', custom_fields: {} },
        },
        actor(by),
      ),
  }
}
