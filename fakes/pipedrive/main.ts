import { startFakePipedrive, TOKEN } from './server.js'

// The fake as a process: `npx tsx fakes/pipedrive/main.ts`, on PORT or any free one. One line of JSON says where.
const fake = await startFakePipedrive({ port: Number(process.env.PORT ?? 0) })
process.stdout.write(`${JSON.stringify({ url: fake.url, token: TOKEN, pagina: `${fake.url}/__fake/ui` })}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void fake.end().then(() => process.exit(0)))
}
