import { z } from 'zod'
import { Espera, Fila } from './api.js'
import type { Resposta } from './conversations.js'
import { CARLA, type Cliente, MARIANA, PEDRO, TIAGO } from './customers.js'
import {
  asks,
  consultorOf,
  type Day,
  latestOf,
  protocoloOf,
  type Step,
  setOnline,
  synced,
  tellSynced,
  toNumber,
  userOf,
} from './day.js'
import { check, until } from './failure.js'

async function stays(day: Day): Promise<void> {
  const before = await protocoloOf(day, latestOf(day, PEDRO))
  const { situacao, consultor, protocolo } = await day.chat.write(PEDRO, 'Posso pagar com cartão?')
  check(situacao === 'em_atendimento' && protocolo === before.numero, `${PEDRO.nome} continua no mesmo protocolo`)
  check(consultor?.id === before.responsavel_id, `${PEDRO.nome} continua com quem já a atende`)
  day.tell(
    `${PEDRO.nome} escreve de novo. → Continua com ${consultor?.nome}, protocolo ${protocolo}; ninguém gastou a vez.`,
  )
  day.show('a conversa', day.chat.url)
}

async function activityDone(day: Day): Promise<void> {
  const { protocolo } = await synced(day, latestOf(day, PEDRO))
  const activity = protocolo.pipedrive?.atividade_id ?? 0
  day.fake.asPerson.finishActivity(activity)
  day.tell(`No Pipedrive alguém marca a atividade ${activity} como concluída.`)
  const after = await until(`fim do protocolo ${protocolo.numero}`, async () => {
    const now = await protocoloOf(day, protocolo.id)
    return now.status === 'concluido' ? now : undefined
  })
  check(after.historico.at(-1)?.motivo === 'atividade_concluida', 'o histórico diz por quê')
  check(
    day.fake.events.some(({ result }) => result === 'entregue'),
    'o webhook do Pipedrive foi aceito',
  )
  day.tell(
    `→ O protocolo ${after.numero} está ${after.status} (${after.historico.at(-1)?.motivo}): o Pipedrive avisou por webhook.`,
  )
  day.show('os protocolos no painel', `${day.api.url}/painel/protocolos`)
}

async function comesBack(day: Day): Promise<void> {
  const before = await synced(day, latestOf(day, PEDRO))
  const owner = before.deal.owner_id
  const resposta = await asks(day, PEDRO, 'pt', 'Voltei, quero fechar o pedido')
  const { protocolo, deal } = await synced(day, latestOf(day, PEDRO))
  check(protocolo.pipedrive?.pessoa_id === before.protocolo.pipedrive?.pessoa_id, 'a pessoa é a mesma')
  check(deal.id === before.deal.id, 'o negócio aberto é o mesmo')
  await tellSynced(day, protocolo.id)
  const { id_pipedrive } = consultorOf(day, resposta.consultor?.id ?? null)
  const activity = day.fake.state.activities.find(({ id }) => id === protocolo.pipedrive?.atividade_id)
  check(
    activity?.owner_id === id_pipedrive && deal.owner_id === owner,
    'o negócio fica com o dono, e a atividade é de quem atende',
  )
  day.tell(
    `O negócio aberto fica com ${userOf(day, deal.owner_id)} (PIPEDRIVE_NEGOCIO_DE_OUTRO=manter), a atividade é de quem atende.`,
  )
  const stage = day.fake.state.stages.find(({ name }) => name === 'Proposta')
  check(stage !== undefined, 'o funil tem a etapa Proposta')
  day.fake.asPerson.moveStage(deal.id, stage.id)
  day.tell(`No Pipedrive alguém leva o negócio ${deal.id} à etapa ${stage.name}; o protocolo segue como está.`)
  day.show('o negócio no Pipedrive', day.pipedriveUrl)
}

async function ownerChanged(day: Day): Promise<void> {
  const { protocolo, deal } = await synced(day, latestOf(day, MARIANA))
  const from = consultorOf(day, protocolo.responsavel_id)
  const to = day.team.find(({ id }) => id !== from.id)
  check(to?.id_pipedrive != null, 'há outro consultor')
  const user = to.id_pipedrive
  const owner = userOf(day, deal.owner_id)
  day.fake.asPerson.changeOwner(deal.id, user)
  day.tell(`No Pipedrive alguém passa o negócio ${deal.id} de ${owner} para ${userOf(day, user)}.`)
  const after = await until(`novo responsável de ${protocolo.numero}`, async () => {
    const now = await protocoloOf(day, protocolo.id)
    return now.responsavel_id === to.id ? now : undefined
  })
  check(after.consultor_id === from.id, 'a quem o turno foi dado não muda')
  day.tell(`→ O responsável de ${after.numero} agora é ${to.nome}; o turno continua contado para ${from.nome}.`)
  await until(
    `a conversa de ${MARIANA.nome} com ${to.nome}`,
    () => day.chat.conversa(MARIANA)?.consultor === to.nome || undefined,
  )
  await until('o novo dono na atividade', () => {
    const activity = day.fake.state.activities.find(({ id }) => id === after.pipedrive?.atividade_id)
    return activity?.owner_id === user || undefined
  })
  day.tell(`→ A conversa no chat e a atividade no Pipedrive também passaram para ${to.nome}.`)
  day.show('a conversa', day.chat.url)
}

async function nobody(day: Day): Promise<void> {
  for (const { id } of day.team) await setOnline(day, id, false)
  day.tell('Todos ficam offline.')
  for (const [place, cliente] of [CARLA, TIAGO].entries()) {
    const { situacao, posicao, texto }: Resposta = await day.chat.write(cliente, 'Tem alguém aí?')
    check(situacao === 'em_espera' && posicao === place + 1, `${cliente.nome} espera no lugar ${place + 1}`)
    day.tell(`${cliente.nome} escreve e espera: lugar ${posicao}. O chat diz: “${texto}”`)
  }
  const waiting = await day.api.call(Espera, 'GET', '/espera')
  check(waiting.length === 2, 'dois clientes esperam')
  day.tell(`→ GET /espera: ${waiting.map(({ posicao, cliente }) => `${posicao}º ${cliente}`).join(', ')}.`)
  day.show('quem espera, no painel', `${day.api.url}/painel/espera`)
}

async function served(day: Day): Promise<void> {
  const back = day.team[1]
  check(back !== undefined, 'a equipe tem três pessoas')
  await setOnline(day, back.id, true)
  day.tell(`${back.nome} volta do almoço.`)
  const numbers: number[] = []
  for (const cliente of [CARLA, TIAGO]) numbers.push(await servedNow(day, cliente, back.nome))
  check(
    numbers.every((n, place) => place === 0 || n > (numbers[place - 1] ?? 0)),
    'quem chegou antes é servido antes',
  )
  const { em_espera } = await day.api.call(Fila, 'GET', '/vez')
  check(em_espera === 0, 'ninguém mais espera')
  for (const cliente of [CARLA, TIAGO]) await tellSynced(day, latestOf(day, cliente))
  const [first, second] = await Promise.all(numbers.map((n) => protocoloOf(day, n)))
  const gapS = (Date.parse(second?.created_at ?? '') - Date.parse(first?.created_at ?? '')) / 1_000
  check(gapS >= day.esperaIntervaloS, `entre os dois passam ${day.esperaIntervaloS} s`)
  day.tell(
    `Na ordem em que chegaram, com ${gapS.toFixed(1).replace('.', ',')} s entre os dois (ESPERA_INTERVALO_S): a fila não cai toda de uma vez sobre quem volta.`,
  )
  for (const { id } of day.team) await setOnline(day, id, true)
  day.show('as conversas', day.chat.url)
}

async function servedNow(day: Day, cliente: Cliente, nome: string): Promise<number> {
  const { protocolo } = await until(`alguém para ${cliente.nome}`, () => {
    const now = day.chat.conversa(cliente)
    return now?.situacao === 'atribuido' && now.mensagens.at(-1)?.texto.includes(nome) ? now : undefined
  })
  const n = toNumber(protocolo)
  day.latest.set(cliente.id, n)
  day.tell(`→ ${nome} atende ${cliente.nome}, protocolo ${protocolo}.`)
  return n
}

async function won(day: Day): Promise<void> {
  const { protocolo, deal } = await synced(day, latestOf(day, MARIANA))
  day.fake.asPerson.close(deal.id, 'won')
  const after = await until(`fim do protocolo ${protocolo.numero}`, async () => {
    const now = await protocoloOf(day, protocolo.id)
    return now.status === 'concluido' ? now : undefined
  })
  check(after.historico.at(-1)?.motivo === 'negocio_ganho', 'o histórico diz por quê')
  day.tell(
    `O negócio ${deal.id} é ganho no Pipedrive. → O protocolo ${after.numero} está ${after.status} (${after.historico.at(-1)?.motivo}).`,
  )
  day.show('o negócio no Pipedrive', day.pipedriveUrl)
}

const Lista = z.array(z.object({ numero: z.string(), consultor_id: z.int().nullable() }))

async function evening(day: Day): Promise<void> {
  const { api, fake, team } = day
  const all = await api.call(Lista, 'GET', '/protocolos?limit=500')
  const { ultimo_protocolo } = await api.call(Fila, 'GET', '/vez')
  check(all.length === toNumber(ultimo_protocolo), 'os números são seguidos, sem buracos')
  for (const { id, nome } of team) {
    const own = all.filter(({ consultor_id }) => consultor_id === id).map(({ numero }) => numero)
    day.tell(`${nome}: ${own.length} ${own.length === 1 ? 'turno' : 'turnos'} (${own.join(', ')}).`)
  }
  const people = fake.state.persons.filter(({ is_deleted }) => !is_deleted).length
  const { deals, activities, notes } = fake.state
  check(people === day.latest.size && deals.length === people, 'cada cliente é uma pessoa e um negócio')
  check(activities.length === all.length && notes.length === all.length, 'cada protocolo é uma atividade e uma nota')
  const refused = fake.calls.filter(({ status }) => status === 429).length
  check(refused === 0 && fake.unplanned.length === 0, 'nenhuma chamada ao Pipedrive foi recusada ou desconhecida')
  day.tell(
    `${all.length} protocolos sem buracos. No Pipedrive: ${people} pessoas, ${deals.length} negócios, ${activities.length} atividades, ${notes.length} notas.`,
  )
  day.tell(`${fake.calls.length} chamadas à API do Pipedrive, ${refused} recusadas por excesso.`)
  day.show('tudo o que há no Pipedrive', day.pipedriveUrl)
}

/** What people do with those who wrote. */
export const AFTERNOON: readonly Step[] = [
  { at: '10:20', title: 'quem já está sendo atendido', run: stays },
  { at: '11:00', title: 'a atividade concluída', run: activityDone },
  { at: '11:30', title: 'o cliente volta', run: comesBack },
  { at: '12:00', title: 'o dono trocado no Pipedrive', run: ownerChanged },
  { at: '12:30', title: 'ninguém online', run: nobody },
  { at: '13:30', title: 'a fila anda', run: served },
  { at: '17:00', title: 'o negócio ganho', run: won },
  { at: '18:00', title: 'fim do dia', run: evening },
]
