import { afterAll, describe, expect, test } from 'vitest'
import { marathonTarget } from './marathon-target.ts'
import { conformance } from './suite.ts'

const target = await marathonTarget('1.11')
afterAll(() => target[Symbol.asyncDispose]())

const { notRun } = await conformance({ describe, test, skip: test.skip }, target)

test('all that Marathon cannot be asked for is what it does not have', () => {
  const reasons = notRun.map(({ group, reason }) => `${group}: ${reason}`)
  expect(reasons.filter((reason) => !reason.includes('capabilities'))).toEqual([])
})
