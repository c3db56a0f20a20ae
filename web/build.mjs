/** Bundles the pages into dist/web: one script for each of them, one style sheet, the icons. The server names them by hash. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const TO = join(ROOT, 'dist', 'web')
const PAGES = ['painel', 'eu']
/** Of the script of one page, gzipped. */
const MAX_SCRIPT_BYTES = 40 * 1_024
/** What a browser is given of others' code. */
const PACKAGES = /(^|\/)node_modules\/preact\//

rmSync(TO, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: [...PAGES.map((page) => `web/${page}.tsx`), 'web/estilo/estilo.css'],
  outdir: TO,
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})
const stray = Object.keys(metafile.inputs).filter((path) => !path.startsWith('web/') && !PACKAGES.test(path))
if (stray.length > 0) throw new Error(`The pages import types only from elsewhere: ${stray.join(', ')}`)
for (const page of PAGES) {
  const bytes = gzipSync(readFileSync(join(TO, `${page}.js`))).length
  if (bytes > MAX_SCRIPT_BYTES)
    throw new Error(`The script of /${page} has ${bytes} bytes gzipped: too many for a phone`)
}
cpSync(join(ROOT, 'web', 'icones'), join(TO, 'icones'), { recursive: true })
