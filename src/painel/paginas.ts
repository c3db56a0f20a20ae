import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import Router from '@koa/router'
import type { Context } from 'koa'
import { type Asset, asset, sendAsset } from '../http/assets.js'
import { ROOT } from '../http/version.js'
import { unavailable } from '../lib/errors.js'
import type { Ajustes } from '../sessoes/schema.js'
import { type Files, manifest, PAGINAS, shell } from './concha.js'

/** What `npm run build` makes of `web`. */
const FOLDER = join(ROOT, 'dist', 'web')

/** A browser takes everything from here and from nowhere else, and no text becomes HTML or script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

/** The pages of people: public shells, which find out by calls of their own whether somebody is signed in. */
export function paginasRouter(ajustes: Ajustes, folder = FOLDER): Router {
  const router = new Router()
  let built: Built | undefined
  const get = (): Built => {
    built ??= build(folder, ajustes)
    return built
  }
  router.get('/eu/manifest.webmanifest', (ctx) => {
    ctx.state.rota = ctx.path
    sendAsset(ctx, get().manifest, { policy: POLICY })
  })
  for (const name of PAGINAS)
    router.get([`/${name}`, `/${name}/*tela`], (ctx, next) => {
      if (ctx.path.startsWith(`/${name}/api/`)) return next()
      ctx.state.rota = `/${name}`
      return sendAsset(ctx, get().pages[name], { policy: POLICY })
    })
  router.get(['/web/:name', '/web/icones/:name'], (ctx: Context) => {
    ctx.state.rota = '/web/:name'
    const found = get().files.get(ctx.path)
    if (found) sendAsset(ctx, found, { policy: POLICY, immutable: true })
  })
  return router
}

interface Built {
  /** By their path, which holds a hash of the content. */
  readonly files: ReadonlyMap<string, Asset>
  readonly pages: Readonly<Record<(typeof PAGINAS)[number], Asset>>
  readonly manifest: Asset
}

/** Reads the bundles once, when the first page is asked for. Throws 503 where they were not built. */
function build(folder: string, ajustes: Ajustes): Built {
  if (!existsSync(folder)) throw unavailable('As páginas não foram feitas: rode npm run build')
  const files = new Map<string, Asset>()
  const paths = new Map<string, string>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const made = asset(type, readFileSync(join(folder, name)))
    const end = extname(name)
    const path = `/web/${name.slice(0, -end.length)}.${made.etag.replace(/\W/g, '').slice(0, 12)}${end}`
    files.set(path, made)
    paths.set(name, path)
  }
  const at: Files = (name) => paths.get(name) ?? ''
  return {
    files,
    pages: {
      painel: asset('text/html', shell('painel', at, ajustes)),
      eu: asset('text/html', shell('eu', at, ajustes)),
    },
    manifest: asset('application/manifest+json', manifest(at)),
  }
}
