import { z } from 'zod'
import { template, text } from '../http/text.js'
import { CAMPOS } from '../lib/template.js'
import { Idioma } from '../vez/schema.js'

const MAX_IDIOMAS = 30
const names = CAMPOS.map((one) => `{${one}}`).join(' ')

/** An id, or a name; digits alone are an id. */
const reference = (max: number) => z.union([z.int().min(1), text(1, max)])

/** What a chat account, or one of its languages, may say of its records at Pipedrive. */
const ajustes = {
  funil: reference(128).optional().meta({
    description: 'O funil dos negócios: um id ou um nome. Sem `etapa`, eles começam na primeira dele',
    example: 'Vendas',
  }),
  etapa: reference(257).optional().meta({
    description: 'Onde um negócio novo começa: um id, um nome, ou `funil/etapa`',
    example: 'Entrada',
  }),
  etiqueta: text(1, 64)
    .nullable()
    .optional()
    .meta({ description: 'A etiqueta dos negócios; `null`: nenhuma', example: 'WhatsApp' }),
  atividade: z.boolean().optional().meta({ description: 'Cria a atividade de cada atendimento' }),
  tipo_atividade: z
    .string()
    .regex(/^[a-z0-9_]{1,64}$/, { message: 'Use a chave de um tipo de atividade, como call' })
    .optional()
    .meta({ description: 'A chave do tipo de atividade', example: 'call' }),
  atividade_min: z.int().min(0).max(10_080).optional().meta({ description: 'Ela vence tantos minutos depois' }),
  assunto: template(255)
    .optional()
    .meta({
      description: `Assunto da atividade. Campos: ${names}. Sem {protocolo}, ele vai no fim`,
      example: 'Responder {cliente} ({protocolo})',
    }),
  nota: z.boolean().optional().meta({ description: 'Cria a nota de cada atendimento' }),
  texto_nota: template(1_000)
    .optional()
    .meta({
      description: `O que a nota diz depois do protocolo. Campos: ${names}. Com marcas de HTML, é HTML; o que os campos trazem nunca é`,
      example: 'A vez foi de {consultor}.',
    }),
  titulo: template(255)
    .optional()
    .meta({
      description: `Título de um negócio novo. Campos: ${names}. Sem {protocolo}, ele vai no fim`,
      example: '{cliente} – {protocolo}',
    }),
}

const Ajustes = z.strictObject(ajustes)
export type Ajustes = z.output<typeof Ajustes>

/** The same with its languages. */
export const AjustesDaConta = z
  .strictObject({
    ...ajustes,
    por_idioma: z
      .record(Idioma, Ajustes)
      .refine((all) => Object.keys(all).length <= MAX_IDIOMAS, { message: `No máximo ${MAX_IDIOMAS} idiomas` })
      .optional()
      .meta({ description: 'O mesmo para os clientes de um idioma: cada campo que vem vale em vez do da conta' }),
  })
  .meta({
    id: 'AjustesDoPipedrive',
    description:
      'O que os atendimentos desta conta são no Pipedrive. Cada campo que não vem é o da variável `PIPEDRIVE_…`. Valem os do momento em que se sincroniza; `{}` os apaga',
    example: { funil: 'Vendas', titulo: '{cliente} – {protocolo}', por_idioma: { es: { etapa: 'Ventas/Entrada' } } },
  })
export type AjustesDaConta = z.output<typeof AjustesDaConta>
