import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../lib/start-error.js'
import { newKey } from './key.js'

/**
 * The key of this folder (`<folder>/api-key`, mode 0600); made by the first start. `isNew` says that nobody has seen it yet.
 *
 * @throws StartError when the file can neither be read nor made
 */
export function keyOfFolder(folder: string): { readonly key: string; readonly isNew: boolean } {
  const path = join(folder, 'api-key')
  try {
    mkdirSync(folder, { recursive: true })
    const key = newKey()
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' })
    return { key, isNew: true }
  } catch (error) {
    if (Object(error).code !== 'EEXIST') {
      throw new StartError(`Não foi possível gravar em ${path}. Confira a permissão da pasta ou defina PASTA_DADOS.`)
    }
  }
  const key = readFileSync(path, 'utf8').trim()
  if (key.length < 16)
    throw new StartError(`O arquivo ${path} não contém uma chave. Apague-o para que outra seja feita.`)
  return { key, isNew: false }
}
