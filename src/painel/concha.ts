import type { Ajustes } from '../sessoes/schema.js'

export const PAGINAS = ['painel', 'eu'] as const
type Pagina = (typeof PAGINAS)[number]

/** Where a file of the bundle is found, with its hash in the name. */
export type Files = (name: string) => string

const TITLES: Readonly<Record<Pagina, string>> = { painel: 'Lista da vez', eu: 'Minha vez' }
/** Of the frame that a phone draws around the page: as in the page's own style. */
const THEME = { light: '#f4f5f2', dark: '#121614' } as const

/** The HTML of a page: nothing in it depends on who asks. */
export function shell(pagina: Pagina, at: Files, ajustes: Ajustes): string {
  // In a script element `</` would end it.
  const told = JSON.stringify(ajustes).replaceAll('<', '\\u003c')
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
    '<meta name="color-scheme" content="light dark">',
    `<meta name="theme-color" media="(prefers-color-scheme: light)" content="${THEME.light}">`,
    `<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${THEME.dark}">`,
    '<meta name="robots" content="noindex">',
    `<title>${TITLES[pagina]}</title>`,
    `<link rel="icon" type="image/svg+xml" href="${at('icones/icone.svg')}">`,
    ...(pagina === 'eu'
      ? [
          '<link rel="manifest" href="/eu/manifest.webmanifest">',
          `<link rel="apple-touch-icon" href="${at('icones/icone-180.png')}">`,
        ]
      : []),
    `<link rel="stylesheet" href="${at('estilo.css')}">`,
    `<script type="application/json" id="ajustes">${told}</script>`,
    `<script type="module" src="${at(`${pagina}.js`)}"></script>`,
  ]
  return `<!doctype html>
<html lang="pt-BR">
<head>
${head.join('\n')}
</head>
<body>
<div id="app"></div>
<noscript>Esta página precisa de JavaScript.</noscript>
</body>
</html>
`
}

/** What a phone needs to keep the page of a consultor on its home screen. */
export function manifest(at: Files): string {
  const icon = (name: string, size: number, purpose: string) => ({
    src: at(`icones/${name}.png`),
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose,
  })
  return JSON.stringify({
    id: '/eu',
    name: 'Minha vez',
    short_name: 'Minha vez',
    lang: 'pt-BR',
    start_url: '/eu',
    scope: '/eu',
    display: 'standalone',
    background_color: THEME.light,
    theme_color: THEME.light,
    icons: [icon('icone-192', 192, 'any'), icon('icone-512', 512, 'any'), icon('icone-mascara-512', 512, 'maskable')],
  })
}
