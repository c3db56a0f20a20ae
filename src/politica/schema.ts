import { z } from 'zod'
import { FeriadosDaApi, Fuso, fromGuardado, HorarioDaApi, toGuardado } from '../agenda/schema.js'
import { orNull } from '../http/text.js'
import { omitUndefined } from '../lib/omit.js'
import type { Politica } from '../vez/document.js'
import type { PoliticaChange } from '../vez/rules/commands.js'
import { MAX_LIMITE } from '../vez/rules/draft.js'

const limite = z.int().min(1).max(MAX_LIMITE).nullable().meta({
  description:
    'Quantos protocolos abertos (nem concluídos nem cancelados) cada consultor tem no máximo: quem os tem não recebe a vez. `null`: sem limite. O `limite` de um consultor vale no lugar deste',
  example: 20,
})

const horario = HorarioDaApi.pick({ semana: true, folgas: true }).nullable().meta({
  id: 'HorarioComum',
  description: 'O expediente de cada consultor que não tem o seu: `semana`, e as folgas de todos. `null`: nenhum',
})
const feriados = FeriadosDaApi.nullable().meta({
  description: 'Os dias sem expediente, de quem não diz `feriados: false` e das contas com horário. `null`: nenhum',
})
const fuso = Fuso.nullable().meta({ description: 'O fuso de quem não diz o seu; `null`: o de `FUSO`' })

export const MudancaDePolitica = z
  .strictObject({ limite, horario, feriados, fuso })
  .partial()
  .meta({ id: 'MudancaDePolitica', description: 'Só o que muda; `null` apaga' })

export const PoliticaDaApi = z
  .object({ limite: orNull(limite), horario: orNull(horario), feriados: orNull(feriados), fuso: orNull(fuso) })
  .meta({ id: 'Politica' })

/** What holds for everybody as the API tells it. */
export function toApi({ limite, agenda, feriados, fuso }: Politica): z.input<typeof PoliticaDaApi> {
  const { semana = null, folgas = [] } = agenda ? fromGuardado(agenda) : {}
  const { nacionais = false, carnaval = false, corpus_christi = false, dias = [] } = feriados ?? {}
  return {
    limite,
    horario: agenda && { semana, folgas },
    feriados: feriados && { nacionais, carnaval, corpus_christi, dias: [...dias] },
    fuso,
  }
}

/** What changes of it, in the names of the state. */
export function fromApi({
  horario: hours,
  feriados: days,
  ...rest
}: z.output<typeof MudancaDePolitica>): PoliticaChange {
  const agenda = hours === undefined ? undefined : hours && toGuardado(hours)
  const feriados = days && omitUndefined(days)
  return omitUndefined({ ...rest, agenda, feriados })
}
