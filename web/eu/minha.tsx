import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readSettings } from '../ajustes.js'
import { call } from '../api.js'
import type { Eu, NovaPresenca, Presenca, SessaoDoEu } from '../contrato.js'
import { Aviso, Carregando } from '../pecas/basicas.js'
import { AvisoDeLigacao, Ligacao, useLive } from '../pecas/dados.js'
import { useFeito } from '../pecas/feito.js'
import { useKeptFocus } from '../pecas/foco.js'
import { Icone, type IconName, Marca } from '../pecas/icone.js'
import { clockTime, setServerTime } from '../tempo.js'
import { eu, textos } from '../textos.js'
import { Aparelhos } from './aparelhos.js'
import { useCalling } from './chamada.js'
import { MeusClientes } from './clientes.js'
import { MeuLugar } from './lugar.js'
import { MeusNumeros } from './numeros.js'
import { Pausar } from './pausar.js'
import { MeusTurnos } from './turnos.js'

interface MinhaProps {
  readonly sessao: SessaoDoEu
  readonly aoSair: () => void
}

/** A consultor's own page. */
export function Minha({ sessao, aoSair }: MinhaProps): JSX.Element {
  const live = useLive<Eu>('/eu/api', 'eu', 'estado')
  const [answered, setAnswered] = useState<Eu>()
  const [pausing, setPausing] = useState(false)
  const say = useFeito()
  useKeptFocus()
  const { link } = live
  // What the service answered to a change is shown at once; the next snapshot takes its place.
  const me = answered ?? live.dados
  const { anuncio, som, mudarSom } = useCalling(live.dados)
  // A snapshot is newer than any answer.
  useEffect(() => setAnswered(undefined), [live.dados])
  const change = async (body: NovaPresenca) => {
    const answer = await call<Eu>('POST', '/eu/api/presenca', body)
    if (answer.ok) {
      setServerTime(answer.dados.agora)
      setAnswered(answer.dados)
    }
    return answer
  }
  const press = async (presenca: Presenca) => {
    if (presenca === 'pausa') return setPausing(true)
    const answer = await change({ presenca })
    if (!answer.ok) say(answer.detail)
  }
  return (
    <div class={`eu ${link.estado}`}>
      <header class="topo">
        <p class="marca">
          <Marca />
          {sessao.nome}
        </p>
        <Ligacao link={link} />
      </header>
      <main id="conteudo">
        <h1 class="so-leitor">{eu.nome}</h1>
        <p role="alert" class="so-leitor">
          {anuncio}
        </p>
        {readSettings().sem_tls && <Aviso tom="atencao">{textos.semTls}</Aviso>}
        <AvisoDeLigacao link={link} />
        {me ? (
          <div class="vivo-so pilha">
            <MeuLugar me={me} anuncio={anuncio} />
            <Chave me={me} aoMudar={press} />
            <MeusClientes me={me} />
            <MeusTurnos versao={me.marca} />
            <MeusNumeros versao={me.ultimo?.numero} />
            <Aparelhos som={som} mudarSom={mudarSom} aoSair={aoSair} />
          </div>
        ) : (
          <Carregando />
        )}
      </main>
      {pausing && <Pausar fazer={change} aoFechar={() => setPausing(false)} />}
    </div>
  )
}

const STATES: readonly (readonly [Presenca, IconName, string])[] = [
  ['online', 'online', 'bom'],
  ['pausa', 'pausa', 'atencao'],
  ['offline', 'offline', ''],
]

interface ChaveProps {
  readonly me: Eu
  readonly aoMudar: (presenca: Presenca) => Promise<void> | void
}

/** The large switch, and since when and why it stands where it does. */
function Chave({ me, aoMudar }: ChaveProps): JSX.Element {
  const [busy, setBusy] = useState<Presenca>()
  const press = async (presenca: Presenca) => {
    if (busy) return
    setBusy(presenca)
    await aoMudar(presenca)
    setBusy(undefined)
  }
  const notes = [
    me.desde !== null && `${textos.desde} ${clockTime(me.desde)}`,
    me.por !== null && textos.por(me.por),
    me.motivo,
    me.ate !== null && eu.volta(clockTime(me.ate)),
  ].filter((one) => typeof one === 'string')
  return (
    <section class="chave" aria-labelledby="estado">
      <h2 id="estado" class="so-leitor">
        {eu.estado}
      </h2>
      <div class="interruptor">
        {STATES.map(([presenca, icone, tom]) => (
          <button
            key={presenca}
            type="button"
            class={tom}
            aria-pressed={me.presenca === presenca}
            aria-busy={busy === presenca}
            aria-haspopup={presenca === 'pausa' ? 'dialog' : undefined}
            onClick={() => press(presenca)}
          >
            <Icone nome={icone} />
            {eu[presenca]}
          </button>
        ))}
      </div>
      <p class="menor">
        {textos.presencas[me.presenca]} {notes.join(' · ')}
      </p>
    </section>
  )
}
