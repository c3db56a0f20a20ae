import type { Vez } from '../contrato.js'

/** What each screen of the manager knows. */
export interface ScreenProps {
  readonly vez: Vez
  /** Whether the session may change anything. */
  readonly podeMudar: boolean
  /** What stands in the path behind the screen's name: the number of a protocol, the slug of an account. */
  readonly alvo: string | undefined
}
