import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer } from '../api.js'
import type { Presenca } from '../contrato.js'
import { textos } from '../textos.js'
import { Confirmar } from './dialogo.js'

interface PassarProps {
  readonly titulo: string
  readonly explica: string
  readonly pessoas: readonly { readonly id: number; readonly nome: string; readonly presenca: Presenca }[]
  readonly fazer: (consultor_id: number, motivo: string) => Promise<Answer<unknown>>
  readonly aoFechar: () => void
}

const PRESENCE_ORDER: readonly Presenca[] = ['online', 'pausa', 'offline']

/** Hands a customer to a colleague: who is there first, with the state beside the name. */
export function Passar({ titulo, explica, pessoas, fazer, aoFechar }: PassarProps): JSX.Element {
  const [to, setTo] = useState('')
  const order = [...pessoas].sort(
    (a, b) =>
      PRESENCE_ORDER.indexOf(a.presenca) - PRESENCE_ORDER.indexOf(b.presenca) || a.nome.localeCompare(b.nome, 'pt-BR'),
  )
  return (
    <Confirmar
      titulo={titulo}
      explica={explica}
      acao={textos.passarAcao}
      motivo={{ exigido: true, sugestoes: textos.motivosDePassar }}
      fazer={(motivo) => fazer(Number(to), motivo)}
      aoFechar={aoFechar}
    >
      <label class="campo">
        <span>{textos.paraQuem}</span>
        <select value={to} required onChange={({ currentTarget }) => setTo(currentTarget.value)}>
          <option value="">{textos.escolha}</option>
          {order.map(({ id, nome, presenca }) => (
            <option key={id} value={id}>
              {nome} ({textos.presencas[presenca]})
            </option>
          ))}
        </select>
      </label>
    </Confirmar>
  )
}
