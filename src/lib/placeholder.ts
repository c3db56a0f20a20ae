import { normalized } from './unicode.js'

/**
 * What stands in a field of a flow's request when its author pasted a variable that was never filled in, or chose a field's name
 * for its value: the same text for every customer (docs/vendors/chat.md#variables-that-were-not-filled-in).
 */

/** A variable as some flow builder writes it, wherever it stands in a text. */
const VARIABLE = /\{\{.*?\}\}|\[\[.*?\]\]|[$@#%]\{.*?\}|\{%.*?%\}|<%.*?%>|\*\|.*?\|\*/gs

/** A text that is one variable, or one expression. */
const WHOLE = [
  /^\{[a-z_][\w .:-]*\}$/i,
  /^\[[a-z_][\w .]*\]$/i,
  /^%[a-z_][\w .-]*%$/i,
  /^<[^<>@]+>$/,
  /^=\s*(?:\$|\{\{)/,
  /^\$(?:[a-z_]\w{0,30})?(?:[.([].*)?$/is,
  /^#[a-z][\w-]*\.\w+$/i,
  /^@(?:sys|user|event|workflow|conversation|session|contact|bot)\.[\w.]+$/i,
  /^cuf_\d+$/i,
]

/** A GUID in braces is an id. */
const GUID = /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i

/** What a program writes where there was no value. */
const NOTHING: ReadonlySet<string> = new Set([
  'undefined',
  'null',
  'nan',
  'none',
  'nil',
  'n/a',
  '[object object]',
  '{}',
  '[]',
  '-',
])

/** An id of nobody: a prefix or a domain around no value. */
const NOBODY = /^(?:[a-z]+:|\+)?(?:undefined|null|\[object object\])(?:@.*)?$/i

/** Names of fields, as the flow builders list them. */
const LABELS: ReadonlySet<string> = new Set(
  `id uuid key contactid userid subscriberid customerid clientid leadid chatid sessionid resultid conversationid messageid
  eventid externalid whatsappid waid pageid iddocontato idcontato contatoid iddocliente clienteid idcliente
  instagramid facebookid messengerid telegramid psid igid igsid yourid seuid iddecontacto iddelcontacto iddelcliente
  idusuario usuarioid idconversa conversaid iddaconversa idmensagem jid remotejid identity contactidentity
  name fullname firstname lastname firstnamelastname username pagename contactname pushname nome nomecompleto primeironome
  sobrenome nomedocontato nomedocliente nombre nombrecompleto
  phone phonenumber whatsappphone whatsapp mobile celular telefone telefono fone numero
  email correo correoelectronico locale language languagecode idioma timezone lastinput lasttextinput lastinputtext lastinteraction`.split(
    /\s+/,
  ),
)

/** A longer text is looked at only so far: what a customer wrote may be long. */
const MAX_LENGTH = 300

/** Is this text nothing but variables that were not filled in? */
export function isPlaceholder(text: string): boolean {
  const value = text.slice(0, MAX_LENGTH).trim()
  if (GUID.test(value)) return false
  const words = value.toLowerCase().split(/\s+/)
  if (NOTHING.has(value.toLowerCase()) || words.every((one) => NOTHING.has(one))) return true
  if (WHOLE.some((form) => form.test(value))) return true
  const left = value.replace(VARIABLE, '')
  return left !== value && !/[\p{L}\p{N}]/u.test(left)
}

/** Is this no id, name, phone or language: a variable stands somewhere in it, or it is the name of a field? */
export function isUnfilled(text: string): boolean {
  const value = text.slice(0, MAX_LENGTH).trim()
  if (
    isPlaceholder(value) ||
    value === '0' ||
    NOBODY.test(value) ||
    value.startsWith('=') ||
    value.replace(VARIABLE, '') !== value
  )
    return true
  const label = normalized(value, 'NFD').replace(/[^\p{L}\p{N}]/gu, '')
  return LABELS.has(label.toLowerCase())
}
