import { z } from 'zod'
import type { FakePipedrive } from '../fakes/pipedrive/fake.js'
import { type Api, type Consultor, Fila, Protocolo } from './api.js'
import type { Chat } from './chat.js'
import type { Resposta } from './conversations.js'
import type { Cliente } from './customers.js'
import { check, DemoFailure, until } from './failure.js'

/** All that a step has to do with. */
export interface Day {
  readonly api: Api
  readonly chat: Chat
  readonly fake: FakePipedrive
  /** The page of the fake Pipedrive. */
  readonly pipedriveUrl: string
  /** As the service answered when they were registered. */
  readonly team: Consultor[]
  /** Number of a customer's last protocol, by the customer's id. */
  readonly latest: Map<string, number>
  /** One waiting customer per consultor in so many seconds, as the service was told. */
  readonly esperaIntervaloS: number
  /** From now on it is this hour, for all that takes part. */
  moveTo(hour: string): Promise<void>
  /** Tells one line. */
  tell(line: string): void
  /** Where the reader sees it. */
  show(what: string, url: string): void
}

/** One part of the story; throws a DemoFailure when the product did not do what it tells. */
export interface Step {
  /** The hour of the day, as `9:10`. */
  readonly at: string
  readonly title: string
  readonly run: (day: Day) => Promise<void>
}

const LANGUAGES: Readonly<Record<string, string>> = { pt: 'português', en: 'inglês', es: 'espanhol' }

type Negocio = FakePipedrive['state']['deals'][number]

/** In the order in which they get the turn. */
export async function orderOf({ api }: Day, idioma: string): Promise<{ consultor_id: number; nome: string }[]> {
  const { idiomas } = await api.call(Fila, 'GET', '/vez')
  return idiomas.find((one) => one.idioma === idioma)?.ordem ?? []
}

export const protocoloOf = ({ api }: Day, n: number): Promise<Protocolo> =>
  api.call(Protocolo, 'GET', `/protocolo/${n}`)

export function latestOf({ latest }: Day, { id, nome }: Cliente): number {
  const n = latest.get(id)
  if (n === undefined) throw new DemoFailure(`A história não sabe o protocolo de ${nome}.`)
  return n
}

export function consultorOf({ team }: Day, id: number | null): Consultor {
  const found = team.find((one) => one.id === id)
  if (!found) throw new DemoFailure(`O consultor ${id} não é desta equipe.`)
  return found
}

/** `#00042` → 42 */
export function toNumber(protocolo: string | null): number {
  const n = Number(protocolo?.replace('#', ''))
  check(Number.isInteger(n) && n > 0, `${protocolo} é um número de protocolo`)
  return n
}

/** The customer writes and gets whom the queue named before: told with the reason. */
export async function asks(day: Day, cliente: Cliente, idioma: string, texto: string): Promise<Resposta> {
  const order = await orderOf(day, idioma)
  const resposta = await day.chat.write(cliente, texto)
  const { situacao, motivo, consultor, protocolo } = resposta
  const names = order.map(({ nome }) => nome).join(', ')
  check(situacao === 'atribuido', `${cliente.nome} é atendida por alguém (${motivo ?? situacao})`)
  check(consultor?.id === order[0]?.consultor_id, `a vez é de quem está no começo da fila (${names})`)
  day.latest.set(cliente.id, toNumber(protocolo))
  day.tell(`${cliente.nome} escreve “${texto}”. Na fila de ${LANGUAGES[idioma] ?? idioma}: ${names}.`)
  day.tell(`→ ${consultor?.nome} atende, protocolo ${protocolo}.`)
  return resposta
}

/** The deal that the fake has for this protocol, once all of it is there. */
export async function synced(day: Day, n: number): Promise<{ protocolo: Protocolo; deal: Negocio }> {
  const protocolo = await until(`negócio, atividade e nota do protocolo ${n} no Pipedrive`, async () => {
    const now = await protocoloOf(day, n)
    return now.pipedrive?.nota_id == null ? undefined : now
  })
  const { pessoa_id, negocio_id, atividade_id, nota_id } = protocolo.pipedrive ?? {}
  const { state } = day.fake
  const deal = state.deals.find(({ id }) => id === negocio_id)
  check(deal !== undefined && deal.person_id === pessoa_id, `o negócio de ${protocolo.numero} é da pessoa certa`)
  check(
    state.activities.filter(({ subject }) => subject === `Atender ${protocolo.numero}`).length === 1,
    'há uma atividade',
  )
  const activity = state.activities.find(({ id }) => id === atividade_id)
  check(activity?.deal_id === deal.id, 'a atividade está no negócio')
  check(state.notes.find(({ id }) => id === nota_id)?.deal_id === deal.id, 'a nota está no negócio')
  const { field_code = '' } = state.fields.find(({ field_name }) => field_name === 'Protocolo') ?? {}
  check(deal.custom_fields[field_code] === protocolo.numero, `o campo Protocolo do negócio diz ${protocolo.numero}`)
  return { protocolo, deal }
}

export const userOf = ({ fake }: Day, id: number): string =>
  fake.state.users.find((one) => one.id === id)?.name ?? `usuário ${id}`

/** Tells what the customer's protocol became in Pipedrive. */
export async function tellSynced(day: Day, n: number): Promise<void> {
  const { protocolo, deal } = await synced(day, n)
  const { pessoa_id, atividade_id, negocio } = protocolo.pipedrive ?? {}
  const how = negocio === 'criado' ? 'negócio novo' : 'o mesmo negócio aberto'
  if (negocio === 'criado') {
    check(deal.owner_id === consultorOf(day, protocolo.consultor_id).id_pipedrive, 'o negócio é de quem tem a vez')
  }
  day.tell(
    `→ Pipedrive: pessoa ${pessoa_id}, ${how} ${deal.id} “${deal.title}” de ${userOf(day, deal.owner_id)}, atividade ${atividade_id}.`,
  )
}

/** Sets somebody online or offline, as the service is asked to. */
export async function setOnline({ api }: Day, id: number, online: boolean): Promise<void> {
  await api.call(z.unknown(), 'PUT', `/consultor/${id}/connection?status=${online}`)
}
