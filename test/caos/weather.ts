import type { How } from '../../fakes/pipedrive/faults.js'
import { type Fault, WRITE } from '../support/proxy.js'
import { until } from '../support/until.js'
import type { Place, World } from './world.js'

/**
 * How far a service's clock may be from the machine's, ms: two of them are 40 s apart at most, which is less than any lease, so
 * that none is taken from whoever still works.
 */
const MOST_AHEAD_MS = 20_000
/** A write that takes so long, ms at most. */
const SLOW_MS = 800
/** Answers between two events of the weather, at most; and how long it waits for them, ms. */
const ANSWERS = 15
const QUIET_MS = 2_500

const HOW: readonly How[] = [
  'cortar_antes',
  'cortar_depois',
  'metade',
  'html',
  'vazio',
  { status: 503 },
  { lentoMs: 700 },
]
const FAULTS: readonly Fault[] = ['cut before', 'cut after', 'land late']

type Kind = readonly [name: string, happens: (at: Place) => Promise<void>]

/** What happens to a running system, one after the other: each kind once in every round, in whatever order. */
export class Weather {
  readonly counts = new Map<string, number>()
  readonly #world: World
  readonly #random: () => number

  constructor(world: World, random: () => number) {
    this.#world = world
    this.#random = random
  }

  /** @param answered how many requests have been answered so far: between two events some are */
  async rage(goesOn: () => boolean, answered: () => number): Promise<void> {
    const round: Kind[] = []
    while (goesOn()) {
      await this.#some(goesOn, answered)
      if (round.length === 0) round.push(...this.#kinds(goesOn, answered))
      const [kind] = round.splice(Math.floor(this.#random() * round.length), 1)
      if (!kind) return
      const [name, happens] = kind
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
      await happens(this.#pick(this.#world.places))
    }
  }

  /** All is as it should be: whoever is not there is begun anew, with this clock. */
  async calm(aheadMs: number): Promise<void> {
    for (const place of this.#world.places) {
      place.proxy.slowDown(WRITE, 0)
      await place.proxy.release()
      place.proxy.restart()
      place.aheadMs = aheadMs
      await this.#restart(place)
    }
  }

  #kinds(goesOn: () => boolean, answered: () => number): readonly Kind[] {
    const { fake, chatwoot, killEngine, setClock } = this.#world
    const random = this.#random
    return [
      ['a service killed', (place) => this.#restart(place)],
      ['the engine killed', killEngine],
      ['a write cut off or late', async ({ proxy }) => proxy.next(this.#pick(FAULTS))],
      ['all connections cut', async ({ proxy }) => proxy.restart()],
      ['slow writes', async ({ proxy }) => proxy.slowDown(WRITE, random() < 0.4 ? 0 : random() * SLOW_MS)],
      [
        'a frozen connection',
        async ({ proxy }) => {
          proxy.freeze()
          await this.#some(goesOn, answered)
          proxy.restart()
        },
      ],
      ['a clock stepped', (place) => setClock(place, Math.round((random() * 2 - 1) * MOST_AHEAD_MS))],
      ['a fault at Pipedrive', async () => fake.fault({ method: '*', path: /./, times: 1, how: this.#pick(HOW) })],
      ['an answer of the chat cut', async () => chatwoot.cutNext(/^POST .*(messages|assignments)$/)],
    ]
  }

  async #restart(place: Place): Promise<void> {
    const { process } = place
    place.process = undefined
    await process?.kill('SIGKILL')
    // The engine may be down: a start then ends, and is tried again.
    await until(
      async () =>
        this.#world.start(place).then(
          () => true,
          () => false,
        ),
      undefined,
      'a service',
    )
  }

  async #some(goesOn: () => boolean, answered: () => number): Promise<void> {
    const [enough, deadline] = [answered() + this.#random() * ANSWERS, performance.now() + QUIET_MS]
    await until(() => answered() >= enough || performance.now() > deadline || !goesOn())
  }

  #pick = <T>(list: readonly T[]): T => list[Math.floor(this.#random() * list.length)] as T
}
