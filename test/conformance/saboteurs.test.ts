import type { Capabilities } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { runCollecting } from './collecting-runner.ts'
import { saboteurs } from './saboteurs/all.ts'
import { override } from './saboteurs/override.ts'
import { resuming } from './saboteurs/resuming.ts'
import { Run } from './saboteurs/saboteur.ts'
import { simulatedTarget } from './simulated-target.ts'

/** Virtual minutes: what does not happen in two never does. */
const patience = 120_000

describe('the suite passes a sound adapter', () => {
  test('the simulated one, by a runner of its own', async () => {
    const { failures, passed } = await runCollecting({ ...simulatedTarget(), patience })
    expect(failures).toEqual([])
    expect(passed).toBeGreaterThan(140)
  })

  test('one that says nothing of what it cannot do, as if it were older than those flags', async () => {
    const target = simulatedTarget((adapter) => {
      const promises = Object.entries(adapter.capabilities).filter(([, value]) => value)
      const capabilities = Object.fromEntries(promises) as unknown as Capabilities
      return override(adapter, { capabilities })
    })
    const { failures, notRun } = await runCollecting({ ...target, patience })
    expect(failures).toEqual([])
    expect(notRun).toContainEqual(
      expect.objectContaining({ reason: 'capabilities.gapless is false' }),
    )
  })

  test('one whose watch goes on where it was after a cut', async () => {
    const target = simulatedTarget((adapter) => resuming(adapter))
    const { failures } = await runCollecting({ ...target, patience })
    expect(failures).toEqual([])
  })
})

describe('the suite catches an adapter that', () => {
  test.for(saboteurs)('$name', { timeout: 60_000 }, async ({ fails, spoil }) => {
    const run = new Run()
    const target = simulatedTarget((adapter) => spoil(adapter, run))
    const { failures } = await runCollecting({ ...target, patience })
    run.mopUp()
    const groups = [...new Set(failures.map(({ group }) => group))]
    const told = failures.map(({ group, test, error }) => `${group}: ${test}: ${error}`)
    expect(groups.sort(), told.join('\n')).toEqual([...fails].sort())
  })
})
