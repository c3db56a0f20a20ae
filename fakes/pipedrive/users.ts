import { z } from 'zod'
import { checked, type Endpoint, notFound, takesNone } from './request.js'
import { COMPANY, TOKEN_USER, type Usuario } from './state.js'

const FIND = z.strictObject({ term: z.string().min(1), search_by_email: z.enum(['0', '1']).optional() })

const show = (one: Usuario, me: number): object => ({
  ...one,
  activated: true,
  is_you: one.id === me,
  access: ['global', 'sales', 'account_settings'].map((app) => ({
    ...{ app, admin: one.id === TOKEN_USER, permission_set_id: '62cc4d7f-4038-4352-abf3-a8c1c822b631' },
  })),
  timezone_name: COMPANY.timezone,
  default_currency: 'BRL',
  locale: 'pt_BR',
  phone: null,
  role_id: 1,
})

/** v1: users have no v2. The list has no pages and knows those that are gone. */
export const USERS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v1\/users$/,
    tokens: 20,
    answer: ({ state, by, query }) => {
      takesNone(query)
      return { data: state.users.map((one) => show(one, by.userId)) }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/users\/me$/,
    tokens: 2,
    answer: ({ state, by }) => {
      const me = state.users.find((one) => one.id === by.userId)
      if (!me) throw notFound('User')
      const company = { company_id: COMPANY.id, company_name: 'Exemplo', company_domain: COMPANY.domain }
      return { data: { ...show(me, me.id), ...company, company_country: 'BR' } }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/users\/find$/,
    tokens: 40,
    answer: ({ state, query, by }) => {
      const { term, search_by_email } = checked(FIND, query)
      const low = term.toLowerCase()
      const hits = state.users.filter((one) =>
        search_by_email === '1' ? one.email.toLowerCase() === low : one.name.toLowerCase().includes(low),
      )
      return { data: hits.map((one) => show(one, by.userId)), additional_data: { search_method: 'search_by_name' } }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/users\/(\d+)$/,
    tokens: 2,
    answer: ({ state, id, by }) => {
      const one = state.users.find((user) => user.id === id)
      if (!one) throw notFound('User')
      return { data: show(one, by.userId) }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/activityTypes$/,
    tokens: 20,
    answer: ({ state }) => ({
      data: state.activityTypes.map((one) => ({
        ...one,
        icon_key: one.key_string,
        color: null,
        is_custom_flag: false,
      })),
    }),
  },
]
