import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { ADMIN, type TestService, testService } from '../support/service.js'

const run = promisify(execFile)
/** Only there to end a hang. */
const HANGS_MS = 60_000

let service: TestService
/** Where a reader stands: a folder with the key that `npm start` made. */
let folder: string
beforeAll(async () => {
  service = await testService()
  folder = mkdtempSync(join(tmpdir(), 'guide-'))
  mkdirSync(join(folder, '.data'))
  writeFileSync(join(folder, '.data', 'api-key'), ADMIN)
})
afterAll(async () => {
  await service.end()
  rmSync(folder, { recursive: true })
})

/** The blocks of a guide that are to be pasted into a shell, in order; those of a list are not indented for it. */
const blocksOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^( *)```bash\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )

/** Pastes them into one shell; the account is of this guide alone. */
async function paste(blocks: readonly string[], slug: string): Promise<string> {
  const script = blocks.join('\n').replaceAll('http://127.0.0.1:8000', service.url).replaceAll('vendas', slug)
  const { PATH = '' } = process.env
  const options = { cwd: folder, env: { PATH, HOME: folder }, timeout: HANGS_MS }
  return (await run('bash', ['-euo', 'pipefail', '-c', script], options)).stdout
}

const turns = async (): Promise<number> =>
  Number((await service.call('GET', '/protocolos?limit=1')).headers.get('X-Total-Count'))

describe('a guide, pasted as it is', () => {
  it.each(ADAPTERS.map(({ plataforma }) => plataforma))('of %s takes a turn', async (plataforma) => {
    const before = await turns()
    const told = await paste(blocksOf(`integrations/${plataforma}/README.md`), plataforma)
    expect(told).not.toContain('"detail"')
    const { eventos } = (await service.call('GET', `/canais/${plataforma}`)).body
    expect(eventos).toMatchObject([{ situacao: 'atribuido' }])
    expect(await turns()).toBe(before + 1)
  })

  it.each(['README.pt-BR.md', 'README.md', 'docs/chat.md'])('%s calls only what answers', async (path) => {
    const blocks = blocksOf(path).filter((block) => block.includes('$URL'))
    expect(blocks.length).toBeGreaterThan(1)
    expect(await paste(blocks, path.toLowerCase().replaceAll(/[^a-z]/g, '-'))).not.toContain('"detail"')
  })

  it.each([...ADAPTERS.map(({ plataforma }) => `integrations/${plataforma}/README.md`), 'docs/chat.md'])(
    '%s is short, sets each variable before it is used, and says how to get a lost secret back',
    (path) => {
      const text = readFileSync(path, 'utf8')
      if (path.startsWith('integrations')) expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
      if (!path.includes('twilio')) expect(text).toMatch(/[Pp]erdeu\? `POST \/canais\/vendas\/segredo`/)
      const script = blocksOf(path).join('\n')
      for (const [, name = ''] of script.matchAll(/\$\{?([A-Z]\w*)(?!\w*:-)/g)) {
        const set = script.search(new RegExp(`(?:^|[ ;])${name}=`, 'm'))
        expect([name, set >= 0 && set < script.search(new RegExp(`\\$\\{?${name}\\b(?!:-)`))]).toEqual([name, true])
      }
    },
  )
})
