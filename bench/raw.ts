import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import { type Consultor, emptyVez, toDocument, type Vez } from '../src/vez/document.js'
import { Draft, noDrainResult } from '../src/vez/rules/draft.js'
import { loadOf, type Measured } from './load.js'

const KEPT = 32

const consultor = (place: number): Consultor => ({
  nome: `Consultor de Atendimento ${place}`,
  email: `consultor.${place}@exemplo.com.br`,
  telefone: '+5511987654321',
  idiomas: ['pt', 'en'],
  id_pipedrive: 1_000 + place,
  ativo: true,
  sequencial: true,
  online: true,
  turno: 0,
  ultimo_atendimento: new Date(),
})

/** A document of the size that it has under load: so many people, and some entries on their way. */
function fullVez(people: number): Vez {
  const consultores = new Map(Array.from({ length: people }, (_, place) => [place + 1, consultor(place + 1)]))
  const draft = new Draft(
    { ...emptyVez('m'), consultores },
    { now: new Date(), writeId: newWriteId(), esperaIntervaloMs: 0 },
    noDrainResult,
  )
  for (let i = 0; i < KEPT; i += 1)
    draft.assign({ id: 1, consultor: consultor(1) }, { idioma: 'pt', chave: `api:k:${i}`, impressao: newWriteId() }, [])
  return draft.seal({ ...emptyVez('m'), consultores })
}

const newWriteId = (): string => randomBytes(16).toString('base64url')

/**
 * One findOneAndUpdate a request, of the shape of one turn's write: what a service would do that has no batch. Without a
 * guard, so that it always finds its document; with `$slice`, so that the document stays as large as it is.
 */
export async function rawOperations(
  connection: Connection,
  people: number,
  seconds: number,
): Promise<[Measured, Measured]> {
  const collection = connection.collection<{ _id: string; versao: number; pendentes: unknown[] }>('counters')
  const { _id, ...document } = toDocument(fullVez(people))
  await collection.replaceOne({ _id: 'raw' }, document as never, { upsert: true })
  let n = 0
  const operation = (): Promise<unknown> => {
    n += 1
    const id = 1 + (n % people)
    const lote = newWriteId()
    const at = new Date()
    const entry = {
      tipo: 'protocolo',
      n,
      versao: n,
      lugar: 1,
      lote,
      consultor_id: id,
      consultor_nome: 'Consultor de Atendimento',
      created_at: at,
      idioma: 'pt',
      chave: `api:k:${n}`,
      impressao: lote,
    }
    return collection.findOneAndUpdate(
      { _id: 'raw' },
      {
        $set: {
          marca: lote,
          seq: n,
          'autores.bench': { lote, em: at },
          [`consultores.${id}.turno`]: n,
          [`consultores.${id}.ultimo_atendimento`]: at,
        },
        $inc: { versao: 1 },
        $push: { pendentes: { $each: [entry], $slice: -KEPT } },
      },
      { projection: { _id: 1 }, writeConcern: { w: 'majority', journal: true } },
    )
  }
  await loadOf(operation, 1, 1)
  return [await loadOf(operation, 1, seconds), await loadOf(operation, 64, seconds)]
}
