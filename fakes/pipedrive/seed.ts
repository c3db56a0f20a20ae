import type { AsPerson } from './as-person.js'
import type { Pessoa } from './state.js'

/** One number as three people would type it: with, without and with the ninth digit. */
export const SAME_PHONE = ['+55 11 98765-4321', '551187654321', '(11) 98765-4321']

/** What an account may hold before anybody calls. */
export interface Seed {
  /** Persons with one phone in different formats; `count` of them (2 or 3). */
  samePhone(count?: number): Pessoa[]
  /** Deals of a person each, named and numbered. */
  deals(count: number): void
}

export function seeding(person: AsPerson): Seed {
  return {
    samePhone: (count = 2) =>
      SAME_PHONE.slice(0, count).map((phone, place) => person.addPerson({ name: `Cliente ${place + 1}`, phone })),
    deals: (count) => {
      for (let place = 1; place <= count; place += 1) {
        const { id } = person.addPerson({ name: `Cliente ${place}`, phone: `+55 11 9${80_000_000 + place}` })
        person.addDeal({ title: `Negócio ${place}`, person_id: id })
      }
    },
  }
}
