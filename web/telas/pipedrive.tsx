import type { JSX } from 'preact'
import type { Pipedrive } from '../contrato.js'
import { Aviso, Cartao, Estado, Etiqueta, Numero, Numeros, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Tabela } from '../pecas/tabela.js'
import { Hora, Tempo } from '../pecas/tempo.js'
import { list, number } from '../tempo.js'
import { painel } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.pipedrive

/** Whether what should be at Pipedrive is there, and what holds it up. */
export function TelaPipedrive({ vez }: ScreenProps): JSX.Element {
  const lido = useLoaded<Pipedrive>('/painel/api/pipedrive', vez.marca)
  return (
    <>
      <Titulo titulo={palavras.titulo} />
      <Lido de={lido}>
        {(dados) =>
          dados.ligado ? (
            <Ligado dados={dados} />
          ) : (
            <div class="cartao">
              <Vazio titulo={palavras.desligado} icone="negocio">
                {palavras.desligadoExplica}
              </Vazio>
            </div>
          )
        }
      </Lido>
    </>
  )
}

const Ligado = ({ dados }: { readonly dados: Pipedrive }): JSX.Element => (
  <>
    {dados.pausas.map(({ frase, ate, tudo }) => (
      <Aviso key={frase} tom={tudo ? 'perigo' : 'atencao'}>
        {frase} <small>{palavras.pausado}</small> <Hora em={ate} />
      </Aviso>
    ))}
    <Cabeca dados={dados} />
    {dados.ultimo_erro && (
      <p class="menor">
        {palavras.ultimoErro}: {dados.ultimo_erro.frase} (<Tempo em={dados.ultimo_erro.em} />)
      </p>
    )}
    <FilaDeTrabalho fila={dados.fila} />
    <div class="dois">
      <Webhooks dados={dados} />
      <SemUsuario dados={dados} />
      {dados.em_uso.length > 0 && (
        <Cartao titulo={palavras.emUso}>
          <dl class="pares">
            {dados.em_uso.map(({ nome, valor }) => [
              <dt key={`n ${nome}`}>{nome}</dt>,
              <dd key={`v ${nome}`}>{valor}</dd>,
            ])}
          </dl>
        </Cartao>
      )}
      {dados.recomendacoes.length > 0 && (
        <Cartao titulo={palavras.recomendacoes}>
          <ul class="pilha">
            {dados.recomendacoes.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Cartao>
      )}
    </div>
  </>
)

const Cabeca = ({
  dados: { conta, usuario, orcamento, fila, ultima_sincronizacao },
}: {
  readonly dados: Pipedrive
}): JSX.Element => (
  <Numeros>
    <Numero rotulo={palavras.conta} valor={conta ?? '—'} nota={usuario && `${palavras.usuario} ${usuario}`} />
    <Numero
      rotulo={palavras.orcamento}
      valor={orcamento ? number(orcamento.restante) : '—'}
      nota={orcamento?.limite != null && palavras.de(number(orcamento.limite))}
    />
    <Numero
      rotulo={palavras.pendentes}
      valor={fila ? number(fila.pendentes) : '—'}
      nota={fila && fila.em_curso > 0 && `${number(fila.em_curso)} ${palavras.emCurso}`}
    />
    <Numero
      rotulo={palavras.mortas}
      valor={fila ? number(fila.mortas) : '—'}
      tom={fila && fila.mortas > 0 ? 'perigo' : 'neutro'}
      nota={fila && fila.mortas > 0 && <a href="/painel/problemas">{palavras.ver}</a>}
    />
    <Numero
      rotulo={palavras.ultima}
      valor={ultima_sincronizacao?.protocolo ?? palavras.nenhuma}
      nota={ultima_sincronizacao && <Tempo em={ultima_sincronizacao.em} />}
    />
  </Numeros>
)

const FilaDeTrabalho = ({ fila }: Pick<Pipedrive, 'fila'>): JSX.Element => (
  <Cartao titulo={palavras.fila} cheio>
    {!fila || fila.motivos.length === 0 ? (
      <Vazio titulo={palavras.semFila} icone="feito" />
    ) : (
      <Tabela
        legenda={palavras.fila}
        linhas={fila.motivos}
        chave={({ estado, tipo, motivo }) => `${estado} ${tipo} ${motivo}`}
        colunas={[
          {
            titulo: palavras.tipo,
            celula: ({ tipo, estado }) => (
              <>
                {tipo} <Etiqueta tom={estado === 'morta' ? 'perigo' : 'neutro'}>{palavras.estado[estado]}</Etiqueta>
              </>
            ),
          },
          { titulo: palavras.motivo, celula: ({ motivo }) => <small>{motivo}</small> },
          { titulo: palavras.quantas, classe: 'justo', celula: ({ quantas }) => number(quantas) },
          { titulo: palavras.desde, classe: 'justo', celula: ({ desde }) => <Hora em={desde} /> },
          { titulo: palavras.protocolos, celula: ({ protocolos }) => <small>{list(protocolos)}</small> },
        ]}
      />
    )}
  </Cartao>
)

const Webhooks = ({
  dados: { webhooks, webhooks_motivo, reconciliado_em },
}: {
  readonly dados: Pipedrive
}): JSX.Element => (
  <Cartao
    titulo={palavras.webhooks}
    lado={
      reconciliado_em !== null && (
        <small>
          {palavras.reconciliado} <Tempo em={reconciliado_em} />
        </small>
      )
    }
  >
    {webhooks.length === 0 ? (
      <p class="menor">{webhooks_motivo ?? palavras.semWebhooks}</p>
    ) : (
      <ul class="pilha">
        {webhooks.map(({ objeto, acao, ativo, status }) => (
          <li key={`${objeto} ${acao}`} class="linha-simples">
            <span>
              {objeto} · {acao}
            </span>
            <Estado icone={ativo ? 'online' : 'alerta'} tom={ativo ? 'bom' : 'perigo'}>
              {ativo ? palavras.ativo : palavras.inativo}
              {status !== null && ` (${status})`}
            </Estado>
          </li>
        ))}
      </ul>
    )}
  </Cartao>
)

const SemUsuario = ({ dados: { sem_usuario } }: { readonly dados: Pipedrive }): JSX.Element => (
  <Cartao titulo={palavras.semUsuario}>
    {sem_usuario.length === 0 ? (
      <p class="menor">{palavras.todosTem}</p>
    ) : (
      <ul class="pilha">
        {sem_usuario.map(({ consultor_id, nome, sugestao }) => (
          <li key={consultor_id}>
            <span class="nome">{nome}</span> {sugestao !== null && <small>{palavras.sugestao(sugestao)}</small>}
          </li>
        ))}
      </ul>
    )}
  </Cartao>
)
