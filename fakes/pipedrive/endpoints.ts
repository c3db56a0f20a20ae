import { ACCOUNT_WRITES } from './account-writes.js'
import { ACTIVITIES } from './activities.js'
import { DEAL_READS } from './deal-reads.js'
import { DEAL_WRITES } from './deals.js'
import { FIELDS } from './fields.js'
import { LEADS } from './leads.js'
import { GONE, MERGES } from './merges.js'
import { NOTES } from './notes.js'
import { ORGANIZATIONS } from './organizations.js'
import { PERSONS } from './persons.js'
import { SETUP } from './pipelines.js'
import type { Endpoint } from './request.js'
import { USERS } from './users.js'
import { WEBHOOKS } from './webhooks.js'

/** All that the account answers; the first that fits does. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...PERSONS,
  ...DEAL_READS,
  ...DEAL_WRITES,
  ...ACTIVITIES,
  ...FIELDS,
  ...LEADS,
  ...ORGANIZATIONS,
  ...SETUP,
  ...ACCOUNT_WRITES,
  ...USERS,
  ...NOTES,
  ...WEBHOOKS,
  ...MERGES,
  ...GONE,
]
