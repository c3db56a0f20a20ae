import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Atendendo, Pessoa, Turno, Vez } from '../contrato.js'
import { Cartao, Etiqueta, Iniciais, Numero, Numeros, Titulo, Vazio } from '../pecas/basicas.js'
import { useLoaded } from '../pecas/dados.js'
import { byUrgency, CartaoFila, type Change } from '../pecas/fila.js'
import { Icone } from '../pecas/icone.js'
import { Mudar } from '../pecas/mudar.js'
import { NovaParede } from '../pecas/nova-parede.js'
import { PessoaFora } from '../pecas/pessoa.js'
import { Tabela } from '../pecas/tabela.js'
import { Duracao, Hora, Tempo } from '../pecas/tempo.js'
import { languageName } from '../tempo.js'
import { painel } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.vez

/** Whose turn it is, per language and team; who serves, who is out and why; the last turns. */
export function TelaVez({ vez, podeMudar }: ScreenProps): JSX.Element {
  const [changing, setChanging] = useState<number>()
  const [wall, setWall] = useState(false)
  const { dados: atendendo } = useLoaded<Atendendo>('/painel/api/atendendo', vez.marca)
  const people = new Map(vez.pessoas.map((one) => [one.id, one]))
  const change: Change = podeMudar ? ({ id }) => setChanging(id) : undefined
  const person = changing === undefined ? undefined : people.get(changing)
  if (vez.pessoas.length === 0) return <SemEquipe />
  return (
    <>
      <Titulo titulo={palavras.titulo}>
        {podeMudar && (
          <button type="button" class="botao" aria-haspopup="dialog" onClick={() => setWall(true)}>
            <Icone nome="tela" />
            {palavras.parede}
          </button>
        )}
      </Titulo>
      <Resumo vez={vez} />
      <div class="filas">
        {[...vez.filas].sort(byUrgency).map((fila) => (
          <CartaoFila key={`${fila.idioma} ${fila.equipe ?? ''}`} fila={fila} people={people} change={change} />
        ))}
      </div>
      <div class="dois">
        <EmAtendimento atendendo={atendendo} people={people} />
        <ForaDaVez pessoas={vez.pessoas} change={change} />
      </div>
      <Ultimos turnos={vez.ultimos} />
      {person && <Mudar pessoa={person} aoFechar={() => setChanging(undefined)} />}
      {wall && <NovaParede aoFechar={() => setWall(false)} />}
    </>
  )
}

const SemEquipe = (): JSX.Element => (
  <>
    <Titulo titulo={palavras.titulo} />
    <div class="cartao">
      <Vazio titulo={palavras.semEquipe} icone="equipe">
        {palavras.semEquipeExplica}
        <br />
        <a href="/painel/equipe">{palavras.cadastrar}</a>
      </Vazio>
    </div>
  </>
)

function Resumo({ vez }: { readonly vez: Vez }): JSX.Element {
  const turning = vez.pessoas.filter(({ fora }) => !fora?.length)
  const pausing = vez.pessoas.filter(({ presenca }) => presenca === 'pausa')
  const [last] = vez.ultimos
  const since = vez.espera_desde
  return (
    <Numeros>
      <Numero rotulo={palavras.naVez} valor={turning.length} nota={palavras.deTodos(vez.pessoas.length)} />
      <Numero rotulo={palavras.emPausa} valor={pausing.length} nota={palavras.guardamLugar} />
      <Numero
        rotulo={palavras.esperando}
        valor={vez.esperando}
        tom={vez.esperando > 0 ? 'atencao' : 'neutro'}
        nota={
          since === undefined ? (
            palavras.ninguemEspera
          ) : (
            <a href="/painel/espera">
              {palavras.maisAntigo} <Duracao desde={since} />
            </a>
          )
        }
      />
      <Numero rotulo={palavras.ultimo} valor={last?.numero ?? palavras.nenhum} nota={last && <Tempo em={last.em} />} />
    </Numeros>
  )
}

interface AtendimentoProps {
  readonly atendendo: Atendendo | undefined
  readonly people: ReadonlyMap<number, Pessoa>
}

/** Who has customers now. */
function EmAtendimento({ atendendo, people }: AtendimentoProps): JSX.Element {
  const serving = atendendo?.pessoas.filter(({ consultor_id }) => people.has(consultor_id)) ?? []
  return (
    <Cartao titulo={palavras.atendendo} lado={<small>{serving.length}</small>} cheio>
      {serving.length === 0 ? (
        <Vazio titulo={palavras.ninguemAtende} icone="conversa" />
      ) : (
        <ul>
          {serving.map(({ consultor_id, abertos, desde }) => (
            <li key={consultor_id} class="pessoa">
              <Iniciais nome={people.get(consultor_id)?.nome ?? ''} />
              <div>
                <p class="nome">{people.get(consultor_id)?.nome}</p>
                <small>
                  {palavras.atendeDesde} <Duracao desde={desde} />
                </small>
              </div>
              <Etiqueta>{palavras.abertos(abertos)}</Etiqueta>
            </li>
          ))}
        </ul>
      )}
    </Cartao>
  )
}

function ForaDaVez({ pessoas, change }: { readonly pessoas: readonly Pessoa[]; readonly change: Change }): JSX.Element {
  const out = pessoas.filter(({ fora }) => fora !== undefined && fora.length > 0)
  // Who pauses comes back soon: first.
  const order = [...out].sort((a, b) => Number(b.presenca === 'pausa') - Number(a.presenca === 'pausa'))
  return (
    <Cartao titulo={palavras.fora} lado={<small>{out.length}</small>} cheio>
      {out.length === 0 ? (
        <Vazio titulo={palavras.ninguemFora} icone="online" />
      ) : (
        <ul>
          {order.map((pessoa) => (
            <PessoaFora key={pessoa.id} pessoa={pessoa} aoMudar={change && (() => change(pessoa))} />
          ))}
        </ul>
      )}
    </Cartao>
  )
}

const Ultimos = ({ turnos }: { readonly turnos: readonly Turno[] }): JSX.Element => (
  <Cartao titulo={palavras.ultimos} cheio>
    {turnos.length === 0 ? (
      <Vazio titulo={palavras.semTurnos} icone="protocolo">
        {palavras.semTurnosExplica}
      </Vazio>
    ) : (
      <Tabela
        legenda={palavras.ultimos}
        linhas={turnos}
        chave={({ n }) => n}
        compacta
        colunas={[
          {
            titulo: painel.protocolos.numero,
            classe: 'justo',
            celula: ({ n, numero }) => <a href={`/painel/protocolos/${n}`}>{numero}</a>,
          },
          { titulo: painel.protocolos.quando, classe: 'justo', celula: ({ em }) => <Hora em={em} /> },
          { titulo: painel.protocolos.consultor, celula: ({ nome }) => <span class="nome">{nome ?? '—'}</span> },
          { titulo: painel.protocolos.cliente, celula: ({ cliente }) => cliente ?? '' },
          {
            titulo: painel.espera.idioma,
            classe: 'justo',
            celula: ({ idioma }) => (idioma === undefined ? '' : languageName(idioma)),
          },
          { titulo: painel.problemas.motivo, classe: 'inteira', celula: ({ resumo }) => <small>{resumo}</small> },
        ]}
      />
    )}
  </Cartao>
)
