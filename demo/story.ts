import { AFTERNOON } from './afternoon.js'
import type { Step } from './day.js'
import { MORNING } from './morning.js'

/** A day in about two minutes. */
export const STORY: readonly Step[] = [...MORNING, ...AFTERNOON]
