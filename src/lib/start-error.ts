/** A start that cannot go on. The message is one line, cause and remedy, for the person at the terminal (Portuguese). */
export class StartError extends Error {
  override readonly name = 'StartError' as const
}
