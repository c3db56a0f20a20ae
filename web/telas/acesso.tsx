import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { AcessoCriado, Equipe, Membro } from '../contrato.js'
import { Aviso } from '../pecas/basicas.js'
import { Codigo, Copiar } from '../pecas/codigo.js'
import { Confirmar, Pronto } from '../pecas/dialogo.js'
import { clockTime } from '../tempo.js'
import { painel } from '../textos.js'

const palavras = painel.equipe

interface DarAcessoProps {
  readonly membro: Membro
  readonly canais: Equipe['canais']
  readonly aoFechar: () => void
}

/** Gives a consultor the way to his own page: a link that opens it once, by WhatsApp, QR code or copied, and a code of digits. */
export function DarAcesso({ membro, canais, aoFechar }: DarAcessoProps): JSX.Element {
  const [canal, setCanal] = useState('')
  const [made, setMade] = useState<AcessoCriado>()
  const titulo = palavras.acessoTitulo(membro.nome)
  if (made) return <Criado titulo={titulo} acesso={made} pedido={canal !== ''} aoFechar={aoFechar} />
  const create = async () => {
    const body = canal === '' ? {} : { canal }
    const answer = await call<AcessoCriado>('POST', `/painel/api/consultores/${membro.id}/acesso`, body)
    if (answer.ok) setMade(answer.dados)
    return answer
  }
  const ways = [
    ['', palavras.soMostrar],
    ...(membro.telefone === null ? [] : canais.map(({ slug, nome }) => [slug, palavras.porCanal(nome)])),
  ] as const
  return (
    <Confirmar
      titulo={titulo}
      explica={palavras.acessoExplica}
      acao={palavras.criar}
      fazer={create}
      aoFechar={aoFechar}
      ficaAberto
    >
      <fieldset class="campo">
        <legend>{palavras.enviarPor}</legend>
        <div class="escolhas">
          {ways.map(([slug = '', words]) => (
            <label key={slug} class="escolha">
              <input type="radio" name="canal" checked={canal === slug} onChange={() => setCanal(slug)} />
              {words}
            </label>
          ))}
        </div>
      </fieldset>
    </Confirmar>
  )
}

interface CriadoProps {
  readonly titulo: string
  readonly acesso: AcessoCriado
  /** It was asked that it be sent. */
  readonly pedido: boolean
  readonly aoFechar: () => void
}

const Criado = ({ titulo, acesso, pedido, aoFechar }: CriadoProps): JSX.Element => (
  <Pronto key="criado" titulo={titulo} aoFechar={aoFechar}>
    {pedido && (
      <Aviso tom={acesso.enviado ? 'bom' : 'atencao'}>{acesso.enviado ? palavras.enviado : palavras.naoEnviado}</Aviso>
    )}
    <div class="codigo">
      <Codigo texto={acesso.link} rotulo={palavras.qr} />
      <small>{palavras.valeAteHora(clockTime(acesso.link_ate))}</small>
      <Copiar texto={acesso.link} rotulo={palavras.link} />
    </div>
    <p>
      {palavras.digitos} <strong class="digitos">{`${acesso.codigo.slice(0, 4)} ${acesso.codigo.slice(4)}`}</strong>{' '}
      <small>{palavras.valeAteHora(clockTime(acesso.codigo_ate))}</small>
    </p>
  </Pronto>
)
