import type { Falha, PipedriveFailure } from './failure.js'

const TEXTOS: Readonly<Record<Falha, string>> = {
  nao_enviado: 'o Pipedrive não foi alcançado: confira a rede',
  sem_resposta: 'o Pipedrive não respondeu como se espera, e não se sabe se o pedido valeu: rode de novo',
  limite: 'o Pipedrive pediu para ir mais devagar: tente de novo em um minuto',
  sem_orcamento: 'os tokens do dia desta empresa acabaram: tudo continua quando o Pipedrive os renovar',
  banido: 'o Pipedrive barrou as chamadas por alguns minutos',
  token: 'o token não vale mais: gere outro no Pipedrive e defina PIPEDRIVE_API_TOKEN',
  empresa: 'o token é de outra empresa: confira PIPEDRIVE_DOMINIO',
  nao_encontrado: 'o Pipedrive não encontrou o que foi pedido',
  recusada: 'o Pipedrive recusou o pedido',
  indisponivel: 'o Pipedrive está com problemas: tente de novo mais tarde',
}

/** What happened, and what to do, for people; nothing of what was asked or said. */
export function explain({ falha, status, code }: PipedriveFailure): string {
  if (status === 403 && code?.startsWith('feature_capping')) return 'o limite do plano no Pipedrive foi atingido'
  if (status === 403 && falha === 'recusada') return 'o usuário do token não tem permissão para isso'
  return `${TEXTOS[falha]}${status > 0 ? ` (${status})` : ''}`
}
