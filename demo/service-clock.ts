// Loaded before the service, in its process: its wall time is the story's, which the demonstration tells it.
import { systemClock } from '../src/lib/clock.js'

let aheadMs = Number(process.env.DEMO_ADIANTE_MS)

systemClock.now = () => new Date(Date.now() + aheadMs)

process.on('message', (message) => {
  aheadMs = Number(message)
  process.send?.(message)
})
