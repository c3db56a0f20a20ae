import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Acesso, CanalNovo, Consultor, Fila } from './api.js'
import { EMILY, LUCIA, MARIANA, PEDRO, RAFAEL } from './customers.js'
import { asks, consultorOf, type Day, latestOf, orderOf, protocoloOf, type Step, tellSynced, toNumber } from './day.js'
import { check, DemoFailure } from './failure.js'

const Configuracao = z.object({
  passos: z.array(z.object({ passo: z.string(), situacao: z.string(), detalhe: z.string() })),
})

const TEAM = [
  { nome: 'Ana Souza', email: 'ana@exemplo.com.br', idiomas: ['pt', 'es'] },
  { nome: 'Bia Lima', email: 'bia@exemplo.com.br', idiomas: ['pt'] },
  { nome: 'Caio Prado', email: 'caio@exemplo.com.br', idiomas: ['pt', 'en'] },
] as const

const CANAL = 'chat'
const DUPLICATES = 3

async function registerTeam(day: Day): Promise<void> {
  const { api, fake, team } = day
  for (const { email, ...rest } of TEAM) {
    const user = fake.state.users.find((one) => one.email === email)
    if (!user) throw new DemoFailure(`A conta de mentira não tem o usuário ${email}.`)
    if (!user.active_flag) fake.asPerson.activate(user.id)
    const body = { ...rest, email, id_pipedrive: user.id, status_online: true }
    const made = await api.call(Consultor, 'POST', '/consultor', body)
    team.push(made)
    day.tell(`${made.nome} (${made.idiomas.join(', ')}) está online e é o usuário ${made.id_pipedrive} no Pipedrive.`)
  }
  day.show('a fila no painel, com a chave acima', `${api.url}/painel`)
  const [first] = team
  if (!first) throw new DemoFailure('Ninguém foi cadastrado.')
  const { link } = await api.call(Acesso, 'POST', `/consultor/${first.id}/acesso`, {})
  day.tell(`Cada consultor tem a sua página, no celular: o link de ${first.nome} abre uma vez só.`)
  day.show(`a página de ${first.nome}`, link)
}

async function setUp(day: Day): Promise<void> {
  const { passos } = await day.api.call(Configuracao, 'POST', '/pipedrive/setup', {})
  const made = passos.filter(({ situacao }) => situacao === 'feito')
  const wrong = passos.find(({ situacao }) => situacao === 'erro')
  check(wrong === undefined, `a conta fica pronta (${wrong?.passo}: ${wrong?.detalhe})`)
  check(made.length > 0, 'os campos e os webhooks são feitos')
  day.tell(`POST /pipedrive/setup conferiu ${passos.length} pontos e fez o que faltava:`)
  for (const { detalhe } of made) day.tell(`  ${detalhe}.`)
  const again = await day.api.call(Configuracao, 'POST', '/pipedrive/setup', {})
  check(!again.passos.some(({ situacao }) => situacao === 'feito'), 'a segunda vez não faz nada')
  day.tell('Chamado de novo, não faz nada: tudo já está lá.')
  day.show('o Pipedrive de mentira', day.pipedriveUrl)
}

async function makeAccount(day: Day): Promise<void> {
  const { api, chat } = day
  const body = {
    ...{ slug: CANAL, plataforma: 'generico', nome: 'Chat de mentira', gatilho: 'sempre' },
    ...{ esperar: true, ajustes: { retorno_url: chat.retornoUrl } },
  }
  const { webhook_url, segredo } = await api.call(CanalNovo, 'POST', '/canais', body)
  const webhookUrl = new URL(webhook_url, api.url).href
  chat.connect(webhookUrl, segredo)
  day.tell(`O chat chama ${webhookUrl}, assinado com o segredo da conta; o que vem depois chega a ${chat.retornoUrl}.`)
  day.show('o chat', chat.url)
}

async function firstTurn(day: Day): Promise<void> {
  const { consultor } = await asks(day, MARIANA, 'pt', 'Bom dia, quero um orçamento')
  check(consultor?.id === Math.min(...day.team.map(({ id }) => id)), 'entre iguais começa quem foi cadastrado primeiro')
  day.tell('Ninguém atendeu hoje: entre iguais começa quem foi cadastrado primeiro.')
  await tellSynced(day, latestOf(day, MARIANA))
  day.show('o negócio no Pipedrive', day.pipedriveUrl)
}

async function rotation(day: Day): Promise<void> {
  await asks(day, PEDRO, 'pt', 'Olá! Vocês entregam em Santos?')
  const first = await protocoloOf(day, latestOf(day, MARIANA))
  const [last, second] = (await orderOf(day, 'pt')).reverse()
  check(second?.consultor_id === first.consultor_id, 'quem atendeu antes vai para o fim da fila')
  day.tell(`${second.nome}, que atendeu ${MARIANA.nome}, está no fim da fila, só antes de ${last?.nome}.`)
  await tellSynced(day, latestOf(day, PEDRO))
  day.show('a conversa', day.chat.url)
}

async function languages(day: Day): Promise<void> {
  const [next] = await orderOf(day, 'pt')
  const said = [
    await asks(day, LUCIA, 'es', 'Hola, quiero hablar con alguien'),
    await asks(day, EMILY, 'en', 'Hi, do you ship to the US?'),
  ]
  for (const [place, { idioma }] of [LUCIA, EMILY].entries()) {
    const { idiomas } = consultorOf(day, said[place]?.consultor?.id ?? null)
    check(idiomas.includes(idioma), `quem atende fala ${idioma}`)
  }
  day.tell(`Em português seria a vez de ${next?.nome}, mas só entra na fila quem fala o idioma.`)
  day.tell(`O chat diz: “${said.map(({ texto }) => texto).join('” e “')}”`)
  for (const cliente of [LUCIA, EMILY]) await tellSynced(day, latestOf(day, cliente))
  day.show('as conversas', day.chat.url)
}

async function duplicates(day: Day): Promise<void> {
  const { api, chat } = day
  const [next] = await orderOf(day, 'pt')
  const id = randomUUID()
  const many = Array.from({ length: DUPLICATES }, () => chat.write(RAFAEL, 'Quero falar com um vendedor', id))
  const answers = await Promise.all(many)
  const [first] = answers
  const numero = first?.protocolo ?? null
  check(new Set(answers.map((one) => JSON.stringify(one))).size === 1, 'as repetições recebem a mesma resposta')
  const { ultimo_protocolo } = await api.call(Fila, 'GET', '/vez')
  check(ultimo_protocolo === numero, 'só um protocolo foi gasto')
  check(first?.consultor?.id === next?.consultor_id, 'a vez é de quem estava no começo da fila')
  day.latest.set(RAFAEL.id, toNumber(numero))
  day.tell(
    `A mensagem de ${RAFAEL.nome} chega ${answers.length} vezes ao mesmo tempo (a plataforma repetiu o webhook).`,
  )
  day.tell(
    `→ Uma vez só: ${first?.consultor?.nome}, protocolo ${numero}, e o último protocolo dado é ${ultimo_protocolo}.`,
  )
  await tellSynced(day, latestOf(day, RAFAEL))
  day.show('no painel, por que foi para quem foi', `${api.url}/painel/protocolos/${latestOf(day, RAFAEL)}`)
}

/** From an empty account to a full queue. */
export const MORNING: readonly Step[] = [
  { at: '8:30', title: 'a equipe', run: registerTeam },
  { at: '8:40', title: 'o Pipedrive fica pronto', run: setUp },
  { at: '8:50', title: 'a conta do chat', run: makeAccount },
  { at: '9:00', title: 'a primeira cliente', run: firstTurn },
  { at: '9:10', title: 'o rodízio', run: rotation },
  { at: '9:30', title: 'outros idiomas', run: languages },
  { at: '10:00', title: 'o webhook duplicado', run: duplicates },
]
