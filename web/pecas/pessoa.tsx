import type { JSX } from 'preact'
import type { Fora, Pessoa, Presenca } from '../contrato.js'
import { clockTime, languageName, shortTime } from '../tempo.js'
import { foraEmPalavras, painel, textos } from '../textos.js'
import { Estado, Iniciais, type Tone } from './basicas.js'
import { Icone, type IconName } from './icone.js'
import { Duracao, Tempo } from './tempo.js'

const LOOKS: Readonly<Record<Presenca, readonly [IconName, Tone]>> = {
  online: ['online', 'bom'],
  pausa: ['pausa', 'atencao'],
  offline: ['offline', 'neutro'],
}
const FORA_LOOKS: Readonly<Partial<Record<Fora, readonly [IconName, Tone]>>> = {
  pausa: LOOKS.pausa,
  offline: LOOKS.offline,
  horario: ['relogio', 'neutro'],
  limite: ['cheio', 'atencao'],
}

export function EstadoPresenca({ presenca }: { readonly presenca: Presenca }): JSX.Element {
  const [icone, tom] = LOOKS[presenca]
  return (
    <Estado icone={icone} tom={tom}>
      {textos.presencas[presenca]}
    </Estado>
  )
}

/** Why somebody takes no turn. */
export function EstadoFora({ fora }: { readonly fora: Fora }): JSX.Element {
  const [icone, tom] = FORA_LOOKS[fora] ?? ['fora', 'neutro']
  return (
    <Estado icone={icone} tom={tom}>
      {foraEmPalavras[fora]}
    </Estado>
  )
}

interface MudarProps {
  readonly nome: string
  readonly aoMudar: (() => void) | undefined
}

/** The button of a person's row; none for who may only look. */
export const BotaoMudar = ({ nome, aoMudar }: MudarProps): JSX.Element | null =>
  aoMudar ? (
    <button
      type="button"
      class="botao redondo"
      aria-label={painel.vez.mudar(nome)}
      aria-haspopup="dialog"
      onClick={aoMudar}
    >
      <Icone nome="mais" />
    </button>
  ) : null

export const Idiomas = ({ idiomas }: { readonly idiomas: readonly string[] }): JSX.Element => (
  <>{idiomas.map(languageName).join(', ')}</>
)

interface LinhaProps {
  readonly pessoa: Pessoa
  readonly aoMudar: (() => void) | undefined
}

/** A person who takes no turn: why, since when, by whom, until when. */
export function PessoaFora({ pessoa, aoMudar }: LinhaProps): JSX.Element {
  const { nome, presenca, fora = [] } = pessoa
  const reasons: readonly Fora[] = fora.length > 0 ? fora : presenca === 'online' ? [] : [presenca]
  return (
    <li class="pessoa">
      <Iniciais nome={nome} />
      <div>
        <p class="nome">{nome}</p>
        <p class="estados">
          {reasons.map((one) => (
            <EstadoFora key={one} fora={one} />
          ))}
          <DesdeQuando pessoa={pessoa} />
        </p>
      </div>
      <BotaoMudar nome={nome} aoMudar={aoMudar} />
    </li>
  )
}

/** Since when, by whom and until when; whoever is online and only outside his hours did nothing: they say when he is back. */
function DesdeQuando({ pessoa }: { readonly pessoa: Pessoa }): JSX.Element | null {
  const { presenca, desde, por, motivo, ate, fora, horario } = pessoa
  if (presenca === 'online' && fora?.[0] === 'horario')
    return horario?.ate === undefined ? null : <small>{painel.vez.volta(shortTime(horario.ate))}</small>
  return (
    <small>
      {desde !== undefined && (
        <>
          {painel.vez.desdeHa} <Duracao desde={desde} />
        </>
      )}
      {por !== undefined && ` · ${textos.por(por)}`}
      {motivo !== undefined && ` · ${motivo}`}
      {ate !== undefined && ` · ${painel.vez.volta(shortTime(ate))}`}
    </small>
  )
}

/** When somebody had his last turn, and what else a place in the line depends on. */
export function UltimoTurno({ pessoa }: { readonly pessoa: Pessoa }): JSX.Element {
  const { ultimo, abertos, limite, retido_ate } = pessoa
  const open = abertos === undefined ? undefined : painel.vez.abertos(abertos, limite)
  return (
    <small>
      {ultimo === undefined ? (
        painel.vez.semTurno
      ) : (
        <>
          {painel.vez.ultimoTurno} <Tempo em={ultimo} />
        </>
      )}
      {open !== undefined && ` · ${open}`}
      {retido_ate !== undefined && ` · ${painel.vez.retido(clockTime(retido_ate))}`}
    </small>
  )
}
