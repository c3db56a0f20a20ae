import { type Connection, mongo } from 'mongoose'
import { type Conta, conta } from './model.js'

const DUPLICATE_KEY = 11_000

/** Keeps the first time that a rule of the account fought us. False: that has been reported. */
export async function reportAutomatic(connection: Connection, found: Conta['atribuicao_automatica']): Promise<boolean> {
  try {
    await conta(connection, 'atribuicao_automatica').insertOne({ _id: 'atribuicao_automatica', ...found })
    return true
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false
    throw error
  }
}
