import { afterAll, describe, expect, test } from 'vitest'
import { marathonTarget } from '../conformance/marathon-target.ts'
import { conformance } from '../conformance/suite.ts'
import { RamlChecker } from '../raml/checker.ts'

/** The contract on one version of Marathon, and everything that goes over the wire meanwhile against its RAML. */
export async function runOnMarathon(version: '1.4' | '1.11'): Promise<void> {
  const checker = new RamlChecker(version)
  const target = await marathonTarget(version, (exchange) => checker.check(exchange))
  afterAll(() => target[Symbol.asyncDispose]())

  const { notRun } = await conformance({ describe, test, skip: test.skip }, target)

  test('all that Marathon cannot be asked for is what it does not have', () => {
    const reasons = notRun.map(({ group, reason }) => `${group}: ${reason}`)
    expect(reasons.filter((reason) => !reason.includes('capabilities'))).toEqual([])
  })

  test(`everything that was sent and answered meanwhile is what the RAML of ${version} says`, () => {
    expect([...new Set(checker.problems)]).toEqual([])
    expect(checker.requests).toBeGreaterThan(100)
    expect(checker.answers).toBeGreaterThan(2000)
  })
}
