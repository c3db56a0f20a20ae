import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskFaultOf, explainDisk } from '../lib/disk.js'
import { privateFolder } from '../lib/private-folder.js'
import { StartError } from '../lib/start-error.js'
import { newKey } from './key.js'

/** The API key of this folder (`<folder>/api-key`); made by the first start. */
export const keyOfFolder = (folder: string): KeyFile => keyFile(folder, 'api-key', newKey)

/** What encrypts the chat accounts' secrets of this folder (`<folder>/chave-mestra`). */
export const masterKeyOfFolder = (folder: string): KeyFile =>
  keyFile(folder, 'chave-mestra', () => randomBytes(32).toString('base64url'))

export interface KeyFile {
  readonly key: string
  /** Nobody has seen it yet. */
  readonly isNew: boolean
}

const OWNER_ONLY = 0o600

/** One that a person or an earlier release left readable for others is closed to them, unless it is another user's. */
function ownerOnly(path: string): void {
  try {
    chmodSync(path, OWNER_ONLY)
  } catch (error) {
    if (!['EPERM', 'EROFS'].includes(Object(error).code)) throw error
  }
}

/**
 * A secret in a file of its own, mode 0600, made when it is not there.
 *
 * @throws StartError when the file can neither be read nor made
 */
function keyFile(folder: string, name: string, make: () => string): KeyFile {
  const path = join(folder, name)
  try {
    privateFolder(folder)
    const key = make()
    writeFileSync(path, `${key}\n`, { mode: OWNER_ONLY, flag: 'wx' })
    return { key, isNew: true }
  } catch (error) {
    const fault = diskFaultOf(error)
    if (fault) throw new StartError(explainDisk(fault, folder))
    if (Object(error).code !== 'EEXIST') {
      throw new StartError(`Não foi possível gravar em ${path}. Confira a permissão da pasta ou defina PASTA_DADOS.`)
    }
  }
  ownerOnly(path)
  const key = readFileSync(path, 'utf8').trim()
  if (key.length < 16)
    throw new StartError(`O arquivo ${path} não contém uma chave. Apague-o para que outra seja feita.`)
  return { key, isNew: false }
}
