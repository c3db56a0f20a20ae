import { WebhooksApi } from 'pipedrive/v1'
import type { WebhookCalls } from '../api.js'
import { Ganchos, Removido, UmGancho } from '../schema.js'
import type { Wire } from './wire.js'

/** Costs in tokens: the list 10, making one 10, deleting one 6. */
export function webhookCalls({ v1, call }: Wire): WebhookCalls {
  const webhooks = new WebhooksApi(v1)
  return {
    webhooks: async () => (await call(Ganchos, () => webhooks.getWebhooks())).data ?? [],
    addWebhook: async (webhook) => {
      // Accounts made before March 2025 send version 1 unless version 2 is asked for.
      const AddWebhookRequest = { ...webhook, version: '2.0' as const }
      return (await call(UmGancho, () => webhooks.addWebhook({ AddWebhookRequest }))).data.id
    },
    deleteWebhook: async (id) => {
      await call(Removido, () => webhooks.deleteWebhook({ id }))
    },
  }
}
