import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer } from '../api.js'
import type { Eu, NovaPresenca } from '../contrato.js'
import { AteQuando } from '../pecas/ate-quando.js'
import { Confirmar } from '../pecas/dialogo.js'
import { novaPresenca } from '../pecas/nova-presenca.js'
import { eu, textos } from '../textos.js'

interface PausarProps {
  readonly fazer: (body: NovaPresenca) => Promise<Answer<Eu>>
  readonly aoFechar: () => void
}

/** A pause, with its reason and when it ends. */
export function Pausar({ fazer, aoFechar }: PausarProps): JSX.Element {
  const [minutes, setMinutes] = useState<number>()
  const pause = (motivo: string) => fazer(novaPresenca('pausa', motivo, minutes))
  return (
    <Confirmar
      titulo={eu.pausaTitulo}
      explica={eu.pausaExplica}
      acao={eu.pausar}
      motivo={{ exigido: false, sugestoes: textos.motivosDePausa }}
      fazer={pause}
      aoFechar={aoFechar}
    >
      <AteQuando minutos={minutes} aoMudar={setMinutes} />
    </Confirmar>
  )
}
