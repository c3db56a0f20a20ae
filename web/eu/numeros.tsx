import type { JSX } from 'preact'
import type { MeusNumeros as Numbers } from '../contrato.js'
import { Barra, Cartao } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Dias } from '../pecas/dias.js'
import { dayAndMonth, number } from '../tempo.js'
import { eu } from '../textos.js'

/** How many customers he was given, beside the mean of the team. */
export function MeusNumeros({ versao }: { readonly versao: string | undefined }): JSX.Element {
  const lido = useLoaded<Numbers>('/eu/api/numeros', versao)
  return (
    <Cartao titulo={eu.numeros}>
      <Lido de={lido}>
        {({ hoje, media_hoje, total, media, por_dia }) => (
          <div class="pilha">
            <Comparado nome={eu.hoje} valor={hoje} media={media_hoje} />
            <Comparado nome={eu.trintaDias} valor={total} media={media} />
            {por_dia.length > 1 && (
              <div>
                <h3>{eu.porDia}</h3>
                <Dias
                  dias={por_dia.map((day) => ({
                    dia: day.dia,
                    valor: day.total,
                    media: day.media,
                    rotulo: eu.porDiaRotulo(dayAndMonth(day.dia), number(day.total), number(day.media)),
                  }))}
                />
              </div>
            )}
          </div>
        )}
      </Lido>
    </Cartao>
  )
}

interface ComparadoProps {
  readonly nome: string
  readonly valor: number
  readonly media: number
}

const Comparado = ({ nome, valor, media }: ComparadoProps): JSX.Element => (
  <div class="comparado">
    <p>
      {nome}: <strong>{number(valor)}</strong>
    </p>
    <small>{eu.media(number(media))}</small>
    <Barra
      valor={valor}
      maximo={Math.max(valor, media, 1) * 1.15}
      media={media}
      rotulo={`${nome}: ${number(valor)}, ${eu.media(number(media))}`}
    />
  </div>
)
