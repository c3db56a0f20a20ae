import type { z } from 'zod'
import { inWords } from '../lib/words.js'
import { nameOf } from '../protocolos/porque.js'
import type { Vez } from '../vez/document.js'
import type { Change } from './changes.js'
import type { Simulacao } from './schema.js'
import type { SimulationResult } from './simulation.js'
import type { Waits } from './waits.js'

type Answer = Omit<z.input<typeof Simulacao>, 'desde' | 'ate' | 'fuso'>
type Share = z.output<typeof Simulacao>['consultores'][number]

/** Of those whose turns would have changed most so many are named in the sentence. */
const MOST_NAMED = 5

/** What no simulation can know. */
const AVISOS = [
  'Pedidos da API que ficaram sem consultor (404) não deixaram rastro no livro: os que estas mudanças teriam atendido não aparecem.',
  'Os clientes vêm quando vieram de verdade, cada atendimento dura o que durou, e com quem o recebeu pela vez. Quem na simulação não acha ninguém numa conta de chat espera, por até 24 horas.',
] as const

/** The answer, with the names of today. */
export function toApi(result: SimulationResult, changes: readonly Change[], vez: Pick<Vez, 'consultores'>): Answer {
  const newcomers = new Map(changes.flatMap((one) => (one.tipo === 'novo' ? [[one.id, one.nome]] : [])))
  const shares = [...new Set([...result.antes.keys(), ...result.depois.keys(), ...newcomers.keys()])]
    .sort((one, other) => one - other)
    .map((id): Share => {
      const [antes, depois] = [result.antes.get(id) ?? 0, result.depois.get(id) ?? 0]
      const nome = newcomers.get(id) ?? vez.consultores.get(id)?.nome ?? null
      return { consultor_id: newcomers.has(id) ? null : id, nome, antes, depois, diferenca: depois - antes }
    })
  const sum = (of: (share: Share) => number): number => shares.reduce((all, one) => all + of(one), 0)
  const { espera, sem_consultor, sem_livro } = result
  return {
    turnos: { antes: sum(({ antes }) => antes), depois: sum(({ depois }) => depois) },
    consultores: shares,
    espera,
    sem_consultor,
    avisos: [
      ...AVISOS,
      ...(sem_livro > 0 ? [`${sem_livro} números do período são de uma versão sem livro, e não entram.`] : []),
    ],
    frase: [turnsInWords(shares), waitsInWords(espera), ...refusedInWords(sem_consultor)].join(' '),
  }
}

function turnsInWords(shares: readonly Share[]): string {
  const moved = shares
    .filter(({ diferenca }) => diferenca !== 0)
    .sort((one, other) => Math.abs(other.diferenca) - Math.abs(one.diferenca))
  if (moved.length === 0) return 'Cada um teria recebido os mesmos turnos.'
  const [first, ...others] = moved.slice(0, MOST_NAMED)
  const named = [first, ...others].flatMap((one, place) =>
    one === undefined
      ? []
      : [`${nameOf(one)}${place === 0 ? ' teria recebido' : ''} ${turns(one.depois)} em vez de ${one.antes}`],
  )
  const more = moved.length - named.length
  const all =
    more > 0 ? [...named, `mais ${more} ${more === 1 ? 'pessoa, outro número' : 'pessoas, outros números'}`] : named
  return `Com estas mudanças, ${inWords(all)}.`
}

const turns = (count: number): string => (count === 1 ? '1 turno' : `${count} turnos`)

function waitsInWords({ clientes, antes, depois }: Waits): string {
  if (clientes === 0) return 'Ninguém esperou, nem teria esperado.'
  const who = clientes === 1 ? '1 cliente' : `${clientes} clientes`
  const median = ({ mediana_s }: Waits['antes']): string =>
    mediana_s === undefined ? 'sem ser atendidos' : lasting(mediana_s)
  const words = `Dos ${who} que esperaram ou teriam esperado, a espera mediana foi de ${median(antes)}, e seria de ${median(depois)}`
  const left = `desistiram ${antes.desistiram}, e desistiriam ${depois.desistiram}`
  return antes.desistiram + depois.desistiram === 0 ? `${words}.` : `${words}; ${left}.`
}

const refusedInWords = (count: number): string[] => {
  if (count === 0) return []
  return [`${count === 1 ? '1 pedido da API teria ficado' : `${count} pedidos da API teriam ficado`} sem consultor.`]
}

/** `45 s`, `12 min`, `3 h 20 min`. */
function lasting(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}
