import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { MeusTurnos as Turnos } from '../contrato.js'
import { Etiqueta, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Icone } from '../pecas/icone.js'
import { Hora } from '../pecas/tempo.js'
import { eu } from '../textos.js'

/** The last turns of all, and of each why it was or was not his: asked for once it is unfolded. */
export function MeusTurnos({ versao }: { readonly versao: string }): JSX.Element {
  const [open, setOpen] = useState(false)
  const lido = useLoaded<Turnos>(open ? '/eu/api/turnos' : undefined, versao)
  return (
    <details class="cartao dobra" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Icone nome="seta" />
        <h2>{eu.turnos}</h2>
      </summary>
      {open && <p class="menor nota">{eu.turnosNota}</p>}
      {open && (
        <Lido de={lido}>
          {(turnos) =>
            turnos.length === 0 ? (
              <Vazio titulo={eu.semTurnos} icone="protocolo" />
            ) : (
              <ol>
                {turnos.map(({ numero, em, meu, nome, frase }) => (
                  <li key={numero} class="turno">
                    <div class="linha-simples">
                      <span>
                        <Hora em={em} /> <strong>{numero}</strong>
                      </span>
                      {meu ? <Etiqueta tom="bom">{eu.meu}</Etiqueta> : <small>{nome ?? '—'}</small>}
                    </div>
                    <p class="menor">{frase}</p>
                  </li>
                ))}
              </ol>
            )
          }
        </Lido>
      )}
    </details>
  )
}
