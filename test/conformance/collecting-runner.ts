import { conformance, type Registered } from './suite.ts'
import type { Runner, Target } from './target.ts'

export interface Failure {
  readonly group: string
  readonly test: string
  readonly error: unknown
}

export interface Collected extends Registered {
  readonly passed: number
  readonly failures: readonly Failure[]
}

/** Runs the suite without a test runner and says how it went: for tests of the suite itself. */
export async function runCollecting(target: Target): Promise<Collected> {
  const tests: { group: string; name: string; body: () => Promise<void> }[] = []
  const path: string[] = []
  const runner: Runner = {
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    test(name, body) {
      tests.push({ group: path.at(-1) ?? '', name, body })
    },
    skip() {},
  }
  const registered = await conformance(runner, target)
  const failures: Failure[] = []
  for (const { group, name, body } of tests) {
    try {
      await body()
    } catch (error) {
      failures.push({ group, test: name, error })
    }
  }
  return { ...registered, passed: tests.length - failures.length, failures }
}
