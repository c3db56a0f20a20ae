import type { NovaPresenca, Presenca } from '../contrato.js'
import { serverNow } from '../tempo.js'

/** What a person asks for: the reason may be empty; only a pause ends by itself, so many minutes from now. */
export const novaPresenca = (presenca: Presenca, motivo: string, minutos: number | undefined): NovaPresenca => ({
  presenca,
  ...(motivo !== '' && { motivo }),
  ...(presenca === 'pausa' && minutos !== undefined && { ate: new Date(serverNow() + minutos * 60_000).toISOString() }),
})
