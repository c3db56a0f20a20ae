import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import { webUrl } from '../support.js'

export const Ajustes = z.object({
  retorno_url: webUrl(500).optional().meta({
    description: 'Para onde vão os textos e atribuições que vêm depois da resposta (assinados por Standard Webhooks)',
  }),
})

const contato = z.object({
  id: z.string().trim().min(1).max(128).nullish().meta({ description: 'O id do cliente no seu sistema' }),
  nome: z.string().trim().max(255).nullish(),
  telefone: z.string().trim().max(32).nullish().meta({ example: '+5511987654321' }),
  email: z.string().trim().max(255).nullish(),
  idioma: z.string().trim().min(2).max(16).nullish().meta({ example: 'pt-BR' }),
})

/** What names a customer, his conversation and his request, whatever else is wrong with the event. */
export const Ids = z.object({ id: lenient.text, conversa: lenient.text, contato: part({ id: lenient.text }) })

/** What a flow or a system of the customer's own sends us. */
export const EventoGenerico = z
  .object({
    id: z.string().trim().min(1).max(255).nullish().meta({
      description: 'Único por pedido: repetido, recebe a mesma resposta. Vale também o cabeçalho webhook-id.',
    }),
    tipo: z.enum(['pedido', 'mensagem', 'encerramento']).default('pedido').meta({
      description:
        '`pedido`: quer um consultor. `mensagem`: escreveu; vale o gatilho da conta. `encerramento`: acabou o atendimento.',
    }),
    contato: contato.meta({ description: 'O cliente: ao menos id ou telefone' }),
    conversa: z.string().trim().min(1).max(200).nullish().meta({ description: 'Volta no retorno; padrão: o id' }),
    texto: z.string().max(4_096).nullish(),
    referencia: z.string().max(500).nullish().meta({ description: 'O anúncio que trouxe o cliente' }),
    enviado_em: z.iso.datetime({ offset: true }).nullish(),
  })
  .meta({ title: 'Evento do canal genérico' })
