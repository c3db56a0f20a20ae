import { fromNovo } from '../consultores/schema.js'
import { toNumero } from '../lib/numero.js'
import { omitUndefined } from '../lib/omit.js'
import type { Protocolo } from '../protocolos/model.js'
import { type Consultor, emptyVez, type Vez } from '../vez/document.js'
import { MAX_CONSULTORES } from '../vez/rules/draft.js'
import type { OldConsultor, OldProtocolo, Row, Taken } from './csv.js'

/** Marks what an import wrote, so that one that was cut off can be told from a database in use. */
export const IMPORT_LOTE = 'importado'

export interface Source {
  readonly consultores: readonly Row<OldConsultor>[]
  readonly protocolos: readonly Row<OldProtocolo>[]
  readonly ultimoNumero: number | undefined
  /** Of rows that were left out. */
  readonly taken?: Taken
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
export function planImport({ consultores, protocolos, ultimoNumero, taken }: Source, writeId: string): Plan {
  const highest = highestOf([taken?.numero ?? 0, ...protocolos.map(({ value }) => value.numero)])
  const base = ultimoNumero ?? highest
  const problems = [
    ...withoutDoubled(consultores, OF_CONSULTORES).problems,
    ...withoutDoubled(protocolos, OF_PROTOCOLOS).problems,
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
      ultimo_consultor_id: highestOf([
        taken?.consultor ?? 0,
        ...people.map(({ id }) => id),
        ...protocolos.map(({ value }) => value.consultor_id ?? 0),
      ]),
      consultores: inOrder(people, base),
    },
  }
}

const highestOf = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.max(one, other), 0)

/** A column whose values are each one row's. */
interface Unique<T> {
  readonly column: string
  of(row: T): number | string | undefined
}

const OF_CONSULTORES: readonly Unique<OldConsultor>[] = [
  { column: 'consultores: id', of: ({ id }) => id },
  { column: 'consultores: email', of: ({ email }) => email?.toLowerCase() ?? undefined },
]
const OF_PROTOCOLOS: readonly Unique<OldProtocolo>[] = [
  { column: 'protocolos: numero', of: ({ numero }) => toNumero(numero) },
  { column: 'protocolos: id', of: ({ id }) => id },
]

/** The rows without those that repeat a value that an earlier one has, and one problem for each such value. */
function withoutDoubled<T>(
  rows: readonly Row<T>[],
  columns: readonly Unique<T>[],
): { rows: readonly Row<T>[]; problems: readonly string[] } {
  const first = new Map<string, number>()
  const problems: string[] = []
  const kept = rows.filter(({ line, value }) => {
    const mine = columns.flatMap(({ column, of }) => {
      const one = of(value)
      return one === undefined ? [] : [`${column} ${one}`]
    })
    const taken = mine.filter((one) => first.has(one))
    problems.push(...taken.map((one) => `${one} repetido nas linhas ${first.get(one)} e ${line}`))
    for (const one of mine) if (!first.has(one) && taken.length === 0) first.set(one, line)
    return taken.length === 0
  })
  return { rows: kept, problems }
}

/** Leaves out what would be there twice: the first row counts. */
export function leaveOutDoubled(source: Source): { source: Source; problems: readonly string[] } {
  const consultores = withoutDoubled(source.consultores, OF_CONSULTORES)
  const protocolos = withoutDoubled(source.protocolos, OF_PROTOCOLOS)
  const problems = [...consultores.problems, ...protocolos.problems]
  // The id of a consultor who is left out is not given to another.
  const taken = {
    numero: source.taken?.numero ?? 0,
    consultor: highestOf([source.taken?.consultor ?? 0, ...source.consultores.map(({ value }) => value.id)]),
  }
  return { source: { ...source, consultores: consultores.rows, protocolos: protocolos.rows, taken }, problems }
}

/** `turno` by rank: the order of `ultimo_atendimento`, who never had one first; all of them at most `base`. */
function inOrder(consultores: readonly OldConsultor[], base: number): Map<number, Consultor> {
  const ranked = consultores.toSorted((a, b) => attended(a) - attended(b) || a.id - b.id)
  const turnos = new Map(ranked.map(({ id }, rank) => [id, base - ranked.length + 1 + rank]))
  const toConsultor = ({ id, ultimo_atendimento, ...rest }: OldConsultor): Consultor =>
    omitUndefined({
      ...fromNovo(rest),
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
