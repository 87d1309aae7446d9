import { after, describe, test } from 'node:test'
import { createWorld } from 'intermodal/simulated'
import { conformance } from 'intermodal/testing'
import { crane } from './crane.ts'
import { Yard } from './yard.ts'

// Its clock only: hours of waiting pass in seconds.
const world = createWorld({ clock: 'manual' })
const yard = new Yard(() => world.clock.now())
const url = await yard.listen()
after(() => yard.close())

const trouble = (kind: NonNullable<Yard['trouble']>) => async () => {
  yard.trouble = kind
  return async () => {
    yard.trouble = undefined
  }
}

await conformance(
  { describe, test },
  {
    name: 'crane',
    connect: async () => crane(url, world.clock),
    workloads: { good: 'app:1', next: 'app:2', missing: 'nowhere/none:1' },
    faults: { refuse: trouble('refuse'), hang: trouble('hang'), lose: trouble('lose') },
    time: {
      async advance(milliseconds) {
        // Bytes on a socket take no virtual time: what is on its way arrives first.
        for (let turn = 0; turn < 12; turn++) await new Promise((done) => setImmediate(done))
        await world.advance(`${milliseconds}ms`)
      },
    },
  },
)
