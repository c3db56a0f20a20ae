import type { JSX } from 'preact'
import type { Fila, Pessoa } from '../contrato.js'
import { languageName } from '../tempo.js'
import { painel } from '../textos.js'
import { Estado, Etiqueta, Ordem } from './basicas.js'
import { Icone } from './icone.js'
import { BotaoMudar, UltimoTurno } from './pessoa.js'
import { Duracao } from './tempo.js'

const palavras = painel.vez
/** How many of a line are seen without unfolding it. */
const SHOWN = 3

/** Opens what changes a person; `undefined` for who may only look. */
export type Change = ((pessoa: Pessoa) => void) | undefined

/** Lines for which somebody waits and nobody is there come first, then the longest; where nobody is there or waits, last. */
export function byUrgency(a: Fila, b: Fila): number {
  const weight = ({ ordem, esperando }: Fila): number =>
    ordem.length === 0 ? (esperando > 0 ? Number.POSITIVE_INFINITY : 0) : ordem.length
  const [left, right] = [weight(a), weight(b)]
  return left === right ? 0 : right > left ? 1 : -1
}

interface FilaProps {
  readonly fila: Fila
  readonly people: ReadonlyMap<number, Pessoa>
  readonly change: Change
}

/** The line of one language and team: the next, two more, the rest folded; in red when nobody serves it. */
export function CartaoFila({ fila, people, change }: FilaProps): JSX.Element {
  const { idioma, equipe, ordem, frase } = fila
  const language = languageName(idioma)
  const line = ordem.flatMap((id) => people.get(id) ?? [])
  const rows = line.map((pessoa, place) => <NaFila key={pessoa.id} pessoa={pessoa} lugar={place + 1} change={change} />)
  return (
    <section class={line.length === 0 ? 'cartao fila ninguem' : 'cartao fila'}>
      <header>
        <h2>
          {language} {equipe !== undefined && <Etiqueta>{equipe}</Etiqueta>}
        </h2>
        <Esperando fila={fila} />
      </header>
      {line.length === 0 && (
        <div class="corpo">
          <Estado icone="alerta" tom="perigo">
            {palavras.ninguem(language)}
          </Estado>
          {frase !== undefined && <p class="menor">{frase}</p>}
        </div>
      )}
      <ol>{rows.slice(0, SHOWN)}</ol>
      {rows.length > SHOWN && (
        <details>
          <summary>
            <Icone nome="seta" />
            {palavras.mais(rows.length - SHOWN)}
          </summary>
          <ol>{rows.slice(SHOWN)}</ol>
        </details>
      )}
    </section>
  )
}

/** Who waits for it; else how many stand in it. */
function Esperando({ fila: { ordem, esperando, espera_desde } }: { readonly fila: Fila }): JSX.Element | null {
  if (esperando === 0) return ordem.length === 0 ? null : <small>{palavras.podem(ordem.length)}</small>
  return (
    <Etiqueta tom={ordem.length > 0 ? 'atencao' : 'perigo'}>
      {palavras.esperam(esperando)}
      {espera_desde !== undefined && (
        <>
          {' · '}
          <Duracao desde={espera_desde} />
        </>
      )}
    </Etiqueta>
  )
}

interface NaFilaProps {
  readonly pessoa: Pessoa
  readonly lugar: number
  readonly change: Change
}

const NaFila = ({ pessoa, lugar, change }: NaFilaProps): JSX.Element => (
  <li class={lugar === 1 ? 'pessoa proximo' : 'pessoa'}>
    <Ordem lugar={lugar} />
    <div>
      <p class="nome" title={pessoa.nome}>
        {pessoa.nome}
      </p>
      <UltimoTurno pessoa={pessoa} />
    </div>
    <BotaoMudar nome={pessoa.nome} aoMudar={change && (() => change(pessoa))} />
  </li>
)
