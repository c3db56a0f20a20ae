import { z } from 'zod'

export const Ajustes = z.object({
  transferir: z.boolean().default(true).meta({
    description: 'Cada chamada pede um consultor (desligue para valer o gatilho da conta)',
    example: true,
  }),
})

/** Field names that are understood, since the block's author chooses them: the first one present counts. */
export const NAMES = {
  id: ['resultId'],
  endereco: ['remoteJid', 'jid'],
  nome: ['name', 'nome', 'pushName'],
  telefone: ['phone', 'telefone', 'celular', 'whatsapp'],
  texto: ['text', 'texto', 'mensagem', 'message'],
  idioma: ['locale', 'idioma', 'language'],
} as const
