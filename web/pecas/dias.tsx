import type { JSX } from 'preact'
import { dayAndMonth } from '../tempo.js'

interface Day {
  readonly dia: string
  readonly valor: number
  /** Marked by a line. */
  readonly media?: number
  /** What is drawn, in words. */
  readonly rotulo: string
}

const HEIGHT = 120
/** Width of a day, and of the bar in it. */
const [STEP, WIDTH] = [20, 14]
const MIN_DAYS = 14

/** A bar a day, the oldest first. What it shows stands beside it as a list too, for who does not see it. */
export function Dias({ dias }: { readonly dias: readonly Day[] }): JSX.Element {
  const most = Math.max(...dias.flatMap(({ valor, media = 0 }) => [valor, media]), 1)
  const y = (value: number) => HEIGHT - (value / most) * HEIGHT
  const [first, last] = [dias[0], dias.at(-1)]
  const width = Math.max(dias.length, MIN_DAYS) * STEP
  return (
    <figure class="dias">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {dias.map(({ dia, valor, media, rotulo }, place) => (
          <g key={dia}>
            <title>{rotulo}</title>
            <rect class="fundo" x={place * STEP + (STEP - WIDTH) / 2} width={WIDTH} height={HEIGHT} />
            <rect
              class="valor"
              x={place * STEP + (STEP - WIDTH) / 2}
              y={y(valor)}
              width={WIDTH}
              height={HEIGHT - y(valor)}
            />
            {media !== undefined && (
              <line class="media" x1={place * STEP} x2={(place + 1) * STEP} y1={y(media)} y2={y(media)} />
            )}
          </g>
        ))}
      </svg>
      <figcaption>
        <span>{first && dayAndMonth(first.dia)}</span>
        <span>{last && last !== first && dayAndMonth(last.dia)}</span>
      </figcaption>
      <ul class="so-leitor">
        {dias.map(({ dia, rotulo }) => (
          <li key={dia}>{rotulo}</li>
        ))}
      </ul>
    </figure>
  )
}
