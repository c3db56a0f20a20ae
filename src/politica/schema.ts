import { z } from 'zod'
import { orNull } from '../http/text.js'
import { MAX_LIMITE } from '../vez/rules/draft.js'

const limite = z.int().min(1).max(MAX_LIMITE).nullable().meta({
  description:
    'Quantos protocolos abertos (nem concluídos nem cancelados) cada consultor tem no máximo: quem os tem não recebe a vez. `null`: sem limite. O `limite` de um consultor vale no lugar deste',
  example: 20,
})

export const MudancaDePolitica = z
  .strictObject({ limite })
  .partial()
  .meta({ id: 'MudancaDePolitica', description: 'Só o que muda; `null` apaga' })

export const PoliticaDaApi = z.object({ limite: orNull(limite) }).meta({ id: 'Politica' })
