import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Equipe, Membro } from '../contrato.js'
import { weekWords } from '../horario.js'
import { Cartao, Etiqueta, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Confirmar } from '../pecas/dialogo.js'
import { useFeito } from '../pecas/feito.js'
import { Icone, type IconName } from '../pecas/icone.js'
import { EstadoPresenca, Idiomas } from '../pecas/pessoa.js'
import { type Column, Tabela } from '../pecas/tabela.js'
import { Tempo } from '../pecas/tempo.js'
import { clockTime, dayAndMonth } from '../tempo.js'
import { painel } from '../textos.js'
import { DarAcesso } from './acesso.js'
import { EditarMembro } from './membro.js'
import { SairDeTodos, Sessoes } from './sessoes.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.equipe
type Asked = 'novo' | { readonly que: 'editar' | 'acesso' | 'encerrar' | 'remover'; readonly membro: Membro }

/** The roster: who they are, their hours, teams and limits, and who has a page of his own open. */
export function TelaEquipe({ vez, podeMudar }: ScreenProps): JSX.Element {
  const lido = useLoaded<Equipe>('/painel/api/equipe', vez.marca)
  const [asked, setAsked] = useState<Asked>()
  const close = () => {
    setAsked(undefined)
    lido.recarregar()
  }
  return (
    <>
      <Titulo titulo={palavras.titulo}>
        {podeMudar && (
          <button type="button" class="botao principal" aria-haspopup="dialog" onClick={() => setAsked('novo')}>
            {palavras.novo}
          </button>
        )}
      </Titulo>
      <Lido de={lido}>
        {({ membros, canais }) => (
          <>
            <div class="cartao">
              {membros.length === 0 ? (
                <Vazio titulo={palavras.nenhum} icone="equipe">
                  {palavras.nenhumExplica}
                </Vazio>
              ) : (
                <Tabela
                  legenda={palavras.titulo}
                  linhas={membros}
                  chave={({ id }) => id}
                  colunas={columnsFor(membros, podeMudar ? setAsked : undefined)}
                />
              )}
            </div>
            {asked === 'novo' && <EditarMembro membro={undefined} aoFechar={close} />}
            {asked !== undefined && asked !== 'novo' && <Pedido {...asked} canais={canais} aoFechar={close} />}
          </>
        )}
      </Lido>
      <Cartao titulo={palavras.sessoes} lado={<SairDeTodos />} cheio>
        <Sessoes versao={vez.marca} podeMudar={podeMudar} />
      </Cartao>
    </>
  )
}

/** Teams and limits have a column where somebody has them. */
function columnsFor(membros: readonly Membro[], ask: ((asked: Asked) => void) | undefined): readonly Column<Membro>[] {
  const some = (has: (membro: Membro) => unknown): boolean => membros.some((one) => Boolean(has(one)))
  const columns: (Column<Membro> | false)[] = [
    {
      titulo: palavras.nome,
      celula: ({ nome, email, telefone, ativo, horario }) => (
        <>
          <span class="nome">{nome}</span> {!ativo && <Etiqueta>{palavras.inativo}</Etiqueta>}
          <br />
          <small>{[telefone, email].filter(Boolean).join(' · ') || palavras.semContato}</small>
          {horario && <Horario horario={horario} />}
        </>
      ),
    },
    {
      titulo: palavras.idiomas,
      celula: ({ idiomas }) => (
        <small>
          <Idiomas idiomas={idiomas} />
        </small>
      ),
    },
    {
      titulo: palavras.estado,
      classe: 'justo',
      celula: ({ presenca, sequencial }) =>
        sequencial ? <EstadoPresenca presenca={presenca} /> : <Etiqueta>{palavras.foraDaSequencia}</Etiqueta>,
    },
    some(({ equipes }) => equipes.length) && {
      titulo: palavras.equipes,
      celula: ({ equipes }) =>
        equipes.length === 0 ? '—' : equipes.map((one) => <Etiqueta key={one}>{one}</Etiqueta>),
    },
    some(({ limite }) => limite !== null) && {
      titulo: palavras.limite,
      classe: 'justo',
      celula: ({ limite }) => limite ?? '—',
    },
    { titulo: palavras.pagina, classe: 'justo', celula: (membro) => <Pagina membro={membro} /> },
    ask !== undefined && {
      titulo: '',
      classe: 'direita',
      celula: (membro) => <Acoes membro={membro} ask={ask} />,
    },
  ]
  return columns.filter((one) => one !== false)
}

const Pagina = ({ membro: { visto_em, link_ate, sessoes } }: { readonly membro: Membro }): JSX.Element => (
  <small>
    {visto_em !== null ? (
      <>
        {palavras.visto} <Tempo em={visto_em} />
      </>
    ) : sessoes > 0 ? (
      palavras.aberta
    ) : (
      palavras.semPagina
    )}
    {link_ate !== null && (
      <>
        <br />
        {palavras.linkAte(clockTime(link_ate))}
      </>
    )}
  </small>
)

/** His hours, below his name: a column of its own would be too narrow for them. */
const Horario = ({
  horario: { semana, folgas },
}: {
  readonly horario: NonNullable<Membro['horario']>
}): JSX.Element => (
  <>
    <br />
    <small>
      {palavras.horario}: {weekWords(semana, palavras.semana) || palavras.horarioComum}
      {folgas.length > 0 && `; ${palavras.folgasLista(folgas.map(daysOff))}`}
    </small>
  </>
)

/** `24/12`, `28/12 a 08/01`. */
const daysOff = (folga: string): string => folga.split('/').map(dayAndMonth).join(' a ')

interface RedondoProps {
  readonly icone: IconName
  readonly rotulo: string
  readonly aoPedir: () => void
}

/** A round button that opens a dialog. */
const Redondo = ({ icone, rotulo, aoPedir }: RedondoProps): JSX.Element => (
  <button type="button" class="botao redondo" aria-haspopup="dialog" aria-label={rotulo} onClick={aoPedir}>
    <Icone nome={icone} />
  </button>
)

interface AcoesProps {
  readonly membro: Membro
  readonly ask: (asked: Asked) => void
}

const Acoes = ({ membro, ask }: AcoesProps): JSX.Element => (
  <span class="botoes">
    <button type="button" class="botao" aria-haspopup="dialog" onClick={() => ask({ que: 'acesso', membro })}>
      {palavras.acesso}
      <span class="so-leitor"> {membro.nome}</span>
    </button>
    <Redondo icone="lapis" rotulo={palavras.editarTitulo(membro.nome)} aoPedir={() => ask({ que: 'editar', membro })} />
    {membro.sessoes > 0 && (
      <Redondo
        icone="ligado"
        rotulo={palavras.encerrarTitulo(membro.nome)}
        aoPedir={() => ask({ que: 'encerrar', membro })}
      />
    )}
    <Redondo
      icone="fechar"
      rotulo={palavras.removerTitulo(membro.nome)}
      aoPedir={() => ask({ que: 'remover', membro })}
    />
  </span>
)

interface PedidoProps {
  readonly que: 'editar' | 'acesso' | 'encerrar' | 'remover'
  readonly membro: Membro
  readonly canais: Equipe['canais']
  readonly aoFechar: () => void
}

function Pedido({ que, membro, canais, aoFechar }: PedidoProps): JSX.Element {
  const say = useFeito()
  if (que === 'editar') return <EditarMembro membro={membro} aoFechar={aoFechar} />
  if (que === 'acesso') return <DarAcesso membro={membro} canais={canais} aoFechar={aoFechar} />
  const ends = que === 'encerrar'
  const path = `/painel/api/consultores/${membro.id}`
  const act = async () => {
    const answer = ends ? await call('POST', `${path}/sair`, {}) : await call('DELETE', path)
    if (answer.ok) say(ends ? palavras.encerradas : palavras.removido(membro.nome))
    return answer
  }
  return (
    <Confirmar
      titulo={ends ? palavras.encerrarTitulo(membro.nome) : palavras.removerTitulo(membro.nome)}
      explica={ends ? palavras.encerrarExplica : palavras.removerExplica}
      acao={ends ? palavras.encerrar : palavras.remover}
      perigoso
      fazer={act}
      aoFechar={aoFechar}
    />
  )
}
