import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Justica, Prova } from '../contrato.js'
import { csvOf } from '../csv.js'
import { Aviso, Barra, Cartao, Numero, Numeros, Titulo, Vazio } from '../pecas/basicas.js'
import { Lido, useLoaded } from '../pecas/dados.js'
import { Dias } from '../pecas/dias.js'
import { type Column, Tabela } from '../pecas/tabela.js'
import { dayAndMonth, duration, exactTime, isoDay, languageName, number, serverNow, toMs } from '../tempo.js'
import { painel, textos } from '../textos.js'
import type { ScreenProps } from './telas.js'

const palavras = painel.justica
type PessoaDoRelatorio = Justica['pessoas'][number]

const nameOf = ({ nome, consultor_id }: PessoaDoRelatorio): string =>
  nome ?? (consultor_id === null ? palavras.ninguem : `${consultor_id}`)

/** Who was given how many, by what; the largest gap among peers; and the proof that the history gives the line of now. */
export function TelaJustica(_props: ScreenProps): JSX.Element {
  const [period, setPeriod] = useState({ desde: '', ate: '' })
  const query = new URLSearchParams(Object.entries(period).filter(([, day]) => day !== '')).toString()
  const lido = useLoaded<Justica>(`/painel/api/justica${query && `?${query}`}`)
  return (
    <>
      <Titulo titulo={palavras.titulo} nota={palavras.nota} />
      <Periodo aoMudar={setPeriod} />
      <Lido de={lido}>
        {(dados) => (dados.total === 0 ? <Nada escolhido={query !== ''} /> : <Relatorio dados={dados} />)}
      </Lido>
      <Provar />
    </>
  )
}

/** On the first day no other days help. */
const Nada = ({ escolhido }: { readonly escolhido: boolean }): JSX.Element => (
  <div class="cartao">
    <Vazio titulo={palavras.nada} icone="balanca">
      {escolhido ? palavras.nadaExplica : painel.vez.semTurnosExplica}
    </Vazio>
  </div>
)

function Periodo({ aoMudar }: { readonly aoMudar: (period: { desde: string; ate: string }) => void }): JSX.Element {
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    aoMudar({ desde: String(form.get('desde') ?? ''), ate: String(form.get('ate') ?? '') })
  }
  const today = isoDay(serverNow())
  return (
    <form class="filtro" onSubmit={send}>
      <label class="campo">
        <span>{palavras.desde}</span>
        <input name="desde" type="date" max={today} />
      </label>
      <label class="campo">
        <span>{palavras.ate}</span>
        <input name="ate" type="date" max={today} />
      </label>
      <button type="submit" class="botao">
        {palavras.mostrar}
      </button>
      <small>{palavras.semDias}</small>
    </form>
  )
}

function Relatorio({ dados }: { readonly dados: Justica }): JSX.Element {
  const { pessoas, total, maior_diferenca, espera, sem_livro, por_dia, por_idioma, por_canal } = dados
  const people = pessoas.filter(({ consultor_id }) => consultor_id !== null)
  const mean = people.length === 0 ? 0 : people.reduce((sum, one) => sum + one.total, 0) / people.length
  return (
    <>
      <Numeros>
        <Numero
          rotulo={palavras.total}
          valor={number(total)}
          nota={`${dayAndMonth(isoDay(toMs(dados.desde)))} – ${dayAndMonth(isoDay(toMs(dados.ate) - 1))}`}
        />
        <Numero rotulo={palavras.pessoas} valor={people.length} nota={`${palavras.media}: ${number(mean)}`} />
        <Numero
          rotulo={palavras.diferenca}
          valor={maior_diferenca.diferenca ?? '—'}
          tom={maior_diferenca.diferenca === null ? 'neutro' : maior_diferenca.cumprida ? 'bom' : 'perigo'}
          nota={palavras.diferencaNota}
        />
        <Numero
          rotulo={palavras.espera}
          valor={espera.mediana_s === null ? '—' : duration(espera.mediana_s * 1_000)}
          nota={
            espera.pior_s === null
              ? palavras.ninguemEsperou
              : palavras.esperaNota(espera.clientes, duration(espera.pior_s * 1_000))
          }
        />
      </Numeros>
      <Aviso tom={maior_diferenca.cumprida ? 'bom' : 'perigo'}>
        {maior_diferenca.frase}
        {!maior_diferenca.cumprida && maior_diferenca.desde !== null && maior_diferenca.ate !== null && (
          <small> {palavras.intervalo(exactTime(maior_diferenca.desde), exactTime(maior_diferenca.ate))}</small>
        )}
      </Aviso>
      {sem_livro > 0 && <Aviso tom="neutro">{palavras.semLivro(sem_livro)}</Aviso>}
      <Cartao titulo={palavras.porPessoa} lado={<Baixar dados={dados} />} cheio>
        <Tabela
          legenda={palavras.porPessoa}
          linhas={pessoas}
          chave={(one) => one.consultor_id ?? nameOf(one)}
          colunas={columnsFor(pessoas, mean)}
        />
      </Cartao>
      {people.some(({ frase }) => frase !== null) && (
        <Cartao titulo={palavras.porQue}>
          <ul class="frases">
            {people.map(({ consultor_id, frase }) => frase !== null && <li key={consultor_id}>{frase}</li>)}
          </ul>
          <p class="menor">{palavras.porQueExplica}</p>
        </Cartao>
      )}
      <Cartao titulo={palavras.porDia}>
        <Dias
          dias={por_dia.map(({ dia, total: many }) => ({
            dia,
            valor: many,
            rotulo: palavras.porDiaRotulo(dayAndMonth(dia), number(many)),
          }))}
        />
      </Cartao>
      <div class="dois">
        <Partes
          titulo={palavras.porIdioma}
          partes={por_idioma.map((one) => [
            one.idioma === null ? palavras.semIdioma : languageName(one.idioma),
            one.total,
          ])}
        />
        <Partes
          titulo={palavras.porCanal}
          partes={por_canal.map((one) => [one.canal ?? one.plataforma ?? palavras.semCanal, one.total])}
        />
      </div>
    </>
  )
}

/** What nobody has has no column. */
function columnsFor(pessoas: readonly PessoaDoRelatorio[], mean: number): readonly Column<PessoaDoRelatorio>[] {
  const most = Math.max(...pessoas.map(({ total }) => total), 1)
  const counted = (
    titulo: string,
    of: (one: PessoaDoRelatorio) => number | null,
  ): readonly Column<PessoaDoRelatorio>[] =>
    pessoas.some((one) => (of(one) ?? 0) > 0)
      ? [{ titulo, classe: 'justo', celula: (one) => (of(one) === null ? '—' : number(of(one) ?? 0)) }]
      : []
  return [
    { titulo: palavras.nome, celula: (one) => <span class="nome">{nameOf(one)}</span> },
    {
      titulo: palavras.grafico,
      celula: (one) => (
        <span class="barra-larga">
          <Barra
            valor={one.total}
            maximo={most}
            {...(one.consultor_id !== null && { media: mean })}
            rotulo={palavras.barra(nameOf(one), number(one.total))}
          />
        </span>
      ),
    },
    { titulo: palavras.totalCurto, classe: 'justo', celula: ({ total }) => <strong>{number(total)}</strong> },
    ...counted(palavras.regra, ({ regra }) => regra),
    ...counted(palavras.preferido, ({ preferido }) => preferido),
    ...counted(palavras.numero, ({ numero }) => numero),
    ...counted(palavras.ajudou, ({ ajudou }) => ajudou),
    ...counted(palavras.voltaram, ({ voltaram }) => voltaram),
    ...timed(pessoas, palavras.online, ({ online_s }) => online_s),
    ...timed(pessoas, palavras.emPausa, ({ pausa_s }) => pausa_s),
  ]
}

const timed = (
  pessoas: readonly PessoaDoRelatorio[],
  titulo: string,
  of: (one: PessoaDoRelatorio) => number | null,
): readonly Column<PessoaDoRelatorio>[] =>
  pessoas.some((one) => (of(one) ?? 0) > 0)
    ? [{ titulo, classe: 'justo', celula: (one) => (of(one) === null ? '—' : duration((of(one) ?? 0) * 1_000)) }]
    : []

interface PartesProps {
  readonly titulo: string
  readonly partes: readonly (readonly [string, number])[]
}

function Partes({ titulo, partes }: PartesProps): JSX.Element {
  const most = Math.max(...partes.map(([, many]) => many), 1)
  return (
    <Cartao titulo={titulo}>
      <ul class="partes">
        {partes.map(([name, many]) => (
          <li key={name}>
            <span>{name}</span>
            <Barra valor={many} maximo={most} rotulo={palavras.barra(name, number(many))} />
            <strong>{number(many)}</strong>
          </li>
        ))}
      </ul>
    </Cartao>
  )
}

/** The same numbers as a file, made by the page itself. */
function Baixar({ dados }: { readonly dados: Justica }): JSX.Element {
  const download = () => {
    const head = [
      'consultor_id',
      'nome',
      'total',
      'regra',
      'preferido',
      'numero',
      'ajudou',
      'voltaram',
      'online_s',
      'pausa_s',
      'frase',
    ] as const
    const csv = csvOf([head, ...dados.pessoas.map((one) => head.map((key) => one[key] ?? ''))])
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }))
    link.download = `justica-${isoDay(toMs(dados.desde))}-${isoDay(toMs(dados.ate) - 1)}.csv`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <button type="button" class="botao leve" onClick={download}>
      {palavras.csv}
    </button>
  )
}

/** Replays the whole history by another model and compares. */
function Provar(): JSX.Element {
  const [proof, setProof] = useState<Prova>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const prove = async () => {
    if (busy) return
    setBusy(true)
    const answer = await call<Prova>('POST', '/painel/api/justica/provar', {})
    setBusy(false)
    setProof(answer.ok ? answer.dados : undefined)
    setProblem(answer.ok ? undefined : answer.detail)
  }
  return (
    <Cartao
      titulo={palavras.provar}
      lado={
        <button type="button" class="botao principal" disabled={busy} onClick={prove}>
          {busy ? palavras.provando : palavras.provar}
        </button>
      }
    >
      <div class="pilha">
        <p class="menor">{palavras.provarExplica}</p>
        <div role="status" class="pilha">
          {problem && <Aviso tom="perigo">{problem}</Aviso>}
          {proof && <Resultado prova={proof} />}
        </div>
      </div>
    </Cartao>
  )
}

const Resultado = ({ prova }: { readonly prova: Prova }): JSX.Element => (
  <Aviso tom={prova.identica === null ? 'neutro' : prova.identica ? 'bom' : 'perigo'}>
    {prova.identica !== null && <strong>{prova.identica ? palavras.identica : palavras.difere}. </strong>}
    {prova.frase}
    {prova.turnos !== null && <small> {palavras.turnos(prova.turnos)}</small>}
    {prova.divergencias.length > 0 && (
      <ul>
        {prova.divergencias.map(({ versao, frase }) => (
          <li key={`${versao} ${frase}`}>
            {versao !== null && `${textos.versao} ${versao}: `}
            {frase}
          </li>
        ))}
      </ul>
    )}
  </Aviso>
)
