import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { unlessGone } from './failure.js'
import { type Atendimento, personNameOf } from './mapping.js'
import { hasMobile, isSamePhone, isWritten, searchTerms } from './phones.js'
import type { PersonHit, PessoaDoPipedrive } from './schema.js'

/** Most search hits that are read of those that do not fit by what the index shows of them: it may be old. */
const MOST_MISFITS = 10
/** Most hits that are read at all: more persons with one telephone are for people to sort out. */
const MOST_CANDIDATES = 30

export interface FoundPerson {
  readonly pessoa_id: number
  readonly duplicadas?: readonly number[]
}

/**
 * Who has this telephone there, else who has this e-mail and no other mobile; each hit is read again and compared by us
 * (docs/vendors/pipedrive.md#search). Of several the one with an open deal, else the one that was changed last. A new form of
 * the number is added to those that are there.
 */
export async function findPerson(
  pipedrive: Pipedrive,
  { contato }: Atendimento,
  pipeline: number,
): Promise<FoundPerson | undefined> {
  const candidates = await personsOf(pipedrive, contato)
  const chosen = await best(pipedrive, candidates, pipeline)
  if (!chosen) return undefined
  if (contato?.telefone !== undefined) await addForm(pipedrive, chosen, contato.telefone)
  const duplicadas = candidates.filter(({ id }) => id !== chosen.id).map(({ id }) => id)
  return { pessoa_id: chosen.id, ...(duplicadas.length > 0 && { duplicadas }) }
}

/** Who has this telephone there, else who has this e-mail. */
export async function personsOf(
  pipedrive: Pipedrive,
  { telefone, email }: NonNullable<Atendimento['contato']> = {},
): Promise<PessoaDoPipedrive[]> {
  const byPhone = telefone === undefined ? [] : await withPhone(pipedrive, telefone)
  return byPhone.length > 0 || email === undefined ? byPhone : withEmail(pipedrive, email, telefone)
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

/** How the search cuts numbers into words is not documented, so they are asked for in several ways until one finds somebody. */
async function withPhone(pipedrive: Pipedrive, telefone: string): Promise<PessoaDoPipedrive[]> {
  const read = new Set<number>()
  for (const term of searchTerms(telefone)) {
    const hits = (await pipedrive.searchPersons(term, 'phone')).filter(({ id }) => !read.has(id))
    const fits = ({ phones }: PersonHit): boolean => (phones ?? []).some((value) => isSamePhone(value, telefone))
    const promising = inOrder(hits, fits)
    for (const { id } of promising) read.add(id)
    const found = await readAll(pipedrive, promising, (person) => hasPhone(person, telefone))
    if (found.length > 0) return found
  }
  return []
}

/** An address may be a whole company's: who has another mobile than this customer's number is somebody else. */
async function withEmail(
  pipedrive: Pipedrive,
  email: string,
  telefone: string | undefined,
): Promise<PessoaDoPipedrive[]> {
  const isAnother = (numbers: readonly string[]): boolean =>
    telefone !== undefined && numbers.some((value) => hasMobile(value, telefone))
  const hits = await pipedrive.searchPersons(email, 'email')
  const promising = inOrder(hits, ({ phones }) => !isAnother(phones ?? []))
  return readAll(pipedrive, promising, (person) => hasEmail(person, email) && !isAnother(numbersOf(person)))
}

/** The person without telephone and e-mail who has this very name: the one of the lowest id. */
export async function findBare(pipedrive: Pipedrive, name: string): Promise<number | undefined> {
  const hits = inOrder(await pipedrive.searchPersons(name, 'name'), () => true)
  const isBare = (one: PessoaDoPipedrive): boolean => one.name === name && !one.phones?.length && !one.emails?.length
  const found = await readAll(pipedrive, hits, isBare)
  return found.length === 0 ? undefined : Math.min(...found.map(({ id }) => id))
}

/** Those that fit first; of the others only some. */
const inOrder = (hits: readonly PersonHit[], fits: (hit: PersonHit) => boolean): PersonHit[] =>
  [...hits.filter(fits), ...hits.filter((one) => !fits(one)).slice(0, MOST_MISFITS)].slice(0, MOST_CANDIDATES)

async function readAll(
  pipedrive: Pipedrive,
  hits: readonly PersonHit[],
  isWanted: (person: PessoaDoPipedrive) => boolean,
): Promise<PessoaDoPipedrive[]> {
  const all: PessoaDoPipedrive[] = []
  for (const { id } of hits) {
    const found = await living(pipedrive, id)
    if (found && isWanted(found)) all.push(found)
  }
  return all
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
    const isBare = name === personNameOf(one) && !phones?.length && !emails?.length
    if (isBare && isSince(add_time, since) && !(await isOf(id))) return id
  }
  return undefined
}

/** Was a record made since then? `add_time` is the API's own. */
export const isSince = (add_time: string | null | undefined, since: Date): boolean =>
  add_time != null && Date.parse(add_time) >= since.getTime()

/** @param owner who shall have it; absent: the token's user */
export function newPerson(one: Atendimento, owner?: number) {
  const { telefone, email } = one.contato ?? {}
  return {
    name: personNameOf(one),
    ...omitUndefined({
      owner_id: owner,
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
  const changed = ({ update_time }: PessoaDoPipedrive): number => Date.parse(update_time ?? '') || 0
  const latest = [...candidates].sort((a, b) => changed(b) - changed(a))
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
