import type { OutboundContext, Recipient } from '../../integrations/contract.js'
import { LIMIT } from '../lib/mongo.js'
import { OutboundFailure } from '../lib/outbound.js'
import type { Valores } from '../lib/template.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Done, Handler } from '../tarefas/attempt.js'
import type { Tarefa } from '../tarefas/model.js'
import type { Consultor } from '../vez/document.js'
import type { Canal } from './accounts.js'
import { type ChatDeps, outboundOf } from './deps.js'
import { setResponsavel } from './progress.js'
import { NOMES_DE_TEXTO, tell } from './texts.js'
import { valoresOf, whileClosed } from './texts-of-work.js'

const DAY_MS = 86_400_000

type DeliverDeps = Pick<ChatDeps, 'contas' | 'vez' | 'protocolos' | 'clock' | 'http' | 'follow'>

/** What one piece of work is about. */
interface Work {
  readonly canal: Canal
  readonly out: OutboundContext<unknown>
  readonly recipient: Recipient
  readonly valores: Valores
  readonly payload: Tarefa['payload']
}

/** The handlers of the outbox's work at chat platforms: texts, notes, assignments, and messages to a consultor. */
export function chatHandlers(deps: DeliverDeps): Record<string, Handler> {
  const texts = NOMES_DE_TEXTO.map((nome): [string, Handler] => [
    `texto_${nome}`,
    saying(
      deps,
      ({ canal, valores, payload }) => tell(canal.textos, payload.idioma, whileClosed(nome, payload), valores),
      sendText,
    ),
  ])
  return {
    ...Object.fromEntries(texts),
    nota: saying(deps, ({ canal, valores }) => tell(canal.textos, canal.idioma, 'nota', valores), addNote),
    atribuir: assignment(deps, false),
    reatribuir: assignment(deps, true),
    responsavel: whoHasIt(deps),
    avisar_consultor: word(deps),
  }
}

/** A text or a note. Sending is not idempotent: after an unknown outcome it is looked up, where the platform can tell. */
const saying = (deps: DeliverDeps, text: (work: Work) => string, say: Say): Handler => ({
  repeatable: false,
  maxAgeMs: DAY_MS,
  wasDone: async (tarefa) => {
    const work = await gather(deps, tarefa)
    return work.canal.adapter.wasSent?.(work.out, work.recipient, text(work))
  },
  run: async (tarefa) => {
    const work = await gather(deps, tarefa)
    return say(work, text(work))
  },
})

type Say = (work: Work, words: string) => Promise<Done>

const sendText: Say = ({ canal: { adapter }, out, recipient }, words) =>
  required(adapter.sendText)(out, recipient, words)

const addNote: Say = async ({ canal: { adapter }, out, recipient }, words) => {
  await required(adapter.addNote)(out, recipient, words)
  return {}
}

/** Assigns the conversation to who has the customer now. Idempotent. */
const assignment = (deps: DeliverDeps, replace: boolean): Handler => ({
  repeatable: true,
  maxAgeMs: DAY_MS,
  run: async (tarefa) => {
    const { canal, out, recipient, valores } = await gather(deps, tarefa)
    const responsavel = await responsavelOf(deps, tarefa)
    if (!responsavel) return
    const { nome, email } = responsavel
    await required(canal.adapter.assign)(out, recipient, { nome, email }, { ...valores, consultor: nome, replace })
  },
})

/** Tells the consultor on his own phone who waits for him, and where. */
const word = (deps: DeliverDeps): Handler => ({
  repeatable: false,
  maxAgeMs: DAY_MS,
  run: async (tarefa) => {
    const { canal, out, recipient, valores } = await gather(deps, tarefa)
    const responsavel = await responsavelOf(deps, tarefa)
    if (!responsavel) return
    const { nome, telefone } = responsavel
    if (telefone === undefined) throw new OutboundFailure('sem_telefone', { definitive: true })
    const text = tell(canal.textos, canal.idioma, 'consultor', { ...valores, consultor: nome })
    const link = canal.adapter.link?.(canal.conta, recipient)
    await required(canal.adapter.textPhone)(out, telefone, link === undefined ? text : `${text}\n${link}`)
  },
})

/** Asks the platform who it is that an event named by id only. */
const whoHasIt = (deps: DeliverDeps): Handler => ({
  repeatable: true,
  maxAgeMs: DAY_MS,
  run: async (tarefa) => {
    const { canal, out } = await gather(deps, tarefa)
    const { atendente, protocolo } = tarefa.payload
    if (!atendente || protocolo === undefined) return
    const found = await required(canal.adapter.listPresences)(out)
    const { em: told, ...person } = atendente
    const email = found.find(({ id }) => id === person.id)?.email
    await setResponsavel(deps, protocolo, { ...person, email }, { at: tarefa.criada_em, told })
  },
})

/** The adapter's function; it is missing where a newer release of an adapter has lost it since this work was made. */
function required<T>(ability: T | undefined): T {
  if (ability === undefined) throw new OutboundFailure('a_plataforma_nao_pode', { definitive: true })
  return ability
}

/** The account; read again first when it is unknown or off, since another process may have made or switched it on just now. */
async function accountOf({ contas }: DeliverDeps, slug: string): Promise<Canal> {
  if (!contas.get(slug)?.ativo) {
    await contas.refresh().catch(() => {
      throw new OutboundFailure('contas_indisponiveis')
    })
  }
  const canal = contas.get(slug)
  // A process with the key may take it next time.
  if (!canal && contas.isLocked(slug)) throw new OutboundFailure('conta_ilegivel', { unasked: true })
  if (!canal) throw new OutboundFailure('conta_removida', { definitive: true })
  if (!canal.ativo) throw new OutboundFailure('conta_inativa', { definitive: true })
  return canal
}

/** All that an adapter is told of this work. Reads no database. */
async function gather(deps: DeliverDeps, tarefa: Tarefa): Promise<Work> {
  const { canal: slug = '', conversa, contato } = tarefa.payload
  const canal = await accountOf(deps, slug)
  if (conversa === undefined) throw new OutboundFailure('anonimizada', { definitive: true })
  return {
    canal,
    out: outboundOf(deps, canal, tarefa._id, tarefa.criada_em),
    recipient: { conversa, telefone: contato?.telefone },
    valores: valoresOf(tarefa),
    payload: tarefa.payload,
  }
}

/**
 * Who has the customer now. `undefined`: somebody who is no consultor here, by a decision at the platform that stays. Throws when
 * the consultor was deleted.
 */
async function responsavelOf(
  { vez, protocolos }: DeliverDeps,
  { payload: { protocolo: n } }: Tarefa,
): Promise<Consultor | undefined> {
  const protocolo =
    n === undefined ? undefined : await protocolos.findById(n).maxTimeMS(LIMIT.maxTimeMS).lean<Protocolo>()
  if (protocolo?.responsavel_id == null) return undefined
  // From a fresh snapshot: another process may have added him, or changed his e-mail, since the cached one.
  const { consultores } = await vez.readFresh()
  const found = consultores.get(protocolo.responsavel_id)
  if (!found) throw new OutboundFailure('consultor_removido', { definitive: true })
  return found
}
