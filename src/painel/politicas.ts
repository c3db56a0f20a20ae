import type { z } from 'zod'
import type { Canal } from '../canais/accounts.js'
import type { Config } from '../config.js'
import type { PainelDeps } from './deps.js'
import type { Politicas } from './schema/gestao.js'

type Grupo = z.output<typeof Politicas>['grupos'][number]
type Item = Grupo['itens'][number]

/** What holds now, in words, and where each is set. */
export async function policiesOf({ config, chat }: Pick<PainelDeps, 'config' | 'chat'>) {
  return { grupos: [line(), general(config), ...chat.accounts().map(ofAccount), pipedrive(config)] }
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
      'ativo, na sequência, fala o idioma, online',
      'A primeira condição que falta é o motivo que a tela mostra.',
      'Equipe',
    ),
  ],
})

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
