import { afterAll, describe, expect, test } from 'vitest'
import { conformance } from './suite.ts'
import { swarmFakeTarget } from './swarm-fake-target.ts'

const target = await swarmFakeTarget()
afterAll(() => target[Symbol.asyncDispose]())

const { notRun } = await conformance({ describe, test, skip: test.skip }, target)

test('all that Swarm cannot be asked for is what it does not have', () => {
  const reasons = notRun.map(({ group, reason }) => `${group}: ${reason}`)
  expect(reasons.filter((reason) => !reason.includes('capabilities'))).toEqual([])
})
