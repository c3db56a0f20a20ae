import { toNumero } from '../lib/numero.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Vez } from '../vez/document.js'
import { limitOf } from '../vez/rules/limit.js'
import { toHimself } from './palavras.js'
import type { Eu, Lugar } from './schema/eu.js'
import { foraOf, isOfLine, type LineOf, presenceOf, type Seen, seconds, sinceOf } from './snapshot.js'

/** Of those who stand before somebody so many are named. */
const MOST_NAMED = 10

/** What a consultor sees of himself, and of others only names, presence and the order; `undefined`: he is not here any more. */
export function toEu(seen: Seen, id: number): Eu | undefined {
  const { vez, last, now } = seen
  const consultor = vez.consultores.get(id)
  if (!consultor?.ativo) return undefined
  const limite = limitOf(consultor, vez)
  const { nome, idiomas, equipes = [], pausa } = consultor
  const { desde, por, motivo } = sinceOf(seen, id, consultor)
  return {
    marca: vez.previousWriteId,
    agora: seconds(now),
    id,
    nome,
    presenca: presenceOf(consultor),
    desde: desde ?? null,
    por: por ?? null,
    motivo: motivo ?? null,
    ate: pausa?.ate ? seconds(pausa.ate) : null,
    fora: foraOf(consultor, vez).map((motivo) => ({ motivo, frase: toHimself(motivo) })),
    lugares: idiomas.flatMap((idioma) =>
      [{ idioma }, ...equipes.map((equipe) => ({ idioma, equipe }))].map((line) => placeOf(seen, id, line)),
    ),
    ultimo: lastOf(vez, last, id),
    abertos: limite === undefined ? null : (consultor.abertos ?? 0),
    limite: limite ?? null,
    colegas: colleaguesOf(vez, id),
  }
}

function placeOf({ vez, orderOf }: Seen, id: number, line: LineOf): Lugar {
  const order = orderOf(line)
  const index = order.indexOf(id)
  const before = index < 0 ? [] : order.slice(0, Math.min(index, MOST_NAMED))
  return {
    idioma: line.idioma,
    equipe: line.equipe ?? null,
    posicao: index < 0 ? null : index + 1,
    a_frente: before.map((one) => vez.consultores.get(one)?.nome ?? ''),
    de: order.length,
    esperando: vez.espera.filter((one) => isOfLine(one, line)).length,
  }
}

/** The last protocol that he was given, by a turn or out of it. */
function lastOf({ consultores }: Vez, last: readonly Protocolo[], id: number): Eu['ultimo'] {
  const recent = last.find(({ consultor_id }) => consultor_id === id)
  const { turno = 0, ultimo_atendimento } = consultores.get(id) ?? {}
  if (recent && recent.n >= turno) return { n: recent.n, numero: recent.numero, em: seconds(recent.created_at) }
  return ultimo_atendimento === undefined
    ? null
    : { n: turno, numero: toNumero(turno), em: seconds(ultimo_atendimento) }
}

/** To whom he may pass a customer on: whoever works here. */
const colleaguesOf = (vez: Vez, id: number): Eu['colegas'] =>
  [...vez.consultores]
    .filter(([other, { ativo }]) => ativo && other !== id)
    .map(([other, consultor]) => ({
      id: other,
      nome: consultor.nome,
      presenca: presenceOf(consultor),
    }))
    .sort((one, other) => one.nome.localeCompare(other.nome, 'pt-BR'))
