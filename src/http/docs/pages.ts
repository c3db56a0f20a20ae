const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
${body}
</body>
</html>
`

export const SWAGGER_PAGE = page(
  'consultor da vez: documentação',
  `<link rel="stylesheet" href="/docs/swagger-ui.css">
<style>.swagger-ui .topbar { display: none } body { margin: 0 }</style>`,
  `<div id="docs"></div>
<noscript>Esta página precisa de JavaScript; o documento está em <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>`,
)

/** Keeps the key that was typed in this browser, and asks no validator elsewhere. */
export const SWAGGER_START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

export const REDOC_PAGE = page(
  'consultor da vez: referência',
  '<style>body { margin: 0 }</style>',
  `<div id="docs"></div>
<noscript>Esta página precisa de JavaScript; o documento está em <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/redoc/redoc.standalone.js"></script>
<script src="/redoc/start.js"></script>`,
)

export const REDOC_START = `Redoc.init('/openapi.json', { expandResponses: '200', pathInMiddlePanel: true, nativeScrollbars: true, labels: {} }, document.getElementById('docs'))
`
