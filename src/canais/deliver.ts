import type { Destino, Saida } from '../../integrations/contract.js'
import type { Clock } from '../lib/clock.js'
import type { HttpClient } from '../lib/http-client.js'
import { OutboundFailure } from '../lib/outbound.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import { toNumero } from '../protocolos/numero.js'
import type { Tarefa } from '../tarefas/model.js'
import type { Handler } from '../tarefas/worker.js'
import type { VezService } from '../vez/service.js'
import type { Consultor } from '../vez/state.js'
import type { Canal, Contas } from './accounts.js'
import { setResponsavel } from './progress.js'
import { NOMES_DE_TEXTO, type NomeDeTexto, tell, type Valores } from './texts.js'

const MAX_TIME_MS = 3_000
const DAY_MS = 86_400_000
const CHECK_MAX_AGE_MS = DAY_MS

export interface DeliverDeps {
  readonly contas: Pick<Contas, 'get'>
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  readonly http: HttpClient
}

/** Everything that one piece of work is about, as it is now. */
interface Work {
  readonly canal: Canal
  readonly saida: Saida<unknown>
  readonly destino: Destino
  readonly valores: Valores
  readonly idioma: string | undefined
  readonly responsavel: Consultor | undefined
  /** False: people at the platform gave the customer to somebody whom we do not know. */
  readonly isOurs: boolean
}

/** What the outbox does at chat platforms: texts, notes, assignments, and word to a consultor. */
export function chatHandlers(deps: DeliverDeps): Record<string, Handler> {
  const wasSent =
    (text: (work: Work) => string): NonNullable<Handler['wasDone']> =>
    async (tarefa) => {
      const work = await gather(deps, tarefa)
      const { saida, destino, canal } = work
      return canal.adapter.foiEnviado?.(saida, destino, text(work))
    }
  const texts = NOMES_DE_TEXTO.map((nome): [string, Handler] => {
    const text = (work: Work): string => tell(work.canal.textos, work.idioma, nome, work.valores)
    return [
      `texto_${nome}`,
      {
        repeatable: false,
        maxAgeMs: CHECK_MAX_AGE_MS,
        wasDone: wasSent(text),
        run: async (tarefa) => {
          const work = await gather(deps, tarefa)
          await required(work.canal.adapter.enviar)(work.saida, work.destino, text(work))
        },
      },
    ]
  })
  const note = (work: Work): string =>
    tell(work.canal.textos, work.canal.idioma, 'nota' satisfies NomeDeTexto, work.valores)
  return {
    ...Object.fromEntries(texts),
    nota: {
      repeatable: false,
      maxAgeMs: DAY_MS,
      wasDone: wasSent(note),
      run: async (tarefa) => {
        const work = await gather(deps, tarefa)
        await required(work.canal.adapter.nota)(work.saida, work.destino, note(work))
      },
    },
    atribuir: assignment(deps, false),
    reatribuir: assignment(deps, true),
    responsavel: whoHasIt(deps),
    avisar_consultor: {
      repeatable: false,
      maxAgeMs: DAY_MS,
      run: async (tarefa) => {
        const { canal, saida, destino, responsavel, valores, isOurs } = await gather(deps, tarefa)
        if (!isOurs) return
        if (responsavel?.telefone === undefined) throw new OutboundFailure('sem_telefone', { definitive: true })
        const link = canal.adapter.link?.(canal.conta, destino)
        const text = tell(canal.textos, canal.idioma, 'consultor', valores)
        await required(canal.adapter.avisar)(
          saida,
          responsavel.telefone,
          link === undefined ? text : `${text}\n${link}`,
        )
      },
    },
  }
}

/** It says how things shall be, so it may be repeated. */
const assignment = (deps: DeliverDeps, substituir: boolean): Handler => ({
  repeatable: true,
  maxAgeMs: DAY_MS,
  run: async (tarefa) => {
    const { canal, saida, destino, responsavel, valores, isOurs } = await gather(deps, tarefa)
    if (!isOurs) return
    if (!responsavel) throw new OutboundFailure('consultor_removido', { definitive: true })
    const { nome, email } = responsavel
    const atendente = { nome, ...(email !== undefined && { email }) }
    const contexto = { ...valores, consultor: nome, substituir }
    await required(canal.adapter.atribuir)(saida, destino, atendente, contexto)
  },
})

/** Asks the platform who it is that an event named by id only. */
const whoHasIt = (deps: DeliverDeps): Handler => ({
  repeatable: true,
  maxAgeMs: DAY_MS,
  run: async (tarefa) => {
    const { canal, saida } = await gather(deps, tarefa)
    const { atendente, protocolo } = tarefa
    if (!atendente || protocolo === undefined) return
    const found = await required(canal.adapter.presencas)(saida)
    const email = found.find(({ id }) => id === atendente.id)?.email
    await setResponsavel(deps, protocolo, { ...atendente, ...(email !== undefined && { email }) })
  },
})

/** A platform that lost an ability since this work was made: repeating cannot help. */
function required<T>(ability: T | undefined): T {
  if (ability === undefined) throw new OutboundFailure('a_plataforma_nao_pode', { definitive: true })
  return ability
}

async function gather({ contas, vez, protocolos, clock, http }: DeliverDeps, tarefa: Tarefa): Promise<Work> {
  const canal = contas.get(tarefa.canal ?? '')
  if (!canal) throw new OutboundFailure('conta_removida', { definitive: true })
  if (!canal.ativo) throw new OutboundFailure('conta_inativa', { definitive: true })
  if (tarefa.conversa === undefined) throw new OutboundFailure('anonimizada', { definitive: true })
  const protocolo =
    tarefa.protocolo === undefined
      ? undefined
      : await protocolos.findById(tarefa.protocolo).maxTimeMS(MAX_TIME_MS).lean<Protocolo>()
  const responsavel = await responsavelOf(vez, protocolo)
  const consultor = responsavel?.nome ?? tarefa.consultor_nome ?? protocolo?.consultor_nome
  const cliente = tarefa.contato?.nome ?? tarefa.contato?.telefone
  const telefone = tarefa.contato?.telefone
  return {
    canal,
    saida: { conta: canal.conta, http, agora: clock.now(), desde: tarefa.criada_em, chave: tarefa._id },
    destino: { conversa: tarefa.conversa, ...(telefone !== undefined && { telefone }) },
    idioma: tarefa.idioma,
    responsavel,
    isOurs: protocolo?.responsavel_id != null,
    valores: {
      ...(consultor !== undefined && { consultor }),
      ...(protocolo && { protocolo: toNumero(protocolo.n) }),
      ...(cliente !== undefined && { cliente }),
      ...(tarefa.posicao !== undefined && { posicao: tarefa.posicao }),
    },
  }
}

async function responsavelOf(vez: VezService, protocolo: Protocolo | null | undefined): Promise<Consultor | undefined> {
  if (protocolo?.responsavel_id == null) return undefined
  const { consultores } = vez.seen() ?? (await vez.fresh())
  return consultores.get(protocolo.responsavel_id)
}
