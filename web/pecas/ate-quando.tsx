import type { JSX } from 'preact'
import { textos } from '../textos.js'

interface AteQuandoProps {
  readonly minutos: number | undefined
  readonly aoMudar: (minutos: number | undefined) => void
}

/** When a pause ends by itself. */
export const AteQuando = ({ minutos, aoMudar }: AteQuandoProps): JSX.Element => (
  <label class="campo">
    <span>{textos.ateQuando}</span>
    <select
      value={minutos ?? ''}
      onChange={({ currentTarget: { value } }) => aoMudar(value === '' ? undefined : Number(value))}
    >
      <option value="">{textos.semHora}</option>
      {textos.duracoes.map((one) => (
        <option key={one} value={one}>
          {textos.minutos(one)}
        </option>
      ))}
    </select>
  </label>
)
