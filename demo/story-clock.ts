import { type Clock, systemClock } from '../src/lib/clock.js'

/** Where the story plays, whatever this machine's own zone is; Brazil has had no summer time since 2019. */
export const ZONE = 'America/Sao_Paulo'
const OFFSET = '-03:00'

/** Wall time as the story tells it: it begins early today, is moved ahead with each step, and runs on between them. */
export class StoryClock implements Clock {
  readonly #base: Clock
  readonly #date: string
  #aheadMs = 0
  #beforeMs = 0

  /** @param hour when the day begins, as `8:30` */
  constructor(hour: string, base: Clock = systemClock) {
    this.#base = base
    // Sweden writes dates as ISO does.
    this.#date = base.now().toLocaleDateString('sv-SE', { timeZone: ZONE })
    this.#aheadMs = this.#aheadAt(hour)
    this.#beforeMs = this.#aheadMs
  }

  /** How far it is ahead of the machine's clock; negative where the day began earlier. */
  get aheadMs(): number {
    return this.#aheadMs
  }

  now(): Date {
    return new Date(this.#base.now().getTime() + this.#aheadMs)
  }

  /** What it would say now without its last move: what is under way meanwhile was made by that time. */
  asBefore(): Date {
    return new Date(this.#base.now().getTime() + this.#beforeMs)
  }

  elapsed(): number {
    return this.#base.elapsed()
  }

  wait(ms: number): Promise<void> {
    return this.#base.wait(ms)
  }

  after(ms: number, callback: () => void): () => void {
    return this.#base.after(ms, callback)
  }

  /** Moves to this hour of the day, as `13:30`; never back. */
  moveTo(hour: string): void {
    this.#beforeMs = this.#aheadMs
    this.#aheadMs = Math.max(this.#aheadMs, this.#aheadAt(hour))
  }

  #aheadAt(hour: string): number {
    const at = Date.parse(`${this.#date}T${hour.padStart(5, '0')}:00${OFFSET}`)
    return at - this.#base.now().getTime()
  }
}

/** `9:10` → `9h10`, `9:00` → `9h` */
export const toldHour = (hour: string): string => hour.replace(':', 'h').replace(/h00$/, 'h')
