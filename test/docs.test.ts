import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { configurationPage, documented } from '../docs/generate/configuration.js'
import { ADAPTERS } from '../integrations/index.js'
import { VARIABLES } from '../src/config.js'

/** From ten on. */
const NUMBERS: readonly (readonly string[])[] = [
  ['Ten', 'Dez'],
  ['Eleven', 'Onze'],
  ['Twelve', 'Doze'],
  ['Thirteen', 'Treze'],
  ['Fourteen', 'Catorze'],
  ['Fifteen', 'Quinze'],
  ['Sixteen', 'Dezesseis'],
]

const CODE = ['src', 'integrations', 'test', 'bench', 'demo', 'fakes', 'docs']

const filesUnder = (folder: string, ending: RegExp): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((name) => ending.test(name))
    : []

const read = (path: string): string => readFileSync(path, 'utf8')

/** Not this file, nor the groups of a run: another one's are removed when it ends. */
const isOurs = (path: string): boolean => path !== 'test/docs.test.ts' && !path.startsWith('test/.grupos')
const code = CODE.flatMap((folder) => filesUnder(folder, /\.(ts|mjs)$/)).filter(isOurs)
const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...filesUnder('docs', /\.md$/),
  ...filesUnder('integrations', /\.md$/),
]

/** Code blocks hold no headings and no links. */
const withoutBlocks = (page: string): string => page.replace(/^ *```[\s\S]*?^ *```/gm, '')

/** The anchors that GitHub makes of a page's headings; of two with one name the second ends in `-1`. */
function anchorsOf(path: string): Set<string> {
  const seen = new Map<string, number>()
  const headings = [...withoutBlocks(read(path)).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) => {
      const slug = slugOf(heading)
      const before = seen.get(slug) ?? 0
      seen.set(slug, before + 1)
      return before === 0 ? slug : `${slug}-${before}`
    }),
  )
}

const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')

/** What is wrong with a link from a page, if anything is. */
function whatIsWrong(from: string, link: string): string[] {
  const [target = '', anchor] = link.split('#')
  const path = target === '' ? from : normalize(join(dirname(from), target))
  if (!existsSync(path)) return [`${from}: ${link} leads nowhere`]
  if (anchor === undefined || !path.endsWith('.md')) return []
  return anchorsOf(path).has(decodeURIComponent(anchor)) ? [] : [`${from}: ${link} names no heading`]
}

/** All text of a kind in a list of files, each with its path. */
const matches = (paths: readonly string[], wanted: RegExp): { path: string; found: string }[] =>
  paths.flatMap((path) => [...read(path).matchAll(wanted)].map(([whole, first]) => ({ path, found: first ?? whole })))

describe('the documents', () => {
  it('are looked at, and so is the code', () => {
    expect(pages.length).toBeGreaterThan(20)
    expect(code.length).toBeGreaterThan(200)
  })

  it.each(['README.md', 'README.pt-BR.md'])('%s has at most 150 lines', (path) => {
    expect(read(path).trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  it('are the same in both languages: headings, commands and links', () => {
    const [english, portuguese] = ['README.md', 'README.pt-BR.md'].map((path) => {
      const page = read(path)
      const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
      const commands = [...page.matchAll(/^(?:curl|npm|PIPEDRIVE|IMAGE|mongodump|URL|SEGREDO)\b/gm)].map(
        ([command]) => command,
      )
      return {
        headings: page.match(/^#+ /gm),
        commands,
        links: links.filter((link) => !link.startsWith('README')).sort(),
      }
    })
    expect(english).toEqual(portuguese)
    expect(english?.commands.length).toBeGreaterThan(8)
  })

  it('name files and folders that are there', () => {
    const named = ['docs/architecture.md', 'docs/guarantees.md', 'CONTRIBUTING.md'].flatMap((page) =>
      matches([page], /`((?:src|integrations|fakes|test|docs)\/[\w./-]+)`/g),
    )
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter(({ found }) => !existsSync(found))).toEqual([])
  })

  it('link to what is there, headings included', () => {
    const wrong = pages.flatMap((path) =>
      [...withoutBlocks(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .flatMap((link) => whatIsWrong(path, link)),
    )
    expect(wrong).toEqual([])
  })

  it('have each heading that a comment cites', () => {
    const cited = matches(code, /docs\/[\w/-]+\.md#[\w-]+/g)
    const wrong = cited.flatMap(({ path, found }) => whatIsWrong('README.md', found).map((what) => `${path}: ${what}`))
    expect(wrong).toEqual([])
  })

  it('are what comments cite, and nothing that only some can read', () => {
    expect(matches(code, /\b(?:reference|design) \d[\d.]*/g)).toEqual([])
  })

  it.each(['README.md', 'README.pt-BR.md', 'docs/chat.md'])('%s: name every chat platform, and count them', (page) => {
    const text = read(page)
    const names = ADAPTERS.map(({ plataforma }) => plataforma).filter((one) => one !== 'generico')
    expect(names.filter((one) => !text.includes(`integrations/${one}/README.md`))).toEqual([])
    const [, counted] = /\*\*(\S+) (?:chat platforms|plataformas de chat)\*\*/.exec(text) ?? []
    if (counted !== undefined) expect(NUMBERS[ADAPTERS.length - 10]).toContain(counted)
  })

  it('name no path of one machine', () => {
    expect(matches(pages, /(?<![\w.])\/(?:tmp|work|home|root)\/\S*/g)).toEqual([])
  })
})

describe('docs/configuracao.md', () => {
  const example = read('.env.example')

  it('is what `npm run docs:configuracao` makes of the schema', () => {
    expect(read('docs/configuracao.md')).toBe(configurationPage(example))
  })

  it('tells the defaults that hold', () => {
    const told = new Map(documented(example).map(({ name, standard }) => [name, standard]))
    for (const [name, schema] of Object.entries(VARIABLES)) {
      const value = schema.parse(undefined)
      if (typeof value === 'string' || typeof value === 'number')
        expect([name, told.get(name)]).toEqual([name, String(value)])
    }
  })
})

describe('docs/motivos.md', () => {
  /** Literals by which the code says why: what becomes an answer's `motivo` or a dead tarefa's. */
  const literals = [
    // Why an event takes no turn, and why a request is not believed.
    ...matches(code.filter(isOurs), /\b(?:ignored|ignorar|ignore|recusado|rejected)\(\s*'([a-z_]+)'/g),
    ...matches(
      ['integrations/contract.ts'],
      /type (?:Motivo|Recusa|\w*(?:Reason|Rejection|Refusal)) =([\s\S]*?)\n\n/g,
    ).flatMap(({ path, found }) => [...found.matchAll(/'([a-z_]+)'/g)].map(([, one = '']) => ({ path, found: one }))),
    // Why work failed.
    ...matches(code.filter(isOurs), /new OutboundFailure\(\s*'([a-z_]+)'/g),
    ...matches(code.filter(isOurs), /\bended\('morta', '([a-z_]+)'/g),
    ...matches(['integrations/pipedrive/failure.ts'], /^ {2}\| '([a-z_]+)'$/gm),
    // Why nobody is there, and what is told in a protocol's history.
    ...matches(code.filter(isOurs), /\bmotivo: '([a-z_]+)'/g),
    // What a command of the turn comes to is no word of an answer yet.
    ...matches(
      code.filter((path) => isOurs(path) && !path.startsWith('src/vez/')),
      /\bsituacao: '([a-z_]+)'/g,
    ),
    ...matches(code.filter(isOurs), /'(ninguem_[a-z_]+)'/g),
  ]

  function isOurs(path: string): boolean {
    return /^(?:src|integrations)\//.test(path)
  }

  it('lists every reason that the code can give', () => {
    const page = read('docs/motivos.md')
    const listed = new Set([...page.matchAll(/`([a-z_]+)`/g)].map(([, one]) => one))
    const missing = [...new Set(literals.map(({ found }) => found))].filter((one) => !listed.has(one)).sort()
    expect(literals.length).toBeGreaterThan(60)
    expect(missing).toEqual([])
  })
})
