import { statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StartError } from './start-error.js'

/** What is wrong with a disk that cannot be written. */
export type DiskFault = 'full' | 'quota' | 'read-only' | 'denied' | 'broken'

/** What each is called by the system (`error.code`), and by programs (C's `strerror`). */
const FAULTS: readonly { readonly fault: DiskFault; readonly codes: readonly string[]; readonly words: RegExp }[] = [
  { fault: 'full', codes: ['ENOSPC', 'EFBIG'], words: /No space left on device|File too large|OutOfDiskSpace/i },
  { fault: 'quota', codes: ['EDQUOT'], words: /quota exceeded/i },
  { fault: 'read-only', codes: ['EROFS'], words: /Read-only file system/i },
  { fault: 'denied', codes: ['EACCES', 'EPERM'], words: /Permission denied|Operation not permitted/i },
  { fault: 'broken', codes: ['EIO'], words: /Input\/output error/i },
]

/** Less than this is little, bytes: the local engine needs up to 20 MB to begin, and more than that to run. */
const LITTLE_BYTES = 64 * 1_024 * 1_024

/** The fault that a program's words tell of. */
export const diskFaultIn = (words: string): DiskFault | undefined => FAULTS.find((one) => one.words.test(words))?.fault

/** The fault that an error of the file system tells of. */
export const diskFaultOf = (error: unknown): DiskFault | undefined =>
  FAULTS.find(({ codes }) => codes.includes(String(Object(error).code)))?.fault

/** Is there little space for this folder? */
export function isNearlyFull(folder: string): boolean {
  const { free } = diskOf(folder)
  return free !== undefined && free < LITTLE_BYTES
}

/** The disk of a folder and how much is free there: `o disco montado em /dados (livres: 1,2 MB)`. */
export function nameDisk(folder: string): string {
  const { mount, free } = diskOf(folder)
  return `o disco montado em ${mount}${free === undefined ? '' : ` (livres: ${megabytes(free)})`}`
}

/**
 * What is wrong, where, and what to do, in one line.
 *
 * @param variable names another folder
 */
export function explainDisk(fault: DiskFault, folder: string, variable = 'PASTA_DADOS'): string {
  const disk = nameDisk(folder)
  const other = `ou defina outra pasta com ${variable}`
  switch (fault) {
    case 'full':
      return `Não há espaço para ${folder}: ${disk} está cheio. Libere 100 MB ou mais, ${other}.`
    case 'quota':
      return `Não há espaço para ${folder}: a cota do usuário acabou n${disk}. Aumente a cota ou apague arquivos, ${other}.`
    case 'read-only':
      return `Não é possível gravar em ${folder}: ${disk} é somente de leitura. Monte-o para escrita, ${other}.`
    case 'denied':
      return `Sem permissão para gravar em ${folder}, n${disk}. Dê a pasta ao usuário do serviço (chown), ${other}.`
    case 'broken':
      return `Erro de leitura ou gravação em ${folder}: veja ${disk} (dmesg), ${other}.`
  }
}

/**
 * An error of the start as a StartError that names the disk, where it tells of one that cannot be written, or there is little
 * space; any other one as it is.
 */
export function explained(error: unknown, folder: string): unknown {
  if (error instanceof StartError) return error
  const fault = diskFaultOf(error) ?? (isNearlyFull(folder) ? 'full' : undefined)
  return fault ? new StartError(explainDisk(fault, folder)) : error
}

/** The disk of a folder, or of the first one above it that is there. `free`: bytes, where the system tells. */
function diskOf(folder: string): { readonly mount: string; readonly free: number | undefined } {
  let there = resolve(folder)
  while (deviceOf(there) === undefined && dirname(there) !== there) there = dirname(there)
  let mount = there
  while (dirname(mount) !== mount && deviceOf(dirname(mount)) === deviceOf(there)) mount = dirname(mount)
  return { mount, free: freeBytes(there) }
}

/** `undefined`: there is nothing, or nothing that may be looked at. */
function deviceOf(path: string): number | undefined {
  try {
    return statSync(path).dev
  } catch {
    return undefined
  }
}

function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1_048_576).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} MB`
