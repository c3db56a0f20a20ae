import { z } from 'zod'
import { DemoFailure } from './failure.js'

const LIMIT_MS = 30_000

/** What the story reads of the service's answers. */
export const Consultor = z.object({
  id: z.int(),
  nome: z.string(),
  idiomas: z.array(z.string()),
  id_pipedrive: z.int().nullable(),
  status_online: z.boolean(),
})
export type Consultor = z.output<typeof Consultor>

/** The one-time link to somebody's own page. */
export const Acesso = z.object({ link: z.string() })

export const Fila = z.object({
  ultimo_protocolo: z.string().nullable(),
  idiomas: z.array(
    z.object({ idioma: z.string(), ordem: z.array(z.object({ consultor_id: z.int(), nome: z.string() })) }),
  ),
  em_espera: z.int(),
})

export const Espera = z.array(z.object({ posicao: z.int(), cliente: z.string().nullable(), idioma: z.string() }))

const id = z.int().nullable()
export const Protocolo = z.object({
  id: z.int(),
  numero: z.string(),
  consultor_id: id,
  created_at: z.iso.datetime(),
  responsavel_id: id,
  status: z.string(),
  historico: z.array(z.object({ tipo: z.string(), motivo: z.string().nullable() })),
  pipedrive: z
    .object({ pessoa_id: id, negocio_id: id, atividade_id: id, nota_id: id, negocio: z.string().nullable() })
    .nullable(),
})
export type Protocolo = z.output<typeof Protocolo>

export const CanalNovo = z.object({ webhook_url: z.string(), segredo: z.string() })

/** The service, called as any client calls it. */
export interface Api {
  readonly url: string
  /**
   * @param body sent as JSON
   * @throws DemoFailure for anything but a 2xx of this shape
   */
  call<S extends z.ZodType>(schema: S, method: string, path: string, body?: unknown): Promise<z.output<S>>
}

/** @param key sent with each call */
export function apiOf(url: string, key: string): Api {
  return {
    url,
    async call(schema, method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { 'api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LIMIT_MS),
      }).catch(() => undefined)
      if (!response) throw new DemoFailure(`O serviço não responde a ${method} ${path}.`)
      const parsed = schema.safeParse(await response.json().catch(() => undefined))
      if (response.ok && parsed.success) return parsed.data
      throw new DemoFailure(
        `O serviço respondeu a ${method} ${path} com ${response.status} e outra coisa que o esperado.`,
      )
    },
  }
}
