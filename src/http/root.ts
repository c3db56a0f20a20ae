import Router from '@koa/router'
import { VERSION } from './version.js'

/** Where a person looks first: the line of now. */
const PAGE = '/painel'

/** What this is, for a program that asks at the bare address. */
const ABOUT = {
  nome: 'consultor da vez',
  versao: VERSION,
  descricao: 'Dá a cada cliente um consultor e um número de protocolo, com justiça e uma vez só.',
  painel: PAGE,
  documentacao: '/docs',
  openapi: '/openapi.json',
  saude: '/health',
  pronto: '/ready',
} as const

/** `GET /`: a browser is sent to the page; everybody else is told what this is. Neither needs a key. */
export function rootRouter(): Router {
  return new Router().get('/', (ctx) => {
    ctx.state.rota = '/'
    ctx.vary('Accept')
    // The first of the list is for who takes anything.
    if (ctx.accepts('json', 'html') === 'html') return ctx.redirect(PAGE)
    ctx.body = ABOUT
  })
}
