import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Answer, call } from '../api.js'
import type { NovaPresenca, Pessoa, Presenca } from '../contrato.js'
import { toMs } from '../tempo.js'
import { painel, textos } from '../textos.js'
import { AteQuando } from './ate-quando.js'
import { Confirmar } from './dialogo.js'
import { useFeito } from './feito.js'
import { novaPresenca } from './nova-presenca.js'
import { EstadoFora, EstadoPresenca } from './pessoa.js'

type Action = Presenca | 'tirar' | 'voltar'

const PATH = '/painel/api/consultores'
const palavras = painel.mudar

const EXPLAINED: Readonly<Record<Action, string>> = {
  online: palavras.onlineExplica,
  pausa: palavras.pausaExplica,
  offline: palavras.offlineExplica,
  tirar: palavras.tirarExplica,
  voltar: palavras.voltarExplica,
}

export const isOutOfSequence = ({ fora }: Pessoa): boolean =>
  fora?.some((one) => one === 'fora_da_sequencia' || one === 'usuario_do_pipedrive_inativo') === true

/** What makes a change undone: the state that was before it. */
function undoOf(pessoa: Pessoa, action: Action): () => Promise<Answer<unknown>> {
  const path = `${PATH}/${pessoa.id}`
  if (action === 'tirar' || action === 'voltar')
    return () => call('POST', `${path}/sequencia`, { participa: action === 'tirar', motivo: textos.desfazer })
  const { presenca, motivo, ate } = pessoa
  return () =>
    call('POST', `${path}/presenca`, {
      presenca,
      ...(motivo !== undefined && { motivo }),
      ...(presenca === 'pausa' && ate !== undefined && { ate: new Date(toMs(ate)).toISOString() }),
    } satisfies NovaPresenca)
}

interface MudarProps {
  readonly pessoa: Pessoa
  readonly aoFechar: () => void
}

/** Changes who takes turns: pause, online, offline, out of the sequence and back, with a reason. What was done can be undone. */
export function Mudar({ pessoa, aoFechar }: MudarProps): JSX.Element {
  const say = useFeito()
  const out = isOutOfSequence(pessoa)
  const actions: readonly Action[] = out ? ['voltar'] : [...(['online', 'pausa', 'offline'] as const), 'tirar']
  const [action, setAction] = useState<Action>(out ? 'voltar' : pessoa.presenca === 'online' ? 'pausa' : 'online')
  const [minutes, setMinutes] = useState<number>()
  const path = `${PATH}/${pessoa.id}`
  const change = async (motivo: string) => {
    const answer =
      action === 'tirar' || action === 'voltar'
        ? await call('POST', `${path}/sequencia`, { participa: action === 'voltar', ...(motivo !== '' && { motivo }) })
        : await call('POST', `${path}/presenca`, novaPresenca(action, motivo, minutes))
    if (answer.ok) say(palavras.feito[action](pessoa.nome), undoOf(pessoa, action))
    return answer
  }
  return (
    <Confirmar
      titulo={pessoa.nome}
      acao={palavras[action]}
      motivo={{ exigido: action === 'tirar', sugestoes: action === 'pausa' ? textos.motivosDePausa : [] }}
      fazer={change}
      aoFechar={aoFechar}
    >
      <p class="estados">
        <EstadoPresenca presenca={pessoa.presenca} />
        {pessoa.fora?.map((one) => one !== pessoa.presenca && <EstadoFora key={one} fora={one} />)}
      </p>
      <fieldset class="campo">
        <legend class="so-leitor">{palavras.estado}</legend>
        <div class="escolhas">
          {actions.map((one) => (
            <label key={one} class="escolha">
              <input
                type="radio"
                name="acao"
                checked={action === one}
                disabled={one === pessoa.presenca}
                onChange={() => setAction(one)}
              />
              <span>
                <strong>{palavras[one]}</strong>
                <br />
                <small>{EXPLAINED[one]}</small>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {action === 'pausa' && <AteQuando minutos={minutes} aoMudar={setMinutes} />}
    </Confirmar>
  )
}
