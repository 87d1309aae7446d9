import { describe, expect, test } from 'vitest'
import { simulatedTarget } from './simulated-target.ts'
import { conformance } from './suite.ts'

const { notRun } = await conformance({ describe, test, skip: test.skip }, simulatedTarget())

test('the simulated orchestrator can be asked everything but what is native to real ones', () => {
  expect(notRun.map(({ group }) => group)).toEqual([
    'native patch',
    'watch that a cut costs nothing',
  ])
})
