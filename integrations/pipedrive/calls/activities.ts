import { ActivitiesApi } from 'pipedrive/v2'
import type { ActivityCalls } from '../api.js'
import { Atividades, UmaAtividade } from '../schema.js'
import { byChange, toSeconds, type Wire } from './wire.js'

/** Costs in tokens: a list 10, making or changing 5, reading 1. */
export function activityCalls({ v2, call, pages }: Wire): ActivityCalls {
  const activities = new ActivitiesApi(v2)
  return {
    activitiesOf: (deal_id) => pages(Atividades, (page) => activities.getActivities({ deal_id, ...page })),
    activitiesSince: (since) =>
      pages(Atividades, (page) => activities.getActivities({ updated_since: toSeconds(since), ...byChange, ...page })),
    activity: async (id) => (await call(UmaAtividade, () => activities.getActivity({ id }))).data,
    updateActivity: async (id, change) =>
      (await call(UmaAtividade, () => activities.updateActivity({ id, AddActivityRequest: { ...change } }))).data,
    addActivity: async ({ person_id, ...rest }, mark) => {
      const participants = person_id === undefined ? {} : { participants: [{ person_id, primary: true }] }
      const AddActivityRequest = { ...rest, ...participants }
      return (await call(UmaAtividade, () => activities.addActivity({ AddActivityRequest }), { mark })).data.id
    },
  }
}
