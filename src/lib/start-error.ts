import { OwnError } from './errors.js'

/** A start that cannot go on. The message is one line, cause and remedy, for the person at the terminal (Portuguese). */
export class StartError extends OwnError {
  override readonly name = 'StartError' as const
}
