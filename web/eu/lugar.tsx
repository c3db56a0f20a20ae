import type { JSX } from 'preact'
import type { Eu, Lugar } from '../contrato.js'
import { Estado } from '../pecas/basicas.js'
import { languageName, list } from '../tempo.js'
import { eu } from '../textos.js'

interface MeuLugarProps {
  readonly me: Eu
  /** A customer has just become his, or he has just become next. */
  readonly anuncio: string
}

/** Whose turn it is, seen from him: the place per language, and who stands before him. */
export function MeuLugar({ me, anuncio }: MeuLugarProps): JSX.Element {
  const [next, ...others] = [...me.lugares].sort((a, b) => (a.posicao ?? Infinity) - (b.posicao ?? Infinity))
  const isNext = next?.posicao === 1
  return (
    <section class={isNext ? 'cartao lugar agora' : 'cartao lugar'}>
      {next === undefined || next.posicao === null ? <ForaDaVez me={me} /> : <Frase lugar={next} />}
      {others.some(({ posicao }) => posicao !== null) && (
        <ul>
          {others.map(
            (lugar) =>
              lugar.posicao !== null && (
                <li key={`${lugar.idioma} ${lugar.equipe}`}>
                  {eu.lugar(lugar.posicao, nameOf(lugar))}
                  <small> {eu.entreTodos(lugar.de)}</small>
                </li>
              ),
          )}
        </ul>
      )}
      {anuncio !== '' && <p class="novidade">{anuncio}</p>}
      <Limite me={me} />
    </section>
  )
}

const nameOf = ({ idioma, equipe }: Lugar): string => languageName(idioma) + (equipe === null ? '' : ` (${equipe})`)

function Frase({ lugar }: { readonly lugar: Lugar }): JSX.Element {
  const { posicao, a_frente, de, esperando } = lugar
  if (posicao === null) return <p>{eu.semLugar(nameOf(lugar))}</p>
  const waiting = esperando > 0 ? eu.esperam(esperando) : eu.ninguemEspera
  const ahead = posicao - 1
  const names = ahead > a_frente.length ? [...a_frente, eu.outros(ahead - a_frente.length)] : a_frente
  return (
    <>
      <p class="grande">{posicao === 1 ? eu.suaVezEm(nameOf(lugar)) : eu.lugar(posicao, nameOf(lugar))}</p>
      <p>{posicao === 1 ? `${eu.proximoSeu} · ${waiting}` : eu.aFrente(ahead, list(names))}</p>
      {posicao > 1 && (
        <p class="menor">
          {eu.entreTodos(de)} · {waiting}
        </p>
      )}
    </>
  )
}

const ForaDaVez = ({ me: { fora } }: { readonly me: Eu }): JSX.Element => (
  <>
    <p class="grande">{eu.foraDaVez}</p>
    {fora.map(({ motivo, frase }) => (
      <p key={motivo}>
        <Estado icone={motivo === 'pausa' ? 'pausa' : 'fora'} tom={motivo === 'pausa' ? 'atencao' : 'neutro'}>
          <span class="quebra">{frase}</span>
        </Estado>
      </p>
    ))}
  </>
)

const Limite = ({ me: { abertos, limite } }: { readonly me: Eu }): JSX.Element | null =>
  limite === null || abertos === null ? null : <p class="menor">{eu.limite(abertos, limite)}</p>
