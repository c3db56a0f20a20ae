import type { AnyAdapter } from './contract.js'
import { generico } from './generico/adapter.js'

/** Every platform that we speak with, in the order in which they are shown. */
export const ADAPTERS: readonly AnyAdapter[] = [generico]

const byName = new Map(ADAPTERS.map((one) => [one.plataforma, one]))

export const findAdapter = (plataforma: string): AnyAdapter | undefined => byName.get(plataforma)
