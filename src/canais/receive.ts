import type { ChatEvent, ChatReply, ConversationChange, InboundMessage } from '../../integrations/contract.js'
import type { Protocolo } from '../protocolos/model.js'
import { toConversationKey } from '../tarefas/model.js'
import type { CommandResult } from '../vez/rules/commands.js'
import { wasToldAbsent } from './absent.js'
import type { Canal } from './accounts.js'
import { contactIds, toCommand } from './ask.js'
import { obey } from './command.js'
import { consultorOf } from './consultor-of.js'
import type { Arrival, ChatDeps } from './deps.js'
import { asDone, wasToldLately, workOwed } from './owed.js'
import { isConversationOfOurs, takeOwn } from './own-phone.js'
import { hearOpen, progress } from './progress.js'
import { ignored, toReply } from './result.js'
import { asksForPerson, isTriggered } from './trigger.js'
import { recognise, renew } from './window.js'

const MINUTE_MS = 60_000

/**
 * Takes one event: its turn, and the answer to it. What it decides is durable when it resolves. It throws 503 when the outcome is
 * unknown; the platform's retry comes with the same key, and gets the answer of what was decided.
 */
export async function receive(
  deps: ChatDeps,
  canal: Canal,
  event: ChatEvent,
  isAlive?: () => boolean,
): Promise<ChatReply> {
  switch (event.tipo) {
    case 'mensagem':
    case 'inicio':
      return question(deps, { canal, event, now: deps.clock.now() }, isAlive)
    case 'encerramento':
    case 'atribuicao':
      await progress(deps, canal, event)
      return ignored(event.tipo)
    case 'reabertura':
      return reopened(deps, canal, event, isAlive)
    case 'verificacao':
      return ignored('verificacao')
    case 'ignorado': {
      const { contato, mesmaPessoa, ligacao } = event
      if (ligacao && canal.ligacoes) return question(deps, { canal, event: ligacao, now: deps.clock.now() }, isAlive)
      if (mesmaPessoa) await recognise(deps, canal, mesmaPessoa)
      return ignored(contato ? await takeOwn(deps, canal, { ...event, contato }) : event.motivo)
    }
  }
}

/**
 * The protocol goes on. Where one of ours has the conversation, its customer is one who comes back: he is told whom he is with, or
 * passed on where that one is absent. Where nobody has it, it is assigned to whoever has him here; where a robot does, its
 * hand-over will be.
 */
async function reopened(
  deps: ChatDeps,
  canal: Canal,
  event: ConversationChange,
  isAlive?: () => boolean,
): Promise<ChatReply> {
  const protocolo = await progress(deps, canal, event)
  const isOpen = protocolo?.status === 'em_andamento' && protocolo.responsavel_id !== null
  if (!isOpen || protocolo.conversa === undefined) return ignored('reabertura')
  const { n, conversa, rev } = protocolo
  const mensagem_id = `reabertura ${conversa} ${event.enviado_em?.toISOString() ?? rev}`
  // That a person has it is no reason to ask for nobody: that person is the one whom he is with.
  const back: InboundMessage = { ...event, tipo: 'inicio', conversa, mensagem_id, pediu: true, assignedTo: undefined }
  const arrival: Arrival = { canal, event: back, now: deps.clock.now() }
  // With no window (`janela_h` 0) he would get another consultor beside the one who has him.
  if (event.responsavel && canal.janela_h > 0) return question(deps, arrival, isAlive)
  const tarefa =
    event.responsavel || event.assignedTo === 'robot' ? undefined : workOwed(arrival, 'atribuir', { protocolo: n })
  if (tarefa) await deps.outbox.insert(tarefa)
  return ignored('reabertura')
}

async function question(deps: ChatDeps, arrival: Arrival, isAlive?: () => boolean): Promise<ChatReply> {
  const { vez } = deps
  const { canal, event, now } = arrival
  const roster = vez.latest() ?? (await vez.readFresh())
  const consultor = await consultorOf(deps.apelidos, roster, canal, event.contato)
  if (consultor !== undefined) return obey(deps, arrival, consultor)
  if (event.enviado_em && now.getTime() - event.enviado_em.getTime() > canal.idade_max_min * MINUTE_MS)
    return ignored('antiga')
  const ids = contactIds(canal, event.contato)
  const isPersons = event.assignedTo === 'person'
  if (isPersons || !isTriggered(canal, event)) {
    await renew(deps, ids, now)
    await hearOpen(deps, canal, event)
    return ignored(isPersons ? 'ja_atribuida' : 'sem_gatilho')
  }
  if (await isConversationOfOurs(deps, arrival)) return ignored('conversa_nossa')
  const command = toCommand(arrival, roster, deps.owed)
  const preferido = await deps.prefer(command)
  const result = await vez.submit({ ...command, ...(preferido && { preferido }) }, isAlive)
  if (result.situacao === 'em_atendimento') {
    const conversationKey = toConversationKey(canal.slug, event.conversa)
    const protocolo = await renew(deps, ids, now, { n: result.protocolo.n, conversationKey })
    if (protocolo) await handOver(deps, arrival, protocolo)
  }
  const isNew = result.situacao === 'atribuido' && !result.repetida
  if (!isNew) await hearOpen(deps, canal, event)
  const reply = toReply(canal, event, result, now)
  return (await isSilent(deps, arrival, result)) ? { ...reply, texto: '' } : reply
}

/**
 * A customer who is being attended came by another conversation, or was handed over once more: that conversation is assigned to
 * his consultor too, who would not see it otherwise.
 */
async function handOver(deps: ChatDeps, arrival: Arrival, { n, conversa, encerrado_em }: Protocolo): Promise<void> {
  const { canal, event } = arrival
  if (encerrado_em || canal.adapter.replyReader(canal.conta.ajustes) === 'flow') return
  if (!event.pediu && event.conversa === conversa) return
  const tarefa = workOwed(arrival, 'atribuir', { protocolo: n })
  if (tarefa) await deps.outbox.insert(tarefa)
}

/**
 * Texts that no write of `vez` carries, "you are with …" (asked for again) and "nobody is there", are made durable here, each
 * at most once in ten minutes. True: an answer that the customer himself reads is empty.
 */
async function isSilent(deps: ChatDeps, arrival: Arrival, result: CommandResult): Promise<boolean> {
  const { canal, event, now } = arrival
  const reader = canal.adapter.replyReader(canal.conta.ajustes)
  if (reader === 'flow') return false
  if (result.situacao === 'atribuido' || result.situacao === 'em_espera') return result.repetida
  const isAttended = result.situacao === 'em_atendimento'
  if (isAttended && result.ausencia) return wasToldAbsent(deps, arrival, result)
  if (isAttended && !asksForPerson(canal, event)) return true
  const tipo = isAttended ? 'texto_em_atendimento' : 'texto_indisponivel'
  if (await wasToldLately(deps, arrival, tipo)) return true
  const about = isAttended
    ? { protocolo: result.protocolo.n, consultor_nome: result.consultor?.nome ?? result.protocolo.atendente }
    : 'abre' in result && result.abre
      ? { abre: result.abre }
      : {}
  const tarefa = workOwed(arrival, tipo, about)
  if (!tarefa) return false
  await deps.outbox.insert(reader === 'customer' ? asDone(tarefa, now) : tarefa)
  return false
}
