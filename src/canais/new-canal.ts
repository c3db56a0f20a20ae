import { z } from 'zod'
import type { AnyAdapter } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import type { Example } from '../http/route.js'
import { fields, PADROES } from './options.js'
import { Slug } from './schema.js'

const { nome, ajustes: _, ...options } = fields

/** Settings as they are written: one that may be absent may be `null` too. */
function writtenSettings({ nome: plataforma, ajustes }: AnyAdapter) {
  const shape: Record<string, z.ZodType> = {}
  for (const [name, field] of Object.entries(ajustes.shape)) shape[name] = isOptional(field) ? orNull(field) : field
  const settings = z.strictObject(shape).meta({ description: `O que uma conta de ${plataforma} pede` })
  // Where they are left out, each one that is missing is named.
  return needsSettings(ajustes) ? settings.prefault({}) : settings.optional()
}

const needsSettings = (ajustes: AnyAdapter['ajustes']): boolean =>
  Object.values(ajustes.shape).some((field) => !isOptional(field))

const isOptional = (field: z.ZodType): boolean => field.safeParse(undefined).success

const orNull = (field: z.ZodType): z.ZodType => field.nullable().meta({ ...field.meta() })

/** The settings of the example: each field that has one. */
const exampleSettings = ({ ajustes }: AnyAdapter): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(ajustes.shape).flatMap(([name, field]) => {
      const example = Object(field.meta()).example
      return example === undefined ? [] : [[name, example]]
    }),
  )

const exampleOf = (adapter: AnyAdapter) => ({
  slug: `${adapter.plataforma}-vendas`,
  plataforma: adapter.plataforma,
  nome: 'Vendas',
  ajustes: exampleSettings(adapter),
})

const idOf = (plataforma: string): string =>
  `NovoCanal${plataforma.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`

const ofPlatform = (adapter: AnyAdapter) =>
  z
    .strictObject({
      ...Slug.shape,
      plataforma: z.literal(adapter.plataforma),
      nome,
      ...z.object(options).partial().shape,
      gatilho: z
        .enum(adapter.gatilhos)
        .optional()
        .meta({ description: `${options.gatilho.meta()?.description}. Padrão: \`${adapter.gatilhos[0]}\`` }),
      ajustes: writtenSettings(adapter),
    })
    .meta({
      id: idOf(adapter.plataforma),
      title: adapter.nome,
      example: exampleOf(adapter),
      override: ({ jsonSchema }: { jsonSchema: { required?: string[] } }) => {
        const properties: Record<string, object> = Object(Object(jsonSchema).properties)
        if (needsSettings(adapter.ajustes)) {
          jsonSchema.required = [...(jsonSchema.required ?? []), 'ajustes']
          Reflect.deleteProperty(properties.ajustes ?? {}, 'default')
        }
        for (const [name, value] of Object.entries(PADROES)) Object.assign(properties[name] ?? {}, { default: value })
      },
    })

const names = ADAPTERS.map(({ plataforma }) => plataforma)

/** A new account: which settings it has is said by its platform. */
export const NovoCanal = z
  .discriminatedUnion('plataforma', toMany(ADAPTERS.map(ofPlatform)), {
    error: ({ code }) => (code === 'invalid_union' ? `Use uma destas: ${names.join(', ')}` : undefined),
  })
  .meta({ id: 'NovoCanal' })

function toMany<T>([first, ...more]: readonly T[]): readonly [T, ...T[]] {
  if (first === undefined) throw new TypeError('there are no platforms')
  return [first, ...more]
}

/** An account of each platform, by its name. */
export const EXEMPLOS: Readonly<Record<string, Example>> = Object.fromEntries(
  ADAPTERS.map((adapter) => [adapter.plataforma, { summary: adapter.nome, value: exampleOf(adapter) }]),
)
