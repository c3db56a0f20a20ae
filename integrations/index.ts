import { blip } from './blip/adapter.js'
import { botpress } from './botpress/adapter.js'
import { chatwoot } from './chatwoot/adapter.js'
import type { AnyAdapter } from './contract.js'
import { dialogflow } from './dialogflow/adapter.js'
import { evolution } from './evolution/adapter.js'
import { generico } from './generico/adapter.js'
import { manychat } from './manychat/adapter.js'
import { rocketchat } from './rocketchat/adapter.js'
import { telegram } from './telegram/adapter.js'
import { twilio } from './twilio/adapter.js'
import { typebot } from './typebot/adapter.js'
import { waha } from './waha/adapter.js'
import { whatsappCloud } from './whatsapp-cloud/adapter.js'
import { zapi } from './zapi/adapter.js'

/** Every platform that we speak with, in the order in which they are shown. */
export const ADAPTERS: readonly AnyAdapter[] = [
  generico,
  evolution,
  chatwoot,
  whatsappCloud,
  zapi,
  waha,
  typebot,
  twilio,
  telegram,
  manychat,
  blip,
  dialogflow,
  botpress,
  rocketchat,
]

const byName = new Map(ADAPTERS.map((one) => [one.plataforma, one]))

export const findAdapter = (plataforma: string): AnyAdapter | undefined => byName.get(plataforma)
