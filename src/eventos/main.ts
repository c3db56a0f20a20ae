import { parseArgs } from 'node:util'
import { runCommand } from '../command.js'
import { systemClock } from '../lib/clock.js'
import { StartError } from '../lib/start-error.js'
import { readVez } from '../vez/commit/store.js'
import { verify } from './verify.js'

/** Entries between two lines of progress. */
const PROGRESS = 50_000

runCommand(async (connect, say) => {
  const anew = isAnew(process.argv.slice(2))
  const connection = await connect()
  let told = 0
  const result = await verify(
    {
      connection,
      clock: systemClock,
      letPass: async () => undefined,
      anew,
      onProgress: (entries) => {
        if (entries < told + PROGRESS) return
        told = entries
        say(`… ${entries} entradas`)
      },
    },
    await readVez(connection),
  )
  const { entradas, entradas_antes, desde, versao, confere, problemas } = result
  say(
    `${entradas} entradas refeitas, das versões ${desde} a ${versao}${entradas_antes > 0 ? `; ${entradas_antes} já conferiam` : ''}.`,
  )
  for (const { frase } of problemas) say(frase)
  say(confere ? 'Confere: o livro e a fila dizem o mesmo, e cada turno foi de quem era a vez.' : 'Não confere.')
  return confere ? 0 : 2
})

function isAnew(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { tudo: { type: 'boolean' } } }).values.tudo ?? false
  } catch {
    throw new StartError('Use: npm run verificar -- [--tudo]')
  }
}
