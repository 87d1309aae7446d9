import { expect, it } from 'vitest'
import { fc } from '../support/property.ts'
import { COMMANDS, type Model } from './commands.ts'
import { Scene } from './scene.ts'

/** Another one tries other sequences: fast-check prints it, with the path to the failure. */
const SEED = Number(process.env.INTERMODAL_SEED ?? 20260101)
const RUNS = Number(process.env.INTERMODAL_RUNS ?? 60)

it('keeps its word on a cluster, whatever is asked of it and whatever befalls it', async () => {
  let ended = 0
  await fc.assert(
    fc.asyncProperty(
      fc.commands(COMMANDS, { maxCommands: 30, size: 'max' }),
      fc.record({
        seed: fc.nat(),
        // Thirty are soon forgotten: who goes on from there begins anew.
        history: fc.constantFrom(1000, 1000, 30),
        apps: fc.nat(2),
        begun: fc.constantFrom(0, 700, 20_000),
      }),
      async (commands, { seed, history, apps, begun }) => {
        const scene = new Scene(seed, history)
        await scene.begin(apps, begun)
        await fc.asyncModelRun(() => ({ model: new Map() as Model, real: scene }), commands)
        await scene.end()
        ended++
      },
    ),
    { numRuns: RUNS, seed: SEED },
  )
  expect(ended).toBe(RUNS)
})
