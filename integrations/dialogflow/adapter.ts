import { bearer, isOneOf, present } from '../../src/lib/given.js'
import { fieldOf, parseJson, toFields } from '../../src/lib/json.js'
import { toE164 } from '../../src/lib/phone.js'
import { adapter, autentico, type Evento, emJson, ignorar, type Resultado, recusado } from '../contract.js'
import { Ajustes, NOMES, Pedido } from './schema.js'

/** Fulfillment of Dialogflow ES and CX (reference 12). It repeats calls that time out: the response id makes them one. */
export const dialogflow = adapter({
  plataforma: 'dialogflow',
  nome: 'Dialogflow (ES e CX)',
  ajustes: Ajustes,
  secretos: [],
  le: () => 'dados',
  gatilhos: ['transferencia'],
  segredo: 'cabecalho',
  instrucoes: ({ url, segredo }) => [
    `Em Fulfillment (ES) ou Manage → Webhooks (CX), cole a URL: ${url}`,
    `Em Headers: x-webhook-segredo = ${segredo ?? '<segredo>'} (ou Basic, com o segredo como senha)`,
    'Ligue o webhook só na intenção ou página que transfere a um consultor',
  ],

  verificar({ cabecalhos }, { segredos }) {
    const { authorization } = cabecalhos
    const given = cabecalhos['x-webhook-segredo'] ?? bearer(authorization) ?? passwordOf(authorization)
    if (given === undefined) return recusado('sem_segredo')
    return isOneOf(given, segredos) ? autentico : recusado('segredo_errado')
  },

  receber: ({ corpo }) => [read(parseJson(corpo.toString('utf8')))],

  responder: ([resultado], [evento], { ajustes }) =>
    emJson(ajustes.versao === 'es' ? toEs(resultado, evento?.conversa) : toCx(resultado)),
})

function passwordOf(header: string | undefined): string | undefined {
  const [, encoded] = /^Basic (\S+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

/** Older samples of CX write `session_info` for `sessionInfo` (reference 12.5). A flow's own names, further in, stay as they are. */
function camel(json: unknown, depth = 2): unknown {
  if (depth === 0 || typeof json !== 'object' || json === null || Array.isArray(json)) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_whole, letter: string) => letter.toUpperCase()),
      camel(value, name === 'payload' ? 0 : depth - 1),
    ]),
  )
}

function read(json: unknown): Evento {
  const parsed = Pedido.safeParse(camel(json))
  if (!parsed.success) return ignorar('formato')
  const one = parsed.data
  const session = one.session ?? one.sessionInfo?.session
  if (session === undefined) return ignorar('formato')
  const known = [
    one.queryResult?.parameters,
    one.sessionInfo?.parameters,
    one.originalDetectIntentRequest?.payload,
    one.payload,
  ].flatMap((part) => toFields(part) ?? [])
  const field = (name: keyof typeof NOMES): string | undefined =>
    known.map((part) => fieldOf(part, NOMES[name])).find((value) => value !== undefined)
  const written = field('telefone')
  const telefone = written === undefined ? undefined : toE164(written)
  return {
    tipo: 'mensagem',
    conversa: session,
    contato: {
      ids: [session],
      ...present({ telefone, nome: field('nome'), idioma: one.queryResult?.languageCode ?? one.languageCode }),
    },
    pediu: true,
    ...present({
      mensagem_id: one.responseId ?? one.detectIntentResponseId,
      texto: one.queryResult?.queryText ?? one.text ?? one.transcript,
    }),
  }
}

/** What a flow can use afterwards, by fixed names; also when nobody is there. */
const parameters = (resultado: Resultado | undefined) => ({
  situacao: resultado?.situacao ?? '',
  protocolo: resultado?.protocolo ?? '',
  consultor: resultado?.consultor?.nome ?? '',
})

const textOf = (resultado: Resultado | undefined) => [{ text: { text: [resultado?.texto ?? ''] } }]

const toEs = (resultado: Resultado | undefined, session: string | undefined): object => ({
  fulfillmentText: resultado?.texto ?? '',
  fulfillmentMessages: textOf(resultado),
  outputContexts:
    session === undefined
      ? []
      : [{ name: `${session}/contexts/consultor-da-vez`, lifespanCount: 5, parameters: parameters(resultado) }],
})

const toCx = (resultado: Resultado | undefined): object => ({
  fulfillmentResponse: { messages: textOf(resultado), mergeBehavior: 'REPLACE' },
  sessionInfo: { parameters: parameters(resultado) },
})
