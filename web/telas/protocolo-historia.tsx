import type { JSX } from 'preact'
import type { ProtocoloDetalhe } from '../contrato.js'
import { Aviso, Cartao } from '../pecas/basicas.js'
import { Par } from '../pecas/par.js'
import { Hora } from '../pecas/tempo.js'
import { painel, textos } from '../textos.js'

const palavras = painel.detalhe

/** What happened to it, the oldest first. */
export const Historia = ({ dados }: { readonly dados: ProtocoloDetalhe }): JSX.Element => (
  <Cartao titulo={palavras.historia}>
    <ol class="historia">
      {dados.historia.map(({ em, tipo, frase, por }, place) => (
        <li key={`${em} ${tipo} ${place}`}>
          <Hora em={em} />
          <div>
            {frase}
            {por !== null && <small> · {textos.por(por)}</small>}
          </div>
        </li>
      ))}
    </ol>
  </Cartao>
)

/** What it is at Pipedrive. */
export function NoPipedrive({ dados: { pipedrive } }: { readonly dados: ProtocoloDetalhe }): JSX.Element {
  if (!pipedrive)
    return (
      <Cartao titulo={palavras.pipedrive}>
        <p class="menor">{palavras.semPipedrive}</p>
      </Cartao>
    )
  const links = [
    [palavras.pessoa, pipedrive.pessoa],
    [palavras.negocio, pipedrive.negocio],
    [palavras.lead, pipedrive.lead],
    [palavras.atividade, pipedrive.atividade],
  ] as const
  return (
    <Cartao titulo={palavras.pipedrive}>
      <div class="pilha">
        {pipedrive.avisos.map((one) => (
          <Aviso key={one} tom="atencao">
            {one}
          </Aviso>
        ))}
        <dl class="pares">
          {links.map(
            ([name, value]) =>
              value !== null && (
                <Par key={name} nome={name}>
                  {value.startsWith('https://') ? (
                    <a href={value} target="_blank" rel="noopener noreferrer">
                      {palavras.abrir}
                    </a>
                  ) : (
                    value
                  )}
                </Par>
              ),
          )}
          {pipedrive.situacao !== null && <Par nome={palavras.situacao}>{pipedrive.situacao}</Par>}
          {pipedrive.motivo_da_perda !== null && <Par nome={palavras.perda}>{pipedrive.motivo_da_perda}</Par>}
        </dl>
      </div>
    </Cartao>
  )
}
