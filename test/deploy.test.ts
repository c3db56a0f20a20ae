import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { isWhole } from './support/sample.js'

const hasDocker = spawnSync('docker', ['stack', 'config', '--help']).status === 0

describe('the stack', () => {
  const onDocker = hasDocker ? it : it.skip
  onDocker('is accepted by docker, with two replicas beside the database', () => {
    const config = execFileSync('docker', ['stack', 'config', '-c', 'stack.yml'], { encoding: 'utf8' })
    expect(config).toMatch(/replicas: 2/)
    expect(config).toMatch(/image: mongo:8/)
  })
})

/** The imports of our own files under this folder that lead nowhere. */
function missingImports(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return files.flatMap((name) => {
    const path = join(folder, name)
    const imports = [...readFileSync(path, 'utf8').matchAll(/(?:from|import|import\() ?'(\.{1,2}\/[^']+)'/g)]
    return imports
      .map(([, to = '']) => resolve(dirname(path), to.replace(/\.js$/, '.ts')))
      .filter((to) => !existsSync(to))
  })
}

describe('the image', () => {
  it('has all that its build and its start need: what the Dockerfile copies, and nothing else, builds and runs', () => {
    const [build = '', , last = ''] = readFileSync('Dockerfile', 'utf8')
      .split(/^FROM /m)
      .slice(1)
    const ignored = readFileSync('.dockerignore', 'utf8')
    const root = mkdtempSync(join(tmpdir(), 'vez-image-'))
    try {
      const [builder, snapshot] = [join(root, 'build'), join(root, 'image')]
      for (const [, names = ''] of build.matchAll(/^COPY ([^-].*) \.\S*$/gm)) {
        for (const name of names.split(' ')) {
          expect(ignored).toContain(`!${name}\n`)
          cpSync(name, join(builder, name), { recursive: true })
        }
      }
      symlinkSync(resolve('node_modules'), join(builder, 'node_modules'))
      expect(['src', 'integrations'].flatMap((name) => missingImports(join(builder, name)))).toEqual([])
      // The types of these very files have just been checked by the build before the tests.
      const noCheck = isWhole ? [] : ['--', '--noCheck']
      execFileSync('npm', ['run', 'build', ...noCheck], { cwd: builder, stdio: 'pipe' })
      for (const [, from = '', to = ''] of last.matchAll(/^COPY --from=build \/app\/(\S+) \.\/(\S+)$/gm)) {
        cpSync(join(builder, from), join(snapshot, to), { recursive: true })
      }
      cpSync('package.json', join(snapshot, 'package.json'))
      symlinkSync(resolve('node_modules'), join(snapshot, 'node_modules'))
      const started = spawnSync(process.execPath, ['dist/src/main.js'], {
        cwd: snapshot,
        env: {
          PATH: process.env.PATH,
          NODE_ENV: 'production',
          PORT: '0',
          AUTHENTICATION_API_KEY: 'a-key-of-the-image',
        },
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(started.stderr).toMatch(/MONGODB_URI/)
      expect(started.status).toBe(1)
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
