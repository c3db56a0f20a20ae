import { fromApi } from '../consultores/schema.js'
import { toNumero } from '../lib/numero.js'
import { omitUndefined } from '../lib/omit.js'
import type { Protocolo } from '../protocolos/model.js'
import { type Consultor, emptyVez, type Vez } from '../vez/document.js'
import { MAX_CONSULTORES } from '../vez/rules/draft.js'
import type { OldConsultor, OldProtocolo, Row } from './csv.js'

/** Marks what an import wrote, so that one that was cut off can be told from a database in use. */
export const IMPORT_LOTE = 'importado'

export interface Source {
  readonly consultores: readonly Row<OldConsultor>[]
  readonly protocolos: readonly Row<OldProtocolo>[]
  readonly ultimoNumero: number | undefined
}

export interface Plan {
  readonly vez: Vez
  readonly protocolos: readonly Protocolo[]
  readonly problems: readonly string[]
}

/**
 * What the old system's tables become. Consultores keep id and order: who was attended longest ago is next. A protocol keeps
 * its number, and is over: the old system knew no status, and an open one would hold its consultor responsible for ever.
 */
export function planImport({ consultores, protocolos, ultimoNumero }: Source, writeId: string): Plan {
  const highest = Math.max(0, ...protocolos.map(({ value }) => value.numero))
  const base = ultimoNumero ?? highest
  const problems = [
    ...doubled(consultores, 'consultores: id', ({ id }) => id),
    ...doubled(consultores, 'consultores: email', ({ email }) => email?.toLowerCase() ?? undefined),
    ...doubled(protocolos, 'protocolos: numero', ({ numero }) => numero),
    ...doubled(protocolos, 'protocolos: id', ({ id }) => id),
    ...(base < highest ? [`--ultimo-numero ${base} é menor que o maior número dos protocolos, ${highest}`] : []),
    ...(consultores.length > MAX_CONSULTORES ? [`são mais de ${MAX_CONSULTORES} consultores`] : []),
  ]
  const people = consultores.map(({ value }) => value)
  const nomes = new Map(people.map(({ id, nome }) => [id, nome]))
  return {
    problems,
    protocolos: protocolos.map(({ value }) => toProtocolo(value, nomes)),
    vez: {
      ...emptyVez(writeId),
      seq: base,
      base,
      ultimo_consultor_id: Math.max(
        0,
        ...people.map(({ id }) => id),
        ...protocolos.map(({ value }) => value.consultor_id ?? 0),
      ),
      consultores: inOrder(people, base),
    },
  }
}

/** One problem for each value that stands in two rows. */
function doubled<T>(rows: readonly Row<T>[], column: string, of: (row: T) => number | string | undefined): string[] {
  const first = new Map<number | string, number>()
  return rows.flatMap(({ line, value }) => {
    const one = of(value)
    if (one === undefined) return []
    const before = first.get(one)
    if (before === undefined) first.set(one, line)
    return before === undefined ? [] : [`${column} repetido nas linhas ${before} e ${line}`]
  })
}

/** `turno` by rank: the order of `ultimo_atendimento`, who never had one first; all of them at most `base`. */
function inOrder(consultores: readonly OldConsultor[], base: number): Map<number, Consultor> {
  const ranked = consultores.toSorted((a, b) => attended(a) - attended(b) || a.id - b.id)
  const turnos = new Map(ranked.map(({ id }, rank) => [id, base - ranked.length + 1 + rank]))
  const toConsultor = ({ id, ultimo_atendimento, ...rest }: OldConsultor): Consultor =>
    omitUndefined({
      ...fromApi(rest),
      turno: turnos.get(id) ?? base,
      ultimo_atendimento: ultimo_atendimento ?? undefined,
    })
  return new Map(consultores.map((one) => [one.id, toConsultor(one)]))
}

const attended = ({ ultimo_atendimento }: OldConsultor): number =>
  ultimo_atendimento?.getTime() ?? Number.MIN_SAFE_INTEGER

function toProtocolo(old: OldProtocolo, nomes: ReadonlyMap<number, string>): Protocolo {
  const { numero: n, created_at, consultor_id } = old
  const consultor_nome = consultor_id === null ? undefined : nomes.get(consultor_id)
  return omitUndefined({
    _id: n,
    n,
    numero: toNumero(n),
    versao: 0,
    lugar: 0,
    lote: IMPORT_LOTE,
    consultor_id: consultor_id ?? undefined,
    consultor_nome,
    created_at,
    prioridade: 'normal' as const,
    status: 'concluido' as const,
    responsavel_id: consultor_id,
    ultimo_contato_em: created_at,
    encerrado_em: created_at,
    id_antigo: old.id,
    historico: [],
    rev: 0,
  })
}
