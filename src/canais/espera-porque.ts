import { clockWords, inWords, languageName, sinceWords, whenWords } from '../lib/words.js'
import type { Seen } from '../protocolos/porque.js'
import type { Espera } from '../vez/document.js'
import type { Fora } from '../vez/rules/eligibility.js'
import type { WhyWaiting } from '../vez/rules/why-waiting.js'

/** Why this customer waits, in Portuguese; nothing in it says who he is. */
export function sentence(cliente: Espera, posicao: number, why: WhyWaiting, seen: Seen): string {
  const { time, now } = seen
  const until = clockWords(time, cliente.ate, now)
  return `Espera ${sinceWords(time, cliente.desde, now)}, até ${until}, no lugar ${posicao} da fila. ${because(cliente, why, seen)}`
}

function because({ canal, idioma, equipe }: Espera, why: WhyWaiting, { consultores, time, now }: Seen): string {
  const nome = 'consultor_id' in why ? (consultores.get(why.consultor_id)?.nome ?? '') : ''
  switch (why.motivo) {
    case 'intervalo':
      return `O próximo é ${nome}, que acaba de receber um cliente da espera: este vai para ele a partir de ${clockWords(time, why.a_partir_de, now, 'seconds')}.`
    case 'atras':
      return `O próximo é ${nome}, que atende antes quem espera à frente.`
    case 'agora':
      return `${nome} pode atender, e recebe este cliente agora.`
    case 'expirada':
      return 'O tempo de espera acabou: ele sai da fila, avisado.'
    default: {
      const reason = why.fechada
        ? `A conta ${canal} está fora do horário.`
        : `Ninguém pode atender agora: ${counts(why.fora, idioma, equipe)}.`
      return why.abre ? `${reason} O atendimento volta ${whenWords(time, why.abre.em, now)}.` : reason
    }
  }
}

/** `2 offline e 1 não fala inglês`. */
function counts(
  { offline, pausa, limite, horario, equipe: strangers, idioma: others, inativo, fora_da_sequencia }: Fora,
  idioma: string,
  equipe = '',
): string {
  const language = languageName(idioma)
  const parts = [
    ...(offline === undefined ? [] : [`${offline} offline`]),
    ...(pausa === undefined ? [] : [`${pausa} em pausa`]),
    ...(limite === undefined ? [] : [`${limite} no limite de protocolos abertos`]),
    ...(horario === undefined ? [] : [`${horario} fora do horário`]),
    ...(others === undefined ? [] : [`${others} ${others === 1 ? 'não fala' : 'não falam'} ${language}`]),
    ...(strangers === undefined ? [] : [`${strangers} ${strangers === 1 ? 'não é' : 'não são'} da equipe ${equipe}`]),
    ...(fora_da_sequencia === undefined ? [] : [`${fora_da_sequencia} fora da sequência`]),
    ...(inativo === undefined ? [] : [`${inativo} ${inativo === 1 ? 'inativo' : 'inativos'}`]),
  ]
  return parts.length === 0 ? 'não há consultores' : inWords(parts)
}
