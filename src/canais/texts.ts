import { fill, type Valores } from '../lib/template.js'

/** What a customer, a person at the platform or a consultor is told, by name. */
export const NOMES_DE_TEXTO = [
  'atribuido',
  'em_espera',
  'em_atendimento',
  'responsavel_ausente',
  'indisponivel',
  'fora_do_horario',
  'em_espera_fora_do_horario',
  'expirada',
  'expirada_fora_do_horario',
  'nota',
  'consultor',
  'online',
  'offline',
  'pausa',
  'pausa_sem_fim',
  'fila',
  'fora_da_fila',
  'ajuda',
] as const
export type NomeDeTexto = (typeof NOMES_DE_TEXTO)[number]

export const IDIOMAS_DE_TEXTO = ['pt', 'es', 'en'] as const
type IdiomaDeTexto = (typeof IDIOMAS_DE_TEXTO)[number]

const PADRAO: Readonly<Record<IdiomaDeTexto, Readonly<Record<NomeDeTexto, string>>>> = {
  pt: {
    atribuido: 'Pronto! {consultor} vai atender você. Seu protocolo é {protocolo}.',
    em_espera:
      'No momento todos estão ocupados. Você é o número {posicao} da fila e será avisado assim que alguém puder atender.',
    em_atendimento: 'Você já está com {consultor}. Seu protocolo é {protocolo}.',
    responsavel_ausente:
      '{consultor} está ausente no momento e vai responder assim que voltar. Seu protocolo é {protocolo}.',
    indisponivel: 'No momento não há ninguém para atender. Por favor, tente mais tarde.',
    fora_do_horario: 'Estamos fora do horário de atendimento: abrimos {abre}. Por favor, escreva de novo nessa hora.',
    em_espera_fora_do_horario:
      'Estamos fora do horário de atendimento: abrimos {abre}. Você é o número {posicao} da fila e será avisado assim que alguém puder atender.',
    expirada: 'Desculpe, ninguém pôde atender você a tempo. Por favor, escreva de novo mais tarde.',
    expirada_fora_do_horario:
      'Desculpe, ninguém pôde atender você a tempo. Abrimos {abre}: por favor, escreva de novo nessa hora.',
    nota: 'Protocolo {protocolo}: a vez é de {consultor}.',
    consultor: 'É a sua vez, {primeiro_nome}: {cliente} espera por você. Protocolo {protocolo}.',
    online: '{primeiro_nome}, você está online e entra na vez.',
    offline: '{primeiro_nome}, você está offline e não recebe novos clientes.',
    pausa: '{primeiro_nome}, você está em pausa até {ate}. Para voltar antes, escreva online.',
    pausa_sem_fim: '{primeiro_nome}, você está em pausa. Para voltar, escreva online.',
    fila: '{primeiro_nome}, você é o número {posicao} da vez.',
    fora_da_fila: '{primeiro_nome}, você está fora da vez.',
    ajuda: 'Escreva online, offline, pausa (ou pausa 30, em minutos) ou fila.',
  },
  es: {
    atribuido: '¡Listo! {consultor} va a atenderte. Tu número de protocolo es {protocolo}.',
    em_espera:
      'En este momento todos están ocupados. Eres el número {posicao} de la fila y te avisaremos cuando alguien pueda atenderte.',
    em_atendimento: 'Ya te atiende {consultor}. Tu número de protocolo es {protocolo}.',
    responsavel_ausente:
      'En este momento {consultor} no está y te responderá en cuanto vuelva. Tu número de protocolo es {protocolo}.',
    indisponivel: 'En este momento no hay nadie para atenderte. Inténtalo más tarde, por favor.',
    fora_do_horario: 'Estamos fuera del horario de atención: abrimos {abre}. Por favor, escríbenos de nuevo entonces.',
    em_espera_fora_do_horario:
      'Estamos fuera del horario de atención: abrimos {abre}. Eres el número {posicao} de la fila y te avisaremos cuando alguien pueda atenderte.',
    expirada: 'Lo sentimos, nadie pudo atenderte a tiempo. Escríbenos de nuevo más tarde, por favor.',
    expirada_fora_do_horario:
      'Lo sentimos, nadie pudo atenderte a tiempo. Abrimos {abre}: escríbenos de nuevo entonces, por favor.',
    nota: 'Protocolo {protocolo}: el turno es de {consultor}.',
    consultor: 'Es tu turno, {primeiro_nome}: {cliente} te espera. Protocolo {protocolo}.',
    online: '{primeiro_nome}, estás en línea y entras en el turno.',
    offline: '{primeiro_nome}, estás desconectado y no recibes clientes nuevos.',
    pausa: '{primeiro_nome}, estás en pausa hasta las {ate}. Para volver antes, escribe online.',
    pausa_sem_fim: '{primeiro_nome}, estás en pausa. Para volver, escribe online.',
    fila: '{primeiro_nome}, eres el número {posicao} del turno.',
    fora_da_fila: '{primeiro_nome}, estás fuera del turno.',
    ajuda: 'Escribe online, offline, pausa (o pausa 30, en minutos) o fila.',
  },
  en: {
    atribuido: 'Done! {consultor} will be with you. Your reference number is {protocolo}.',
    em_espera:
      'Everybody is busy right now. You are number {posicao} in line, and you will be told as soon as someone is free.',
    em_atendimento: 'You are already with {consultor}. Your reference number is {protocolo}.',
    responsavel_ausente:
      '{consultor} is away right now and will answer as soon as possible. Your reference number is {protocolo}.',
    indisponivel: 'Nobody is available right now. Please try again later.',
    fora_do_horario: 'We are closed now and open {abre}. Please write again then.',
    em_espera_fora_do_horario:
      'We are closed now and open {abre}. You are number {posicao} in line, and you will be told as soon as someone is free.',
    expirada: 'Sorry, nobody could attend to you in time. Please write again later.',
    expirada_fora_do_horario: 'Sorry, nobody could attend to you in time. We open {abre}: please write again then.',
    nota: 'Reference {protocolo}: it is the turn of {consultor}.',
    consultor: 'It is your turn, {primeiro_nome}: {cliente} is waiting. Reference {protocolo}.',
    online: '{primeiro_nome}, you are online and take part in the turns.',
    offline: '{primeiro_nome}, you are offline and get no new customers.',
    pausa: '{primeiro_nome}, you are on a break until {ate}. To come back earlier, write online.',
    pausa_sem_fim: '{primeiro_nome}, you are on a break. To come back, write online.',
    fila: '{primeiro_nome}, you are number {posicao} in the order of turns.',
    fora_da_fila: '{primeiro_nome}, you take no part in the turns now.',
    ajuda: 'Write online, offline, pausa (or pausa 30, in minutes) or fila.',
  },
}

/** Which of our languages a code such as `pt-BR` or `en_US` is told in; Portuguese when in none. */
export const toIdiomaDeTexto = (idioma: string | undefined): IdiomaDeTexto =>
  IDIOMAS_DE_TEXTO.find((one) => one === idioma?.toLowerCase().split(/[-_]/)[0]) ?? 'pt'

type Proprios = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Twilio takes 1,600 characters (error 21617), every other platform more. */
const MOST = 1_500

/**
 * The text in the customer's language: the account's own words, else ours. A name that is not known says nothing. Never longer
 * than any platform takes.
 */
export function tell(proprios: Proprios, idioma: string | undefined, nome: NomeDeTexto, valores: Valores): string {
  const known = toIdiomaDeTexto(idioma)
  const template = proprios[known]?.[nome] ?? PADRAO[known][nome]
  const text = fill(template, valores)
  return text.length <= MOST ? text : cut(text)
}

/** Never through the middle of a character. */
const cut = (text: string): string => {
  const [...whole] = text.slice(0, MOST + 1)
  return whole.slice(0, -1).join('').trimEnd()
}
