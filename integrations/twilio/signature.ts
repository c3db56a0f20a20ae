import { createHash } from 'node:crypto'
import { hmac, sameBytes, sameText } from '../../src/lib/signature.js'

/** The forms of an address that Twilio may have signed: with or without the standard port, a quote as it is or escaped. */
function addresses(url: string): string[] {
  const [, scheme = '', user = '', host = '', port = '', rest = ''] =
    /^(https?):\/\/([^/@]*@)?(\[[^\]]+\]|[^/:?#]+)(:\d+)?(.*)$/i.exec(url) ?? []
  const standard = scheme.toLowerCase() === 'https' ? ':443' : ':80'
  const forms = [url, `${scheme}://${user}${host}${rest}`, `${scheme}://${user}${host}${port || standard}${rest}`]
  return [...new Set(forms.flatMap((form) => [form, form.replaceAll("'", '%27'), form.replaceAll('%27', "'")]))]
}

/** The form's fields as they are signed: sorted by name, each followed by its distinct values, sorted. */
function sorted(form: URLSearchParams): string {
  // In one pass: looking each name up would take quadratic time, before anything is believed.
  const byName = new Map<string, Set<string>>()
  for (const [name, value] of form) byName.set(name, (byName.get(name) ?? new Set()).add(value))
  return [...byName]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, values]) =>
      [...values]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('')
}

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1 over the public URL and the form's fields. A JSON body is not part of it: the URL
 * carries its SHA-256 (docs/vendors/chat.md#twilio-signature).
 */
export function isTwilioSignature(given: string, token: string, url: string, type: string, body: Buffer): boolean {
  const isForm = type.includes('application/x-www-form-urlencoded')
  const hash = new URL(url).searchParams.get('bodySHA256')
  if (!isForm && !sameText(hash ?? undefined, createHash('sha256').update(body).digest('hex'))) return false
  const fields = isForm ? sorted(new URLSearchParams(body.toString('utf8'))) : ''
  const signature = Buffer.from(given, 'base64')
  return addresses(url)
    .map((address) => sameBytes(signature, hmac('sha1', token, address + fields)))
    .includes(true)
}
