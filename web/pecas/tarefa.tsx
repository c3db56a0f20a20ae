import type { Tarefa } from '../contrato.js'
import { painel } from '../textos.js'
import { Etiqueta } from './basicas.js'
import type { Column } from './tabela.js'
import { Hora, Tempo } from './tempo.js'

const palavras = painel.problemas

export type TaskAction = 'repetir' | 'cancelar'

/** What a table of work shows. `ask` is what its buttons do; without it there are none. */
export const colunasDeTarefa = (
  ask: ((acao: TaskAction, tarefa: Tarefa) => void) | undefined,
): readonly Column<Tarefa>[] => [
  {
    titulo: palavras.oQue,
    celula: ({ titulo, incerta, canal }) => (
      <>
        <span class="nome">{titulo}</span> {incerta && <Etiqueta tom="atencao">{palavras.incerta}</Etiqueta>}
        {canal !== null && (
          <>
            <br />
            <small>{canal}</small>
          </>
        )}
      </>
    ),
  },
  {
    titulo: palavras.protocolo,
    classe: 'justo',
    celula: ({ protocolo, n }) =>
      n === null ? (protocolo ?? '—') : <a href={`/painel/protocolos/${n}`}>{protocolo}</a>,
  },
  { titulo: palavras.motivo, celula: ({ frase, motivo }) => <small>{frase ?? motivo ?? '—'}</small> },
  { titulo: palavras.tentativas, classe: 'justo', celula: ({ tentativas }) => tentativas },
  {
    titulo: palavras.quando,
    classe: 'justo',
    celula: ({ estado, encerrada_em, vence_em }) =>
      estado === 'pendente' ? <Tempo em={vence_em} /> : <Hora em={encerrada_em ?? vence_em} />,
  },
  ...(ask
    ? [
        {
          titulo: '',
          classe: 'direita',
          celula: (tarefa: Tarefa) => (
            <span class="botoes">
              {(tarefa.estado === 'morta' || tarefa.estado === 'pendente') && (
                <button type="button" class="botao" onClick={() => ask('repetir', tarefa)}>
                  {palavras.repetir}
                  <span class="so-leitor">
                    {' '}
                    {tarefa.titulo} {tarefa.protocolo}
                  </span>
                </button>
              )}
              {tarefa.estado === 'pendente' && (
                <button type="button" class="botao" onClick={() => ask('cancelar', tarefa)}>
                  {palavras.cancelar}
                  <span class="so-leitor">
                    {' '}
                    {tarefa.titulo} {tarefa.protocolo}
                  </span>
                </button>
              )}
            </span>
          ),
        } satisfies Column<Tarefa>,
      ]
    : []),
]
