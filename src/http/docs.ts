import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Router from '@koa/router'
import { type Asset, asset, sendAsset } from './assets.js'
import { REDOC_PAGE, REDOC_START, SWAGGER_PAGE, SWAGGER_START } from './docs/pages.js'

const require = createRequire(import.meta.url)

/**
 * A browser loads scripts and data from this service only. Both viewers write styles into the page, and
 * Redoc searches in a worker that it makes of its own text.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self' data:",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg'

const fromPackage = (type: string, path: string): Asset => asset(type, readFileSync(require.resolve(path)))

/** Redoc's bundle draws a logo that it fetches from its maker's host; ours draws none. */
const redocBundle = (): string =>
  readFileSync(require.resolve('redoc/bundles/redoc.standalone.js'), 'utf8').replaceAll(REDOC_LOGO, 'data:,')

/**
 * Serves the document and the two pages that draw it, with assets of our own only. Each is made when it is first asked for:
 * the document and the bundles cost a start 100 ms, and most processes are never asked.
 */
export function docsRouter(document: () => object): Router {
  const assets: Readonly<Record<string, () => Asset>> = {
    '/openapi.json': () => asset('application/json', JSON.stringify(document())),
    '/docs': () => asset('text/html', SWAGGER_PAGE),
    '/docs/start.js': () => asset('text/javascript', SWAGGER_START),
    '/docs/swagger-ui-bundle.js': () => fromPackage('text/javascript', 'swagger-ui-dist/swagger-ui-bundle.js'),
    '/docs/swagger-ui.css': () => fromPackage('text/css', 'swagger-ui-dist/swagger-ui.css'),
    '/redoc': () => asset('text/html', REDOC_PAGE),
    '/redoc/start.js': () => asset('text/javascript', REDOC_START),
    '/redoc/redoc.standalone.js': () => asset('text/javascript', redocBundle()),
  }
  const router = new Router()
  for (const [path, make] of Object.entries(assets)) {
    let made: Asset | undefined
    router.get(path, (ctx) => {
      ctx.state.rota = path
      made ??= make()
      sendAsset(ctx, made, { policy: POLICY })
    })
  }
  return router
}
