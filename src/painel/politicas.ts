import type { z } from 'zod'
import { fromGuardado } from '../agenda/schema.js'
import type { Canal } from '../canais/accounts.js'
import type { Config } from '../config.js'
import { inWords } from '../lib/words.js'
import type { Consultor, Politica } from '../vez/document.js'
import { distinctTeams } from '../vez/rules/teams.js'
import type { PainelDeps } from './deps.js'
import type { Politicas } from './schema/gestao.js'

type Grupo = z.output<typeof Politicas>['grupos'][number]
type Item = Grupo['itens'][number]

/** What holds now, in words, and where each is set. */
export async function policiesOf({ config, chat, vez }: Pick<PainelDeps, 'config' | 'chat' | 'vez'>) {
  const { politica, consultores } = await vez.readFresh()
  const people = [...consultores.values()]
  const accounts = chat.accounts().map(ofAccount)
  return { grupos: [line(), common(politica, people, config.FUSO), general(config), ...accounts, pipedrive(config)] }
}

const item = (titulo: string, valor: string, explica: string, onde: string): Item => ({ titulo, valor, explica, onde })

const line = (): Grupo => ({
  titulo: 'A vez',
  itens: [
    item(
      'Quem é o próximo',
      'quem recebeu há mais tempo',
      'Entre os que podem, o de menor turno; ao entrar, alguém novo é o último. Ficar offline não adianta nem atrasa ninguém.',
      'fixo',
    ),
    item(
      'Quem pode',
      'ativo, na sequência, da equipe, fala o idioma, no horário, sem pausa, online, abaixo do limite',
      'A primeira condição que falta é o motivo que a tela mostra.',
      'Equipe',
    ),
  ],
})

/** What `PUT /politica` sets, and how many people have something else. */
function common(politica: Politica, people: readonly Consultor[], fuso: string): Grupo {
  const { limite, agenda, feriados } = politica
  const own = (has: (one: Consultor) => unknown): string => {
    const count = people.filter((one) => has(one) !== undefined).length
    return count === 0 ? 'Ninguém tem outro.' : `${count} ${count === 1 ? 'pessoa tem o seu' : 'pessoas têm o seu'}.`
  }
  const teams = distinctTeams(people.flatMap(({ equipes = [] }) => equipes))
  const { semana, folgas } = agenda ? fromGuardado(agenda) : { semana: null, folgas: [] }
  const off = folgas.length === 0 ? '' : `; ${folgas.length} ${folgas.length === 1 ? 'folga' : 'folgas'}`
  return {
    titulo: 'Equipe toda',
    itens: [
      item(
        'Equipes',
        teams.length === 0 ? 'nenhuma' : inWords(teams),
        'Um pedido, ou uma conta de chat, pode querer alguém de uma delas. A fila e os números são os mesmos.',
        'Equipe',
      ),
      item(
        'Limite de protocolos abertos',
        limite === undefined ? 'sem limite' : String(limite),
        `Quem tem tantos não recebe a vez até concluir um. ${own((one) => one.limite)}`,
        'PUT /politica',
      ),
      item(
        'Horário',
        semana === null ? `sem horário${off}` : `${weekWords(semana)}${off}`,
        `Fora dele ninguém recebe a vez. ${own((one) => one.agenda)}`,
        'PUT /politica',
      ),
      item('Feriados', holidayWords(feriados), 'Nesses dias não há expediente.', 'PUT /politica'),
      item('Fuso dos horários', politica.fuso ?? fuso, 'De quem não diz o seu.', 'PUT /politica'),
      item(
        'Pausa',
        'até 24 horas, ou até que alguém a acabe',
        'Quem está em pausa não recebe a vez e não perde o lugar; ficar online a acaba.',
        'fixo',
      ),
    ],
  }
}

const WEEK = ['seg', 'ter', 'qua', 'qui', 'sex', 'sab', 'dom']

const weekWords = (semana: Readonly<Record<string, readonly string[]>>): string =>
  WEEK.flatMap((dia) => (semana[dia]?.length ? [`${dia} ${semana[dia].join(' e ')}`] : [])).join(', ')

function holidayWords(feriados: Politica['feriados']): string {
  const { nacionais, carnaval, corpus_christi, dias = [] } = feriados ?? {}
  const named = [
    ...(nacionais ? ['nacionais'] : []),
    ...(carnaval ? ['carnaval'] : []),
    ...(corpus_christi ? ['Corpus Christi'] : []),
    ...(dias.length > 0 ? [`mais ${dias.length} ${dias.length === 1 ? 'dia' : 'dias'}`] : []),
  ]
  return named.length === 0 ? 'nenhum' : inWords(named)
}

const general = (config: Config): Grupo => ({
  titulo: 'Geral',
  itens: [
    item(
      'Intervalo da espera',
      config.ESPERA_INTERVALO_S === 0 ? 'sem intervalo' : `${config.ESPERA_INTERVALO_S} segundos`,
      'Entre dois clientes da espera para a mesma pessoa: quem chega primeiro não recebe a fila toda.',
      'ESPERA_INTERVALO_S',
    ),
    item('Fuso', config.FUSO, 'Os dias e as horas das telas e dos relatórios.', 'FUSO'),
    item(
      'Retenção',
      config.RETENCAO_DIAS === 0 ? 'para sempre' : `${config.RETENCAO_DIAS} dias`,
      'Depois disso um protocolo perde os dados do cliente (LGPD).',
      'RETENCAO_DIAS',
    ),
  ],
})

const GATILHOS: Readonly<Record<string, string>> = {
  sempre: 'qualquer mensagem',
  palavra: 'uma palavra ou um botão',
  transferencia: 'a transferência da plataforma',
}

const yes = (value: boolean): string => (value ? 'ligado' : 'desligado')

const hours = (value: number): string => (value === 0 ? 'sem janela' : `${value} h`)

function ofAccount(canal: Canal): Grupo {
  const onde = `PUT /canais/${canal.slug}`
  const absent =
    canal.responsavel_ausente === 'passar'
      ? `passa a outro depois de ${canal.ausente_min} min`
      : 'fica com ele, e o cliente é avisado'
  return {
    titulo: `Conta ${canal.guardado.nome}`,
    itens: [
      item('O que chama', GATILHOS[canal.gatilho] ?? canal.gatilho, 'O que faz uma mensagem pedir uma pessoa.', onde),
      item('Janela', hours(canal.janela_h), 'Por quanto tempo quem volta fica com o mesmo consultor.', onde),
      item('Espera', yes(canal.esperar), 'Quando ninguém pode, o cliente espera e é avisado.', onde),
      item('Responsável ausente', absent, 'Quando quem volta não encontra o seu consultor.', onde),
      item('Equipe', canal.equipe ?? 'qualquer uma', 'Quem recebe os clientes desta conta.', onde),
      item(
        'Horário',
        canal.horario ? weekWords(canal.horario.semana ?? {}) || 'só folgas' : 'sempre aberta',
        'Fora dele os clientes esperam, e são avisados de quando abre.',
        onde,
      ),
      item('Avisar o consultor', yes(canal.avisar_consultor), 'No WhatsApp dele, quando recebe um cliente.', onde),
    ],
  }
}

const pipedrive = (config: Config): Grupo => ({
  titulo: 'Pipedrive',
  itens: [
    item(
      'Ligação',
      config.PIPEDRIVE_API_TOKEN === undefined ? 'desligada' : 'ligada',
      'Pessoa, negócio, atividade e nota de cada protocolo.',
      'PIPEDRIVE_API_TOKEN',
    ),
    item(
      'Cliente que já tem dono',
      config.PIPEDRIVE_DONO_CONHECIDO === 'sim' ? 'vai para o dono, fora da vez' : 'segue a vez',
      'Se o turno pergunta antes ao Pipedrive de quem é o cliente.',
      'PIPEDRIVE_DONO_CONHECIDO',
    ),
    item(
      'Negócio de outro',
      config.PIPEDRIVE_NEGOCIO_DE_OUTRO,
      'O que se faz com um negócio aberto de outra pessoa.',
      'PIPEDRIVE_NEGOCIO_DE_OUTRO',
    ),
  ],
})
