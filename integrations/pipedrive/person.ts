import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { unlessGone } from './failure.js'
import { type Atendimento, isSamePhone, isWritten, nameOf, searchTerm } from './mapping.js'
import type { PessoaDoPipedrive } from './schema.js'

/** Most search hits that are read: more persons with one telephone are for people to sort out. */
const MOST_CANDIDATES = 10

export interface FoundPerson {
  readonly pessoa_id: number
  readonly duplicadas?: readonly number[]
}

/**
 * Who has this telephone there, else who has this e-mail: one search each, by the number's last eight digits, and each hit
 * read again and compared by us (docs/vendors/pipedrive.md#search). Of several the one with an open deal, else the one
 * that was changed last. A new form of the number is added to those that are there.
 */
export async function findPerson(
  pipedrive: Pipedrive,
  { contato }: Atendimento,
  pipeline: number,
): Promise<FoundPerson | undefined> {
  const { telefone, email } = contato ?? {}
  const candidates =
    (telefone === undefined ? undefined : await search(pipedrive, 'phone', searchTerm(telefone), telefone)) ??
    (email === undefined ? undefined : await search(pipedrive, 'email', email, email)) ??
    []
  const chosen = await best(pipedrive, candidates, pipeline)
  if (!chosen) return undefined
  if (telefone !== undefined) await addForm(pipedrive, chosen, telefone)
  const duplicadas = candidates.filter(({ id }) => id !== chosen.id).map(({ id }) => id)
  return { pessoa_id: chosen.id, ...(duplicadas.length > 0 && { duplicadas }) }
}

/** The person of this id, if there still is one; a new form of the number is added. */
export async function earlierPerson(
  pipedrive: Pipedrive,
  { contato }: Atendimento,
  id: number | undefined,
): Promise<FoundPerson | undefined> {
  const found = id === undefined ? undefined : await living(pipedrive, id)
  if (!found) return undefined
  if (contato?.telefone !== undefined) await addForm(pipedrive, found, contato.telefone)
  return { pessoa_id: found.id }
}

/** Reads a person; `undefined` when deleted, though it can still be read for a while. */
async function living(pipedrive: Pipedrive, id: number): Promise<PessoaDoPipedrive | undefined> {
  const read = await pipedrive.person(id).catch(unlessGone)
  return read?.is_deleted ? undefined : read
}

/** The persons who have exactly this telephone or e-mail; `undefined` when there is none. */
async function search(
  pipedrive: Pipedrive,
  field: 'phone' | 'email',
  term: string,
  wanted: string,
): Promise<PessoaDoPipedrive[] | undefined> {
  const has = field === 'phone' ? hasPhone : hasEmail
  const candidates: PessoaDoPipedrive[] = []
  for (const id of (await pipedrive.searchPersons(term, field)).slice(0, MOST_CANDIDATES)) {
    const found = await living(pipedrive, id)
    if (found && has(found, wanted)) candidates.push(found)
  }
  return candidates.length > 0 ? candidates : undefined
}

/**
 * Finds the person that an attempt of unknown outcome may have made. Uses the list, which is ahead of the search index.
 *
 * @param isOf whether another customer of ours became this person
 */
export async function madeSince(
  pipedrive: Pipedrive,
  one: Atendimento,
  since: Date,
  isOf: (person: number) => Promise<boolean>,
): Promise<number | undefined> {
  const { telefone, email } = one.contato ?? {}
  const living = (await pipedrive.personsSince(since)).filter(({ is_deleted }) => !is_deleted)
  if (telefone !== undefined) return living.find((person) => hasPhone(person, telefone))?.id
  if (email !== undefined) return living.find((person) => hasEmail(person, email))?.id
  // Many people share a name: the person must be as new as the attempt, and belong to no other customer of ours.
  for (const { id, name, phones, emails, add_time } of living) {
    const isBare = name === nameOf(one) && !phones?.length && !emails?.length
    if (isBare && isSince(add_time, since) && !(await isOf(id))) return id
  }
  return undefined
}

/** Was a record made since then? `add_time` is the API's own. */
export const isSince = (add_time: string | null | undefined, since: Date): boolean =>
  add_time != null && Date.parse(add_time) >= since.getTime()

export function newPerson(one: Atendimento) {
  const { telefone, email } = one.contato ?? {}
  return {
    name: nameOf(one),
    ...omitUndefined({
      phones: telefone === undefined ? undefined : [{ value: telefone, primary: true }],
      emails: email === undefined ? undefined : [{ value: email, primary: true }],
    }),
  }
}

const numbersOf = ({ phones }: PessoaDoPipedrive): string[] =>
  (phones ?? []).flatMap(({ value }) => (value == null || value === '' ? [] : [value]))

const hasPhone = (person: PessoaDoPipedrive, telefone: string): boolean =>
  numbersOf(person).some((value) => isSamePhone(value, telefone))

const hasEmail = (person: PessoaDoPipedrive, email: string): boolean =>
  (person.emails ?? []).some(({ value }) => value?.trim().toLowerCase() === email.toLowerCase())

async function best(
  pipedrive: Pipedrive,
  candidates: readonly PessoaDoPipedrive[],
  pipeline: number,
): Promise<PessoaDoPipedrive | undefined> {
  const latest = [...candidates].sort((a, b) => ((a.update_time ?? '') < (b.update_time ?? '') ? 1 : -1))
  if (latest.length < 2) return latest[0]
  for (const one of latest) if ((await pipedrive.openDeals(one.id, pipeline)).length > 0) return one
  return latest[0]
}

/**
 * Adds a form of the number. A change of the list replaces it, so all that is there goes back with it
 * (docs/vendors/pipedrive.md#lists-are-replaced).
 */
async function addForm(pipedrive: Pipedrive, person: PessoaDoPipedrive, telefone: string): Promise<void> {
  if (numbersOf(person).some((value) => isWritten(value, telefone))) return
  const kept = (person.phones ?? []).flatMap(({ value, label, primary }) =>
    value == null ? [] : [{ value, ...omitUndefined({ label: label ?? undefined, primary: primary ?? undefined }) }],
  )
  await pipedrive.setPhones(person.id, [...kept, { value: telefone, label: 'whatsapp', primary: false }])
}
