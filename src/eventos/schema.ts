import { z } from 'zod'
import { integer, orNull } from '../http/text.js'

export const PedidoDeVerificacao = z.strictObject({
  desde: integer(0, 0)
    .optional()
    .meta({ description: '`0`: tudo de novo, não só o que veio depois da última verificação' }),
})

const Problema = z.object({
  versao: z.int(),
  lugar: z.int(),
  protocolo: orNull(z.string(), { example: '#00017' }),
  evento: orNull(z.string()),
  frase: z.string().meta({ example: '#00017 foi para o consultor 3, e a regra daria o consultor 2.' }),
})

export const Verificacao = z
  .object({
    confere: z
      .boolean()
      .meta({ description: 'O livro e a fila dizem o mesmo, e cada turno foi de quem a regra manda' }),
    versao: z.int().meta({ description: 'Até que versão da fila' }),
    desde: z.int().meta({ description: 'Depois de que versão esta verificação começou' }),
    entradas: z.int().meta({ description: 'Protocolos e eventos que ela refez' }),
    entradas_antes: z.int().meta({ description: 'Os que verificações anteriores já tinham refeito' }),
    ultimo_numero: z.int(),
    problemas: z.array(Problema).meta({ description: 'O primeiro é o que conta; até 50' }),
  })
  .meta({ id: 'Verificacao' })
