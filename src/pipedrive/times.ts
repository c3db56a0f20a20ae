/**
 * Was this record changed before that instant, by Pipedrive's clock? Times come with fractions of a second or without
 * (docs/vendors/pipedrive.md#times-and-dates): one without may be any instant of its second. `false` where either is not known.
 */
export function isBefore(changed: string | null | undefined, known: string | undefined): boolean {
  if (changed == null || known === undefined) return false
  const end = /\.\d/.test(changed) ? 0 : 999
  return Date.parse(changed) + end < Date.parse(known)
}
