import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import type { Answer, TestService } from './service.js'

/** Nobody listens there, and nobody outside is ever called. */
export const API_URL = 'https://127.0.0.1:9'

/** The environment of a service whose Pipedrive is this one. */
export const pipedriveEnv = (fake: FakePipedrive, more: Readonly<Record<string, string>> = {}) => ({
  PIPEDRIVE_API_TOKEN: TOKEN,
  PIPEDRIVE_BASE_URL: fake.url,
  PIPEDRIVE_DOMINIO: 'exemplo',
  API_URL,
  ...more,
})

/** A stand-in that a set-up and a look at it stay below the limits of. */
export async function roomyFake(): Promise<FakePipedrive> {
  const fake = await startFakePipedrive()
  anew(fake)
  return fake
}

/** All of it as at the start, and as roomy. */
export function anew(fake: FakePipedrive): void {
  fake.reset()
  fake.limits.burst = 1_000
}

export const setUp = (service: Pick<TestService, 'call'>, simular = false): Promise<Answer> =>
  service.call('POST', '/pipedrive/setup', { body: { simular } })

interface Passo {
  readonly passo: string
  readonly situacao: string
  readonly detalhe: string
}

/** How one step of a set-up went. */
export const stepOf = ({ body }: Answer, passo: string): Passo | undefined =>
  body.passos.find((one: Passo) => one.passo === passo)

/** How each step went, by its name. */
export const situations = ({ body }: Answer): Record<string, string> =>
  Object.fromEntries(body.passos.map(({ passo, situacao }: Passo) => [passo, situacao]))
