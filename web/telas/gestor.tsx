import type { ComponentChildren, FunctionComponent, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { readSettings } from '../ajustes.js'
import { call } from '../api.js'
import type { Problemas, SessaoDoPainel, Vez } from '../contrato.js'
import type { Link } from '../live.js'
import { Aviso, Carregando, Etiqueta, Vazio } from '../pecas/basicas.js'
import { AvisoDeLigacao, Ligacao, useLive, useLoaded } from '../pecas/dados.js'
import { ComFeito } from '../pecas/feito.js'
import { useKeptFocus } from '../pecas/foco.js'
import { Icone, type IconName, Marca } from '../pecas/icone.js'
import { painel, textos } from '../textos.js'
import { TelaCanais } from './canais.js'
import { TelaEquipe } from './equipe.js'
import { TelaEspera } from './espera.js'
import { TelaJustica } from './justica.js'
import { TelaPipedrive } from './pipedrive.js'
import { TelaPoliticas } from './politicas.js'
import { TelaProblemas } from './problemas.js'
import { TelaProtocolos } from './protocolos.js'
import type { ScreenProps } from './telas.js'
import { TelaVez } from './vez.js'

type Name = keyof typeof painel.telas

const SCREENS: Readonly<Record<Name, readonly [IconName, FunctionComponent<ScreenProps>]>> = {
  vez: ['lista', TelaVez],
  espera: ['espera', TelaEspera],
  protocolos: ['protocolo', TelaProtocolos],
  problemas: ['alerta', TelaProblemas],
  equipe: ['equipe', TelaEquipe],
  canais: ['canal', TelaCanais],
  pipedrive: ['negocio', TelaPipedrive],
  justica: ['balanca', TelaJustica],
  politicas: ['regra', TelaPoliticas],
}
const NAMES = Object.keys(SCREENS) as readonly Name[]

const pathOf = (name: Name): string => (name === 'vez' ? '/painel' : `/painel/${name}`)

/** The screen that a path asks for, and what stands behind its name; an unknown one is none. */
function screenOf(path: string): { readonly name: Name | undefined; readonly alvo: string | undefined } {
  const [first = 'vez', second] = path.split('/').slice(2).filter(Boolean)
  return { name: NAMES.find((one) => one === first), alvo: second && decodeURIComponent(second) }
}

interface GestorProps {
  readonly rota: URL
  readonly sessao: SessaoDoPainel
  readonly aoSair: () => void
}

/** All of the manager's screens but the wall: one stream feeds them. */
export function Gestor({ rota, sessao, aoSair }: GestorProps): JSX.Element {
  useKeptFocus()
  const { dados: vez, link } = useLive<Vez>('/painel/api', 'vez', 'vez')
  const { name, alvo } = screenOf(rota.pathname)
  const titulo = name ? painel.telas[name] : painel.semTela
  useEffect(() => {
    document.title = `${titulo} · ${painel.nome}`
  }, [titulo])
  const Screen = name && SCREENS[name][1]
  return (
    <ComFeito>
      <Moldura atual={name} link={link} sessao={sessao} vez={vez} aoSair={aoSair} onde={rota.pathname}>
        {!Screen ? (
          <Vazio titulo={painel.semTela} icone="alerta">
            <a href="/painel">{painel.telas.vez}</a>
          </Vazio>
        ) : vez ? (
          <Screen key={rota.pathname} vez={vez} podeMudar={sessao.pode_mudar} alvo={alvo} />
        ) : (
          <Carregando />
        )}
      </Moldura>
    </ComFeito>
  )
}

interface MolduraProps {
  readonly atual: Name | undefined
  readonly onde: string
  readonly link: Link
  readonly sessao: SessaoDoPainel
  readonly vez: Vez | undefined
  readonly aoSair: () => void
  readonly children: ComponentChildren
}

/** Navigation, whether what is seen is so now, and who looks. */
function Moldura({ atual, onde, link, sessao, vez, aoSair, children }: MolduraProps): JSX.Element {
  const [open, setOpen] = useState(false)
  const content = useRef<HTMLElement>(null)
  const first = useRef(true)
  // Another screen.
  useEffect(() => {
    setOpen(false)
    // Whoever follows a link by keyboard or by ear starts at the new screen.
    if (!first.current) content.current?.focus()
    first.current = false
  }, [onde])
  const leave = async () => {
    await call('POST', '/painel/api/sair', {})
    aoSair()
  }
  return (
    <div class={`moldura ${link.estado}`}>
      <a class="pular" href="#conteudo">
        {painel.pular}
      </a>
      <div class={open ? 'lateral aberta' : 'lateral'}>
        <div class="topo">
          <a class="marca" href="/painel">
            <Marca />
            {painel.nome}
          </a>
          <button type="button" class="botao redondo abre-menu" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icone nome={open ? 'fechar' : 'menu'} />
            <span class="so-leitor">{painel.menu}</span>
          </button>
        </div>
        <nav class="navegacao" aria-label={painel.menu}>
          {NAMES.map((name) => (
            <a key={name} href={pathOf(name)} aria-current={name === atual ? 'page' : undefined}>
              <Icone nome={SCREENS[name][0]} />
              {painel.telas[name]}
              {name === 'espera' && vez !== undefined && vez.esperando > 0 && (
                <Etiqueta tom="atencao">{vez.esperando}</Etiqueta>
              )}
              {name === 'problemas' && <ContagemDeProblemas />}
            </a>
          ))}
        </nav>
        <div class="rodape">
          <Ligacao link={link} />
          <p class="menor">
            {sessao.descricao} · {sessao.pode_mudar ? painel.podeMudar : painel.soLeitura}
          </p>
          <button type="button" class="botao leve" onClick={leave}>
            {textos.sair}
          </button>
        </div>
      </div>
      <main id="conteudo" class="conteudo" ref={content} tabIndex={-1}>
        {readSettings().sem_tls && <Aviso tom="atencao">{textos.semTls}</Aviso>}
        <AvisoDeLigacao link={link} />
        <div class="vivo-so tela">{children}</div>
      </main>
    </div>
  )
}

/** How much asks for somebody, beside the name of the screen that shows it. */
function ContagemDeProblemas(): JSX.Element | null {
  const { dados } = useLoaded<Problemas>('/painel/api/problemas')
  if (!dados) return null
  const sum = dados.contagem.mortas + dados.canais.length + (dados.pipedrive ? 1 : 0) + dados.banco.recusados
  return sum + Number(!dados.banco.grava) > 0 ? (
    <Etiqueta tom="perigo">{sum + Number(!dados.banco.grava)}</Etiqueta>
  ) : null
}
