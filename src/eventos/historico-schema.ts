import { z } from 'zod'
import { instant, integer, orNull } from '../http/text.js'
import type { LocalTime } from '../lib/local-time.js'
import { periodo } from '../protocolos/schema.js'
import type { Place } from './replay.js'

const CONTINUA = /^(\d{1,15})\.(\d{1,16})\.(\d{1,15})$/

const continua = z
  .string()
  .trim()
  .transform((written, ctx): Place => {
    const [, versao, lugar, n] = CONTINUA.exec(written) ?? []
    if (versao !== undefined) return { versao: Number(versao), lugar: Number(lugar), n: Number(n) }
    ctx.addIssue({ code: 'custom', message: 'Use o valor de X-Continua da resposta anterior' })
    return z.NEVER
  })
  .meta({
    description: 'Continuar dali: o `X-Continua` da resposta anterior, como veio',
    example: '181200.3.97110',
    override: { type: 'string', pattern: CONTINUA.source },
  })

const ordem = z
  .enum(['asc', 'desc'])
  .default('desc')
  .meta({ description: 'Os mais novos primeiro (`desc`), ou os mais antigos' })
const consultor_id = integer(1).optional().meta({ description: 'Só os turnos que recebeu, e o que mudou dele' })

export const FiltroDoArquivo = (time: LocalTime) => z.object({ ...periodo(time), consultor_id, ordem })

export const FiltroDoHistorico = (time: LocalTime) =>
  FiltroDoArquivo(time).extend({
    limit: integer(1, 500).default(100),
    continua: continua.optional(),
  })

export const fromContinua = ({ versao, lugar, n }: Place): string => [versao, Math.max(0, lugar), n].join('.')

export const Passo = z
  .object({
    versao: z.int().meta({ description: 'A gravação em que foi decidido' }),
    lugar: z.int().meta({ description: 'O lugar nela' }),
    em: instant,
    tipo: z.string().meta({
      description:
        '`turno` (pela regra, ou preferido), `numero` (sem vez), `ajudou`; ou o que mudou: `presenca`, `alterado`, `criado`, `removido`, `horario`, `politica`, `recontado`, `entrou_na_espera`, `saiu_da_espera`, `inicio`',
      example: 'presenca',
    }),
    frase: z.string().meta({ example: 'Ana entrou em pausa até 12:30 (almoço), pelo WhatsApp.' }),
    protocolo: orNull(z.string(), { example: '#00017' }),
    consultores: z.array(z.object({ consultor_id: z.int(), nome: orNull(z.string()) })),
    por: orNull(z.string(), {
      description:
        'Quem mudou: `chave:<id>`, `canal:<slug>`, `eu:<consultor>`, `agenda` …; de um turno, `regra`, `preferido` …',
    }),
    motivo: orNull(z.string()),
    idioma: orNull(z.string()),
    equipe: orNull(z.string()),
    canal: orNull(z.string()),
  })
  .meta({ id: 'Passo' })
