import { z } from 'zod'
import { instant, orNull } from '../http/text.js'
import { CAUSE_NAMES } from './alternatives.js'
import { WAYS } from './fairness.js'
import { SITUATIONS } from './presence.js'

const total = z.int()
const segundos = z.int().meta({ description: 'Segundos' })
const quem = { consultor_id: z.int(), nome: orNull(z.string(), { description: '`null`: não existe mais' }) }
const record = <K extends string, V extends z.ZodType>(keys: readonly K[], value: V) =>
  z.object(Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>)

const Jeitos = record(['total', ...WAYS, 'continuados'], total).meta({
  id: 'Jeitos',
  description:
    'Os números, por como saíram: `regra` (de quem era a vez), `preferido`, `ajudou` (alguém atendeu na plataforma), `numero` (sem vez). `continuados`: dos da regra, os de clientes que voltaram a quem estava ausente',
})
const porIdioma = z.array(z.object({ idioma: z.string(), total }))
const porEquipe = z
  .array(z.object({ equipe: z.string().nullable(), total }))
  .meta({ description: '`null`: pedidos sem equipe' })
const marco = z.object({ protocolo: z.string().meta({ example: '#00017' }), em: instant })

export const Justica = z
  .object({
    desde: instant,
    ate: instant.meta({ description: 'Este instante já não conta' }),
    fuso: z.string().meta({ example: 'America/Sao_Paulo' }),
    livro_desde: orNull(instant, { description: 'Desde quando o livro diz quem podia receber a vez' }),
    sem_livro: total.meta({ description: 'Números do período que o livro não explica: não contam em nada daqui' }),
    numeros: Jeitos,
    por_idioma: porIdioma,
    por_equipe: porEquipe,
    por_dia: z
      .array(z.object({ dia: z.string().meta({ example: '2026-01-31' }), total }))
      .meta({ description: 'Os dias que tiveram algum, no fuso do serviço' }),
    por_consultor: z.array(
      z.object({
        ...quem,
        numeros: Jeitos,
        por_idioma: porIdioma,
        por_equipe: porEquipe,
        tempo: orNull(record(SITUATIONS, segundos), {
          description: 'Quanto tempo esteve como; `fora`: inativo ou fora da sequência. `null`: o livro não sabe',
        }),
        regra_sozinha: total.meta({
          description: 'Quantas vezes a regra daria se todos pudessem receber todas',
        }),
        por_que: record(CAUSE_NAMES, z.int()).meta({
          description: 'Quantas vezes cada causa deu a mais (ou a menos): juntas são a diferença para `regra_sozinha`',
        }),
        frase: z.string().meta({
          example: 'Ana recebeu 10 vezes, 4 a menos do que a regra sozinha daria: −1 pelos idiomas e −3 por ausência.',
        }),
      }),
    ),
    maior_diferenca: z.object({
      promessa: z.int().meta({ description: 'Mais do que isto não é justo' }),
      cumprida: z.boolean(),
      diferenca: orNull(z.int(), { description: '`null`: não houve duas pessoas para comparar' }),
      mais: orNull(z.object(quem)),
      menos: orNull(z.object(quem)),
      de: orNull(marco, { description: 'O primeiro e o último turno do intervalo' }),
      ate: orNull(marco),
      frase: z.string(),
    }),
    espera: z.object({
      clientes: z.int().meta({ description: 'Atendidos que tinham esperado' }),
      mediana_s: orNull(segundos),
      p95_s: orNull(segundos),
      pior_s: orNull(segundos),
    }),
  })
  .meta({ id: 'Justica' })
