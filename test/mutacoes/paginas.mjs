/** What keeps the pages of people to those people; rows as in `tabela.mjs`. */
const entrar = ['test/painel/entrar.test.ts']
const telas = ['test/painel/telas.test.ts']
const stream = ['test/painel/stream.test.ts']
const row = (regra, arquivo, de, para, testes) => ({ regra: `pages: ${regra}`, arquivo, de, para, testes, motor: true })

export const PAGINAS = [
  row('no other site changes anything', 'src/sessoes/same-origin.ts', 'if (!isOurs) throw', 'if (false) throw', entrar),
  row(
    'no form of another site is read',
    'src/http/mount.ts',
    "if (length !== 0 && ctx.request.is('json', '+json') === false)",
    'if (false)',
    entrar,
  ),
  row('an ended session is worth nothing', 'src/sessoes/sessoes.ts', 'looked + TRUST_MS', 'Infinity', entrar),
  row('a cookie is compared by its secret', 'src/sessoes/sessoes.ts', '!isOf(secret, found.hash)', 'false', entrar),
  row(
    'a link is spent by its first use',
    'src/sessoes/acesso.ts',
    'const { deletedCount } = await this.#sessoes.deleteOne(',
    'const deletedCount = 1\n    void (',
    entrar,
  ),
  row(
    'a key that only looks changes nothing',
    'src/sessoes/identify.ts',
    "(sessao.escopos.includes('leitura') && scopes.includes('leitura'))",
    "sessao.escopos.includes('leitura')",
    entrar,
  ),
  row(
    'a seller has his own protocols only',
    'src/painel/eu-routes.ts',
    'if (found.responsavel_id !== id) throw',
    'if (false) throw',
    telas,
  ),
  row(
    'what has changed is told',
    'src/sessoes/unchanged.ts',
    "replace(/^W\\//, '') === etag",
    "replace(/^W/, '') !== ''",
    telas,
  ),
  row(
    'a stream ends with its session',
    'src/painel/stream.ts',
    "if (!(await isHeld())) stream.over('sessao')",
    'await isHeld()',
    stream,
  ),
  row(
    'the database is read only while somebody looks',
    'src/painel/stream.ts',
    'if (this.#open.size === 0) void this.#sleep()',
    '',
    stream,
  ),
  row(
    'what was read long ago is not called the present',
    'src/painel/stream.ts',
    'if (this.#isFresh) stream.pulse()',
    'stream.pulse()',
    stream,
  ),
  row(
    'streams of a process are bounded',
    'src/painel/stream.ts',
    'this.#isOver || this.#open.size >= MOST_STREAMS',
    'this.#isOver',
    stream,
  ),
]
